"""Random work of agents: shares add up, deliveries in any order and number tell the same, joins multiply nothing.

The seed is printed; AGENT_SPEND_WORK_SEED runs one again.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from demo.delivery_api import DeliveryApi
from demo.local_server import LocalServer, Request, Response
from demo.work import Work
from tests.end_to_end.generated_work import AS_OF, JUDGED, REPOSITORY, UNSOLD, GeneratedWork
from tests.end_to_end.workbench import NO_UNIT_TESTS, Ask, Row, Workbench

pytestmark = pytest.mark.xdist_group("generated_work")

KEY = "a-pseudonym-key-for-generated-work-only"
MARTS = (
    "platform.fct_agent_calls",
    "platform.fct_agent_sessions",
    "platform.fct_tasks",
    "platform.fct_cost_per_completed_task",
    "platform.fct_model_shares_daily",
    "platform.fct_model_swaps",
    "engineering.fct_delivery_weekly",
)
# What more reviews, issues, trailers, tool calls and repeated judgements cannot change.
RATIOS = re.compile(r"(_per_|coverage|_ratio$|_rate$|_share$|share_|_factor$|_usd$|^spend|tasks)")


@dataclass(frozen=True)
class Told:
    """The ledger of one telling of the work."""

    ask: Ask

    def rows(self, mart: str, columns: Callable[[str], bool]) -> list[dict[str, object]]:
        """The rows of a mart with those of its columns, sorted."""
        schema, model = mart.split(".")
        names = [
            name
            for (name,) in self.ask(
                "select column_name from information_schema.columns where table_schema = "
                f"'{schema}' and table_name = '{model}' order by ordinal_position"
            )
            if columns(name)
        ]
        assert names, f"{mart} has none of those columns"
        listed = ", ".join(names)
        return [dict(zip(names, row, strict=True)) for row in self.ask(f"select {listed} from {mart} order by all")]


class Server(LocalServer):
    """GitHub's API about generated work."""

    def __init__(self, work: Work) -> None:
        """Serve it."""
        self._api = DeliveryApi(work)
        super().__init__()

    def answer(self, request: Request) -> Response | None:
        """The answer to a request."""
        return self._api.answer(request, AS_OF) or Response(404, b'{"message": "Not Found"}')


@pytest.fixture(scope="module")
def work() -> GeneratedWork:
    seed = int(os.environ.get("AGENT_SPEND_WORK_SEED") or random.SystemRandom().randrange(2**32))
    print(f"AGENT_SPEND_WORK_SEED={seed}")
    return GeneratedWork(seed)


@pytest.fixture(scope="module")
def tell(work: GeneratedWork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Told]]:
    """Tells the work in some way to extraction and dbt, and gives the ledger of it."""
    with ExitStack() as stack:

        def ledger(*, twice: bool = False, with_more: bool = False) -> Told:
            bench = Workbench(tmp_path_factory.mktemp("work"))
            told = bench.folder / "told"
            work.write(told, twice=twice, with_more=with_more)
            server = stack.enter_context(Server(work.work(with_more=with_more)))
            _extract(bench, told, server.url)
            if twice:
                work.write_late(told)
                _extract(bench, told, server.url)
            selected = (f"+{mart.split('.')[1]}" for mart in MARTS)
            bench.build(AS_OF, *NO_UNIT_TESTS, "--indirect-selection", "cautious", "--select", *selected)
            return Told(stack.enter_context(bench.query()))

        yield ledger


def _extract(bench: Workbench, told: Path, url: str) -> None:
    outcome = bench.extract(
        {
            "AGENT_SPEND_PSEUDONYM_KEY": KEY,
            "SOURCES__OTEL__BUCKET_URL": str(told / "traces"),
            "SOURCES__FINANCE__BUCKET_URL": str(told / "finance"),
            "SOURCES__GITHUB_DELIVERY__API_URL": url,
            "SOURCES__GITHUB_DELIVERY__TOKEN": "token-of-a-local-server",
            "SOURCES__GITHUB_DELIVERY__REPOSITORIES": f'["{REPOSITORY}"]',
            "SOURCES__GITHUB_DELIVERY__POINTS_PER_MINUTE": "1000000",
        },
        AS_OF,
    )
    assert not outcome.problems


@pytest.fixture(scope="module")
def once(tell: Callable[..., Told]) -> Told:
    return tell()


@settings(max_examples=30, deadline=None)
@given(seed=integers(0, 2**32 - 1))
def test_no_seed_lacks_what_must_not_be_missing(seed: int) -> None:
    work = GeneratedWork(seed)
    assert max(len(session.pull_requests) for session in work.sessions) == 7
    reached = Counter(number for session in work.sessions for number in session.pull_requests)
    assert max(reached.values()) > 1
    assert {len(session.services) for session in work.sessions} == {1, 2}
    calls = [call for session in work.sessions for call in session.calls]
    assert any(call.reported is None and call.model == UNSOLD for call in calls)
    assert any(call.reported is None and call.model != UNSOLD for call in calls)
    assert any(session.reported_usd is not None for session in work.sessions)
    assert {session.score for session in work.sessions if session.service == JUDGED} == {None, 0, 1}
    fates = {(one.closed_at is not None, one.merged_at is not None) for one in work.work().pull_requests}
    assert fates == {(False, False), (True, False), (True, True)}
    with TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        work.write(told, twice=True)
        in_time = _delivered(told)
        work.write_late(told)
        everything = _delivered(told)
    assert min(in_time.values()) >= 2
    late = everything.keys() - in_time.keys()
    assert late
    assert min(everything[span] for span in late) >= 2
    assert len(everything) == len(calls)


