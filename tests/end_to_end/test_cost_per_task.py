"""What completed tasks of the invented company cost, against the ground truth: every planted fact, one by one.

Its agents' traces come as files in every shape and in names of every age; its pull requests come from GitHub.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date
from decimal import Decimal
from typing import Any

import pytest

from demo.company import Company
from demo.constants import AS_OF, CREDIT_PRICE_USD
from demo.traces_emitters import emit
from demo.traces_files import BAD_LINE, RETRIED_WEEK, ROTATED
from demo.traces_model import Session
from demo.traces_truth import MINUTES_SAVED, SwapTruth, TracesTruth, WeekTruth, shares_of, task_ids
from demo.traces_workloads import DOCS_OTHER_ANSWER_WEEK, DUPLICATES_WEEK, OFF_HOURS_WEEK, workflows
from demo.work import CHECKOUT, CLOUD_CREDITS, FEATURE_CLOSED, RERUNS, SWAPPED_ON, WEEKS
from demo.work_records import uuid_of
from demo.work_seeds import WORKFLOWS
from tests.end_to_end.workbench import Ask, Row

pytestmark = pytest.mark.xdist_group("demo")

# Ratios and products of them are kept to nine decimals.
CUT = Decimal("0.000000002")
OUTCOMES = ("completed", "failed", "abandoned", "unknown")
BASES = {
    "dependency-update": "computed_from_tokens",
    "feature-work": "reported_by_agent",
    "cloud-agent": "reported_by_vendor",
    "issue-triage": "computed_from_tokens",
    "code-review": "reported_by_agent",
    "docs-writer": "reported_by_agent",
    "release-notes": "unpriced",
    "test-generation": "reported_by_agent",
    "commit-helper": "reported_by_vendor",
    "github-copilot": "reported_by_vendor",
}


@pytest.fixture(scope="module")
def truth(company: Company) -> TracesTruth:
    """What must be found."""
    return TracesTruth(company)


def near(amount: Decimal | None) -> Any:
    """An amount up to what nine decimals cut off; None is only None."""
    return None if amount is None else pytest.approx(amount, abs=CUT)


def of(truth: TracesTruth, workflow: str) -> list[Session]:
    return [session for session in truth.sessions if session.workflow == workflow]


def session_row(ask: Ask, session_id: str, *columns: str) -> Row:
    """Columns of a line of the work record."""
    found = ask(f"select {', '.join(columns)} from platform.fct_agent_sessions where session_id = '{session_id}'")
    assert len(found) == 1
    return found[0]


# What is read.


def test_every_span_is_there_and_counted_once(ask: Ask, truth: TracesTruth) -> None:
    """However often it was delivered: of one of the bot's weeks a part came twice."""
    expected = Counter({session.service: 0 for session in truth.sessions})
    for session in truth.sessions:
        expected[session.service] += len(emit(session).spans)
    found = dict(ask("select service_name, count(*) from intermediate.int_tasks__spans group by service_name"))
    assert found == dict(expected)
    delivered = dict(ask("select service_name, count(*) from raw_otel.spans group by service_name"))
    twice = {name for name, number in delivered.items() if number > found[name]}
    assert twice == {"dependency-bot"}
    weeks = ask("""
        select distinct date_trunc('week', min(started_at)) from raw_otel.spans
        group by trace_id, span_id having count(*) > 1
    """)
    assert [week.date() for (week,) in weeks] == [RETRIED_WEEK]


def test_a_rotated_file_is_read_once(ask: Ask) -> None:
    """Renamed with its content between two extractions: what it had is not loaded again."""
    readings = ask("""
        select source_file, sum(spans) from raw_otel.file_readings
        where source_file like '%collector/traces%' group by source_file
    """)
    loaded = ask("select count(*), count(distinct span_id) from raw_otel.spans where service_name = 'claude-code'")
    assert sum(spans for _, spans in readings) == loaded[0][0] == loaded[0][1]
    rotated = [spans for name, spans in readings if name.endswith(ROTATED)]
    assert sum(rotated) == 0


def test_a_bad_line_is_told_and_costs_nothing_else(ask: Ask, truth: TracesTruth) -> None:
    found = ask("select source_file, line_number from raw_otel.rejected_lines")
    assert [(name.rpartition("docs-agent/")[2], line) for name, line in found] == [("traces.jsonl", BAD_LINE)]
    sessions = ask("select count(*) from platform.fct_agent_sessions where service_name = 'docs-agent'")
    assert sessions == [(len(of(truth, "docs-writer")),)]