def _delivered(told: Path) -> Counter[tuple[str, str]]:
    """How often each span was delivered."""
    requests = [json.loads(line) for file in (told / "traces").iterdir() for line in file.read_text().splitlines()]
    return Counter(
        (span["traceId"], span["spanId"])
        for request in requests
        for resource in request.get("resourceSpans", ())
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    )


def test_what_must_not_be_missing_reaches_the_ledger(once: Told, work: GeneratedWork) -> None:
    unsold = sum(call.model == UNSOLD and call.reported is None for session in work.sessions for call in session.calls)
    assert once.ask("select count(*) from platform.fct_agent_calls where cost_usd is null") == [(unsold,)]
    assert set(
        once.ask(
            "select session_id from intermediate.int_tasks__task_shares group by session_id"
            " having count(distinct workflow_id) = 2"
        )
    ) == {(session.session_id,) for session in work.sessions if len(session.services) == 2}
    outcomes = {outcome for (outcome,) in once.ask("select distinct outcome from platform.fct_tasks")}
    assert {"completed", "unknown"} <= outcomes


def test_the_shares_of_a_session_add_up_to_its_cost(once: Told, work: GeneratedWork) -> None:
    shares = dict(
        once.ask("select session_id, sum(share_cost_usd) from intermediate.int_tasks__task_shares group by session_id")
    )
    calls = dict(once.ask("select session_id, sum(cost_usd) from platform.fct_agent_calls group by session_id"))
    assert len(calls) == len(work.sessions)
    assert shares == calls
    for session in work.sessions:
        if session.reported_usd is not None:
            assert shares[session.session_id] == session.reported_usd, session


def test_a_session_counts_for_every_pull_request_that_it_reaches(once: Told, work: GeneratedWork) -> None:
    reached = once.ask("select session_id, task_id from intermediate.int_tasks__task_shares where is_attributed")
    expected = {
        (session.session_id, f"{REPOSITORY}#{number}")
        for session in work.sessions
        if session.service == "merging-agent"
        for number in session.pull_requests
    }
    assert {(session, task) for session, task in reached if task.startswith(REPOSITORY)} == expected


def test_no_cost_is_lost_or_repeated(once: Told) -> None:
    ((calls,),) = once.ask("select sum(cost_usd) from platform.fct_agent_calls")
    assert once.ask("select sum(cost_usd) from platform.fct_tasks") == [(calls,)]
    assert once.ask("select sum(cost_usd) from platform.fct_agent_sessions") == [(calls,)]
    weeks = "select sum(coalesce(spend_usd, 0) + coalesce(unattributed_spend_usd, 0))"
    assert once.ask(f"{weeks} from platform.fct_cost_per_completed_task") == [(calls,)]


def test_the_cost_of_a_completed_task_is_spend_by_tasks(once: Told) -> None:
    rows = once.ask(
        """
        select spend_usd, tasks_completed, cost_per_completed_task, cost_coverage, outcome_coverage, null_reason
        from platform.fct_cost_per_completed_task
        """
    )
    told = [row for row in rows if row[2] is not None]
    assert told, "no week of any workflow has a ratio: the generated work is too thin"
    for spend, completed, ratio, cost_coverage, outcome_coverage, reason in told:
        assert abs(ratio - spend / completed) <= Decimal("0.000000001")
        assert min(cost_coverage, outcome_coverage) >= Decimal("0.8")
        assert reason is None
    assert all(_has_a_good_reason(row) for row in rows if row[2] is None)


def _has_a_good_reason(row: Row) -> bool:
    spend, completed, _, cost_coverage, outcome_coverage, reason = row
    return {
        "cost_coverage_below_threshold": cost_coverage is not None and cost_coverage < Decimal("0.8"),
        "outcome_coverage_below_threshold": outcome_coverage is not None and outcome_coverage < Decimal("0.8"),
        "no_completed_task": completed == 0,
        "no_calls": spend is None,
    }.get(reason, False)


def test_any_order_and_any_number_of_deliveries_tell_the_same(once: Told, tell: Callable[..., Told]) -> None:
    again = tell(twice=True)
    for mart in MARTS:
        assert again.rows(mart, lambda _: True) == once.rows(mart, lambda _: True), mart


def test_nothing_beside_the_cost_multiplies_a_ratio(once: Told, tell: Callable[..., Told]) -> None:
    """Every ratio and amount, over more reviews, issues, labels, trailers, tool calls and repeated judgements."""
    fanned_out = tell(with_more=True)
    ((reviews,),) = fanned_out.ask("select count(*) from staging.stg_github_delivery__reviews")
    assert reviews > 50, "nothing was fanned out"
    for mart in MARTS:
        assert fanned_out.rows(mart, _is_ratio_or_amount) == once.rows(mart, _is_ratio_or_amount), mart


def _is_ratio_or_amount(column: str) -> bool:
    return bool(RATIOS.search(column))