def test_nothing_that_people_wrote_or_are_called_is_loaded(ask: Ask, truth: TracesTruth) -> None:
    emails = {session.person.email for session in truth.sessions if session.person}
    assert emails
    for table in ("spans", "events"):
        rows = [str(row) for row in ask(f"select * from raw_otel.{table}")]
        for word in ("Write the section", "src/Cart", *emails):
            assert not any(word in row for row in rows), word


# Calls.


@pytest.mark.parametrize("workflow", workflows())
def test_every_call_is_counted_on_one_level(ask: Ask, truth: TracesTruth, workflow: str) -> None:
    """Roots that repeat their calls' totals, and calls that spans and events both tell, are one each."""
    calls = [call for session in of(truth, workflow) for call in session.calls]
    cost = [call.cost_usd for call in calls if call.cost_usd is not None]
    tokens = [call.tokens for call in calls if call.tokens]
    found = ask(f"""
        select
            count(*), count(cost_usd), sum(cost_usd), sum(input_uncached_tokens), sum(cache_read_tokens),
            sum(cache_write_tokens), sum(output_tokens)
        from platform.fct_agent_calls where workflow_id = '{workflow}'
    """)
    totals = [sum(getattr(one, name) for one in tokens) for name in ("input_uncached", "cache_read", "cache_write")]
    outputs = sum(one.output for one in tokens)
    assert found[0][:3] == (len(calls), len(cost), sum(cost, Decimal(0)) if cost else None)
    assert [value or 0 for value in found[0][3:]] == [*totals, outputs]


def test_each_cost_says_what_it_rests_on(ask: Ask, truth: TracesTruth) -> None:
    """The agent's word, the vendor's, or tokens at list price: never silently one for another."""
    found: dict[str, set[str]] = defaultdict(set)
    for workflow, basis in ask(
        "select workflow_id, cost_basis from platform.fct_agent_calls where is_success is not false"
    ):
        found[workflow].add(basis)
    assert found == {workflow: {basis} for workflow, basis in BASES.items()}


def test_an_agent_whose_traces_lack_cost(ask: Ask, truth: TracesTruth) -> None:
    """Triage tells tokens alone, in deprecated names first: they are worth what the price list says."""
    calls = [call for session in of(truth, "issue-triage") for call in session.calls]
    found = ask("""
        select count(reported_cost_usd), sum(computed_usd), sum(cost_usd) from (
            select coalesce(vendor_reported_usd, agent_reported_usd) as reported_cost_usd, computed_usd, cost_usd
            from platform.fct_agent_calls where workflow_id = 'issue-triage'
        ) as calls
    """)
    total = sum((call.computed_usd or Decimal(0) for call in calls), Decimal(0))
    assert found == [(0, near(total), near(total))]


def test_an_agent_that_tells_ten_times_its_cost(ask: Ask, truth: TracesTruth) -> None:
    found = ask("""
        select workflow_id, min(reported_to_computed), max(reported_to_computed) from platform.fct_agent_calls
        where is_cost_suspicious group by workflow_id
    """)
    assert found == [("test-generation", near(Decimal(10)), near(Decimal(10)))]
    assert truth.suspicious == {"test-generation"}


def test_copilot_s_cost_is_a_multiplier_and_its_units_are_billed(ask: Ask, truth: TracesTruth) -> None:
    """0.33 stands on every span; an AI unit is a credit, and a session's are what GitHub's API says."""
    found = ask("""
        select workflow_id, session_id, sum(vendor_reported_usd), count(agent_reported_usd)
        from platform.fct_agent_calls where workflow_id in ('cloud-agent', 'github-copilot') group by 1, 2
    """)
    expected = {one.session_id: one.cost_usd for name in ("cloud-agent", "github-copilot") for one in of(truth, name)}
    assert {session: cost for _, session, cost, _ in found} == {key: near(cost) for key, cost in expected.items()}
    assert {number for *_, number in found} == {0}
    cloud = {cost for workflow, _, cost, _ in found if workflow == "cloud-agent"}
    assert cloud == {CLOUD_CREDITS * CREDIT_PRICE_USD}


def test_a_model_that_answered_for_another(ask: Ask, truth: TracesTruth) -> None:
    """A call is priced by who answered; the request's name alone would say too much."""
    found = ask("""
        select min(usage_date), count(*), sum(cost_usd) from platform.fct_agent_calls
        where workflow_id = 'docs-writer' and model_key = 'anthropic/claude-haiku-4-5'
    """)
    own = [call for session in of(truth, "docs-writer") for call in session.calls if call.asked != call.answered]
    assert found == [(DOCS_OTHER_ANSWER_WEEK, len(own), sum((call.cost_usd or Decimal(0) for call in own), Decimal(0)))]


# Sessions, and the pull requests that they worked on.


def test_every_session_is_a_line_of_the_work_record(ask: Ask, truth: TracesTruth) -> None:
    found = {
        row[0]: row[1:]
        for row in ask("""
            select session_id, workflow_id, service_name, model_calls, retries, tool_calls, cost_usd
            from platform.fct_agent_sessions
        """)
    }
    assert found.keys() == truth.by_id.keys()
    for key, session in truth.by_id.items():
        counts = (len(session.calls), session.retries, len(session.tools))
        assert found[key][:5] == (session.workflow, session.service, *counts), key
        assert found[key][5] == near(session.cost_usd), key


def test_every_link_has_its_evidence(ask: Ask, truth: TracesTruth) -> None:
    """By number, address, Copilot's tasks, checkpoint, git note, commit or branch; each is planted."""
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for session, pull_request, evidence in ask("""
        select session_id, pull_request_key, evidence from intermediate.int_tasks__session_links where is_used
    """):
        found[session][0].add(pull_request)
        found[session][1].add(evidence)
    linked = {one.session_id: one for one in truth.sessions if one.pull_requests}
    assert found.keys() == linked.keys()
    for key, session in linked.items():
        assert found[key] == (set(session.pull_requests), {session.evidence}), key
    assert {session.evidence for session in linked.values()} == {
        *("change_id", "session_url", "agent_session", "checkpoint", "git_note", "commit_sha", "branch"),
    }


def test_a_session_of_two_pull_requests_is_split(ask: Ask, truth: TracesTruth) -> None:
    """Evenly, to the last decimal, and its calls are counted once."""
    (session,) = truth.shared
    found = ask(f"""
        select task_id, share_cost_usd, is_first_share from intermediate.int_tasks__task_shares
        where session_id = '{session.session_id}' order by task_id
    """)
    shares = shares_of(session)
    assert [row[:2] for row in found] == list(shares.items())
    assert sum(row[1] for row in found) == session.cost_usd
    assert sum(row[2] for row in found) == 1
    assert session_row(ask, session.session_id, "pull_requests", "model_calls") == (2, len(session.calls))


def test_a_session_without_a_pull_request(ask: Ask, truth: TracesTruth) -> None:
    """Its cost belongs to no task, stands beside the others and is in no ratio but the one that says so."""
    (session,) = [one for one in of(truth, "feature-work") if not one.pull_requests]
    (task,) = task_ids(session)
    assert ask(f"""
        select is_attributed, unattributed_reason, outcome, cost_usd from platform.fct_tasks where task_id = '{task}'
    """) == [(False, "no_pull_request", "unknown", session.cost_usd)]
    (week,) = [day for day in WEEKS if day <= session.started_at.date()][-1:]
    found = ask(f"""
        select spend_usd, unattributed_spend_usd, tasks_completed, cost_per_completed_task_with_unattributed
        from platform.fct_cost_per_completed_task
        where workflow_id = 'feature-work' and iso_week = date '{week}'
    """)
    spend, unattributed, completed, both = found[0]
    assert unattributed == session.cost_usd
    assert spend == truth.weeks["feature-work", week].spend()
    # A third of its calls failed: too little is known to say anything of both together.
    assert completed > 0
    assert both is None or both == near((spend + unattributed) / completed)


def test_what_people_said_to_the_agents(ask: Ask, truth: TracesTruth) -> None:
    for session in of(truth, "feature-work"):
        decisions = Counter(tool.decision for tool in session.tools if tool.decision)
        found = session_row(ask, session.session_id, "human_approvals", "human_rejections", "test_runs", "failed_calls")
        failed = sum(not call.is_success for call in session.calls)
        assert found == (decisions["accept"], decisions["reject"], session.test_runs, failed), session.session_id


def test_people_are_pseudonyms_and_machines_are_nobody(ask: Ask, truth: TracesTruth) -> None:
    found = ask("""
        select service_name, principal_kind, count(distinct principal_key) from platform.fct_agent_sessions
        group by 1, 2
    """)
    people = {session.person.email for session in of(truth, "feature-work") if session.person}
    assert [row[1:] for row in found if row[0] == "claude-code"] == [("human_seat", len(people))]
    assert {kind for service, kind, _ in found if service != "claude-code"} <= {"service_account", "unattributed"}


def test_people_s_commits_after_the_agent_s(ask: Ask, truth: TracesTruth) -> None:
    for session in of(truth, "dependency-update"):
        (key,) = session.pull_requests
        expected = truth.work.by_key[key].human_commits_after_agent
        assert session_row(ask, session.session_id, "human_rewrites") == (expected,), key


# Tasks.


@pytest.mark.parametrize("workflow", workflows())
def test_every_task_has_its_cost_and_its_outcome(ask: Ask, truth: TracesTruth, workflow: str) -> None:
    found = {
        row[0]: row[1:]
        for row in ask(f"""
            select task_id, iso_week, sessions, is_attributed, outcome, outcome_evidence, cost_usd
            from platform.fct_tasks where workflow_id = '{workflow}'
        """)
    }
    expected = {task.task_id: task for task in truth.whole(workflow).tasks}
    assert found.keys() == expected.keys()
    for key, task in expected.items():
        about = (task.week, len(task.sessions), task.is_attributed, task.outcome, task.evidence)
        assert found[key][:5] == about, key
        assert found[key][5] == near(task.cost_usd), key


@pytest.mark.parametrize("workflow", workflows())
def test_every_week_of_a_workflow(ask: Ask, truth: TracesTruth, workflow: str) -> None:
    found = {
        row[0]: row[1:]
        for row in ask(f"""
            select
                iso_week, tasks, tasks_completed, tasks_failed, tasks_abandoned, tasks_unknown, sessions, model_calls,
                priced_calls, null_reason, spend_usd, completed_spend_usd, failed_spend_usd, abandoned_spend_usd,
                unknown_outcome_spend_usd, cost_coverage, outcome_coverage, cost_per_completed_task
            from platform.fct_cost_per_completed_task where workflow_id = '{workflow}'
        """)
    }
    expected = {week: one for (name, week), one in truth.weeks.items() if name == workflow}
    assert found.keys() == expected.keys()
    for week, one in expected.items():
        counts = (len(one.attributed), *(one.count(outcome) for outcome in OUTCOMES))  # type: ignore[arg-type]
        calls = (len(one.sessions), len(one.calls), one.priced_calls)
        assert found[week][:9] == (*counts, *calls, one.null_reason), week
        spends = (one.spend(), *(one.spend(outcome) for outcome in OUTCOMES))  # type: ignore[arg-type]
        amounts = (*spends, one.cost_coverage, one.outcome_coverage, one.cost_per_completed_task)
        assert found[week][9:] == tuple(map(near, amounts)), week


def test_spend_on_what_failed_stays_in_what_a_completed_task_costs(ask: Ask, truth: TracesTruth) -> None:
    found = ask("""
        select sum(spend_usd), sum(failed_spend_usd), sum(abandoned_spend_usd) from platform.fct_cost_per_completed_task
        where workflow_id = 'dependency-update'
    """)
    whole = truth.whole("dependency-update")
    assert found == [tuple(near(one) for one in (whole.spend(), whole.spend("failed"), whole.spend("abandoned")))]
    assert min(found[0]) > 0


def test_all_that_was_spent_is_in_a_task(ask: Ask) -> None:
    calls, tasks, weeks = (
        ask(f"select sum({what}) from platform.{mart}")
        for what, mart in (
            ("cost_usd", "fct_agent_calls"),
            ("cost_usd", "fct_tasks"),
            ("coalesce(spend_usd, 0) + coalesce(unattributed_spend_usd, 0)", "fct_cost_per_completed_task"),
        )
    )
    assert calls == tasks == weeks


def test_a_workflow_of_unknown_outcomes_says_nothing_and_why(ask: Ask) -> None:
    found = ask("""
        select distinct cost_per_completed_task, outcome_coverage, null_reason, owner
        from platform.fct_cost_per_completed_task where workflow_id = 'docs-writer'
    """)
    assert found == [(None, 0, "outcome_coverage_below_threshold", None)]


def test_a_workflow_without_tokens_says_nothing_and_why(ask: Ask) -> None:
    """Its outcomes are known from a file; its cost is unknown, which is not zero."""
    found = ask("""
        select distinct spend_usd, cost_per_completed_task, cost_coverage, outcome_coverage, null_reason
        from platform.fct_cost_per_completed_task where workflow_id = 'release-notes'
    """)
    assert found == [(None, None, 0, 1, "cost_coverage_below_threshold")]
    reasons = ask("select distinct unpriced_reason from platform.fct_agent_calls where workflow_id = 'release-notes'")
    assert reasons == [("no_tokens",)]


def test_a_draft_that_nobody_looks_at_is_abandoned(ask: Ask, truth: TracesTruth) -> None:
    found = ask(
        "select workflow_id, task_id, outcome_evidence from platform.fct_tasks where outcome = 'abandoned' order by 1"
    )
    drafts = [one for one in truth.work.pull_requests if one.is_draft and one.is_open and one.sessions]
    assert {task for _, task, _ in found} == {one.key for one in drafts}
    assert [(workflow, evidence) for workflow, _, evidence in found] == [
        ("dependency-update", "open_pull_request"),
        ("feature-work", "open_pull_request"),
    ]


def test_the_last_word_of_an_evaluator_counts(ask: Ask, truth: TracesTruth) -> None:
    (twice,) = [one for one in of(truth, "issue-triage") if len(one.evaluations) > 1]
    assert [one.is_pass for one in twice.evaluations] == [False, True]
    found = ask(f"select outcome, outcome_evidence from platform.fct_tasks where task_id = '{twice.task_id}'")
    assert found == [("completed", "evaluation")]


def test_minutes_that_completed_tasks_save(ask: Ask, truth: TracesTruth) -> None:
    """By the company's own word; nothing where there is none."""
    found = dict(
        ask("select workflow_id, sum(minutes_saved) from platform.fct_cost_per_completed_task group by workflow_id")
    )
    expected: dict[str, int | None] = {
        name: MINUTES_SAVED[name] * truth.whole(name).count("completed") if name in MINUTES_SAVED else None
        for name in workflows()
    }
    assert found == expected
    owners = dict(ask("select distinct workflow_id, owner from platform.fct_cost_per_completed_task"))
    assert owners == {name: WORKFLOWS[name][2] if name in WORKFLOWS else None for name in workflows()}


# Swaps.


def swap_row(ask: Ask, workflow: str, *columns: str) -> Row:
    """The swap of a workflow's model."""
    found = ask(f"""
        select {", ".join(columns)} from platform.fct_model_swaps
        where workflow_id = '{workflow}' and swap_kind = 'model'
    """)
    assert len(found) == 1, f"swaps of {workflow}: {len(found)}"
    return found[0]


def counted(one: WeekTruth) -> tuple[int, int, int]:
    return len(one.calls), len(one.attributed), one.count("completed")


@pytest.mark.parametrize("workflow", ["dependency-update", "code-review"])
def test_a_swap_is_found_with_what_lies_before_it_and_after_it(ask: Ask, truth: TracesTruth, workflow: str) -> None:
    swap: SwapTruth = truth.swap(workflow)
    before, after, at = swap_row(ask, workflow, "value_before", "value_after", "swapped_at")
    assert (before, after) == (f"anthropic/{swap.model_before}", f"anthropic/{swap.model_after}")
    assert at.replace(tzinfo=UTC) == swap.swapped_at
    for side, one in (("before", swap.before), ("after", swap.after)):
        names = [f"{name}_{side}" for name in ("calls", "tasks", "completed", "cost_per_completed_task")]
        found = swap_row(ask, workflow, *names)
        assert found[:3] == counted(one), side
        assert found[3] == near(one.cost_per_completed_task), side


@pytest.mark.parametrize("workflow", ["dependency-update", "code-review"])
def test_a_swap_is_decomposed(ask: Ask, truth: TracesTruth, workflow: str) -> None:
    """Price, tokens per call, calls per task and success make up the ratio; the mix of classes stayed as it was."""
    swap = truth.swap(workflow)
    names = ("cost_ratio", "mix_factor", "price_factor", "tokens_per_call_factor", "calls_per_task_factor")
    ratio, mix, price, tokens, calls, success = swap_row(ask, workflow, *names, "success_factor")
    close = Decimal("0.00000001")
    assert ratio == pytest.approx(swap.cost_ratio, abs=close)
    assert mix == pytest.approx(1, abs=close)
    assert price == pytest.approx(swap.price_factor, abs=close)
    assert tokens == pytest.approx(swap.tokens_per_call_factor, abs=close)
    assert calls == pytest.approx(swap.calls_per_task_factor, abs=close)
    assert success == pytest.approx(swap.success_factor, abs=close)
    assert mix * price * tokens * calls * success == pytest.approx(ratio, abs=close)


def test_a_dearer_model_that_also_needs_more_is_an_alert(ask: Ask, truth: TracesTruth) -> None:
    """Cost per completed task more than doubled, and only the smaller part of it is the price."""
    swap = truth.swap("dependency-update")
    assert swap.cost_ratio > 2 > swap.price_factor
    found = swap_row(ask, "dependency-update", "verdict", "is_alert_candidate", "is_same_list_price")
    assert found == ("cost_regression", True, False)
    assert swap.swapped_at.date() == SWAPPED_ON
    alerts = ask("select distinct workflow_id from platform.fct_model_swaps where is_alert_candidate")
    assert alerts == [("dependency-update",)]


def test_a_swap_without_a_price_change_is_a_swap_and_no_regression(ask: Ask) -> None:
    found = swap_row(ask, "code-review", "verdict", "is_alert_candidate", "is_same_list_price")
    assert found == ("swap_only", False, True)


def test_shares_of_models_by_day(ask: Ask, truth: TracesTruth) -> None:
    found = Counter(
        {
            (day, model): calls
            for day, model, calls in ask("""
                select usage_date, model_key, sum(calls) from platform.fct_model_shares_daily
                where workflow_id = 'dependency-update' group by 1, 2
            """)
        }
    )
    expected: Counter[tuple[date, str]] = Counter(
        (call.started_at.date(), f"anthropic/{call.answered}")
        for session in of(truth, "dependency-update")
        for call in session.calls
    )
    assert found == expected


# Burn patterns: what was planted is found where it was planted, and nowhere else.
# What fewer than smallest_group persons show is told by no mart.


def burns(ask: Ask, pattern: str) -> set[tuple[date, str]]:
    """Weeks and workflows of a pattern."""
    return set(
        ask(f"""
            select iso_week, subject from governance.fct_burn_patterns
            where pattern = '{pattern}' and subject_kind = 'workflow'
        """)
    )


def test_large_output_that_was_never_merged(ask: Ask, truth: TracesTruth) -> None:
    """One person's session alone: it is found, and told of no subject."""
    session = truth.by_id[uuid_of(f"feature/{FEATURE_CLOSED[0]}/{FEATURE_CLOSED[1]}")]
    assert ask("select repository, quantity, estimated_spend_usd from intermediate.int_tasks__burn_unmerged") == [
        (CHECKOUT, session.tokens.output, session.cost_usd)
    ]
    assert ask("select * from governance.fct_burn_patterns where pattern = 'large_output_unmerged'") == []


def test_retries_without_an_accepted_artifact(ask: Ask, truth: TracesTruth) -> None:
    """One person's session alone: it is found, and told of no workflow."""
    (session,) = [one for one in of(truth, "feature-work") if not one.pull_requests]
    week = max(day for day in WEEKS if day <= session.started_at.date())
    assert ask("select iso_week, workflow_id, quantity from intermediate.int_tasks__burn_retries") == [
        (week, "feature-work", session.retries)
    ]
    assert burns(ask, "retries_without_acceptance") == set()


def test_automation_at_night(ask: Ask) -> None:
    assert burns(ask, "off_hours") == {(OFF_HOURS_WEEK, "test-generation")}


def test_the_same_request_in_three_repositories(ask: Ask) -> None:
    """Six sessions of two calls each; those of the first repository are no repetition."""
    assert burns(ask, "duplicate_requests") == {(DUPLICATES_WEEK, "docs-writer")}
    assert ask("select evidence_rows from governance.fct_burn_patterns where pattern = 'duplicate_requests'") == [(8,)]


def test_the_largest_model_for_small_tasks(ask: Ask) -> None:
    assert burns(ask, "largest_model_small_tasks") == {(week, "commit-helper") for week in WEEKS}


def test_the_whole_suite_again_and_again(ask: Ask, truth: TracesTruth) -> None:
    """The first run is none that was repeated. One person's session alone: found, and told of no workflow."""
    session = truth.by_id[uuid_of(f"feature/{RERUNS[0]}/{RERUNS[1]}")]
    assert ask("select iso_week, workflow_id, count(*) from intermediate.int_tasks__burn_reruns group by all") == [
        (RERUNS[0], "feature-work", session.test_runs - 1)
    ]
    assert burns(ask, "full_suite_reruns") == set()


def test_nothing_lies_beyond_the_demo_s_last_day(ask: Ask) -> None:
    last = ask("select max(cast(ended_at as date)) from platform.fct_agent_sessions")
    assert last[0][0] < AS_OF
