"""The invented agents' files are what such agents write, and the truth about their tasks adds up."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from demo.billing_seeds import write
from demo.company import AS_OF, FIRST_AS_OF, Company, build_company
from demo.traces_files import ROTATED, write_traces
from demo.traces_model import PRICES, Tokens
from demo.traces_truth import TracesTruth, shares_of
from demo.work import CHECKOUT, FIRST_MONDAY, WEEKS, work
from demo.work_seeds import rows

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "demo"
HEX = {"traceId": r"[0-9a-fA-F]{32}", "spanId": r"[0-9a-fA-F]{16}", "parentSpanId": r"[0-9a-fA-F]{16}"}
VALUES = {"stringValue": str, "boolValue": bool, "doubleValue": float, "arrayValue": dict}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def folder(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the demo's last day, after those of its first one."""
    made = tmp_path_factory.mktemp("traces")
    for as_of in (FIRST_AS_OF, AS_OF):
        write_traces(company, made, as_of)
    return made


@pytest.fixture(scope="module")
def truth(company: Company) -> TracesTruth:
    return TracesTruth(company)


def lines(path: Path) -> list[str]:
    """The lines of a file, unpacked."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert content.endswith(b"\n")
    return content.decode().splitlines()


@cache
def requests(folder: Path) -> list[tuple[Path, Json]]:
    """All OTLP requests of a folder that are whole."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != "copilot-cli":
            for line in lines(path):
                with contextlib.suppress(json.JSONDecodeError):
                    found.append((path, json.loads(line)))
    return found


def spans(folder: Path) -> Iterator[tuple[Json, Json]]:
    """All spans as delivered, with the attributes of their resource."""
    for _, request in requests(folder):
        for part in request.get("resourceSpans", []):
            resource = read(part["resource"]["attributes"])
            for scope in part["scopeSpans"]:
                yield from ((resource, span) for span in scope["spans"])


def logs(folder: Path) -> Iterator[tuple[Json, Json]]:
    """All log records, with the attributes of their resource."""
    for _, request in requests(folder):
        for part in request.get("resourceLogs", []):
            resource = read(part["resource"]["attributes"])
            for scope in part["scopeLogs"]:
                yield from ((resource, record) for record in scope["logRecords"])


def read(attributes: list[Json]) -> Json:
    """Attributes by name; numbers in whatever form they are written stay in it."""
    found = {}
    for one in attributes:
        ((form, value),) = one["value"].items()
        if form == "intValue":
            assert isinstance(value, int) or re.fullmatch(r"-?\d+", value)
            value = int(value)
        else:
            assert isinstance(value, VALUES[form])
        assert one["key"] not in found
        found[one["key"]] = value
    return found


def of(service: str, folder: Path) -> list[tuple[Json, Json]]:
    """A service's spans: id and attributes."""
    found = [
        (span, read(span["attributes"])) for resource, span in spans(folder) if resource["service.name"] == service
    ]
    assert found
    return found


def test_every_file_is_otlp(folder: Path) -> None:
    """One signal a file, ids and enums and numbers as the encoding has them or as its generic readers write them."""
    signals: dict[Path, set[str]] = defaultdict(set)
    for path, request in requests(folder):
        (signal,) = request
        signals[path].add(signal)
    assert {len(found) for found in signals.values()} == {1}
    assert {signal for found in signals.values() for signal in found} == {
        "resourceSpans",
        "resourceLogs",
        "resourceMetrics",
    }
    names = set()
    for resource, span in spans(folder):
        is_base64 = resource["service.name"] == "docs-agent"
        for name, pattern in HEX.items():
            if name in span and is_base64:
                assert len(base64.b64decode(span[name], validate=True)) == (16 if name == "traceId" else 8)
            elif name in span:
                assert re.fullmatch(pattern, span[name])
        assert span["kind"] in (("SPAN_KIND_INTERNAL", "SPAN_KIND_CLIENT") if is_base64 else (1, 3))
        assert span["status"] in ({}, {"code": 1}, {"code": 2})
        started, ended = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert isinstance(span["startTimeUnixNano"], str)
        assert started <= ended
        assert datetime.fromtimestamp(started / 1e9, UTC).date() >= FIRST_MONDAY
        read(span["attributes"])
        names.add(span["name"].split(" ")[0])
    assert {"invoke_agent", "chat", "execute_tool", "invoke_workflow", "claude_code.llm_request"} <= names


def test_every_span_s_parent_is_there(folder: Path) -> None:
    known = {(span["traceId"], span["spanId"]) for _, span in spans(folder)}
    for _, span in spans(folder):
        if "parentSpanId" in span:
            assert (span["traceId"], span["parentSpanId"]) in known


def test_the_demo_stays_small(folder: Path, company: Company) -> None:
    assert sum(1 for _ in spans(folder)) < 15_000
    assert len(work(company).pull_requests) < 200
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 8_000_000


def test_the_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """In another process state, with a company invented anew."""
    again = build_company()
    for as_of in (FIRST_AS_OF, AS_OF):
        write_traces(again, tmp_path, as_of)
    names = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert names == {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_files_grow_and_one_is_rotated(company: Company, tmp_path: Path) -> None:
    first = write_traces(company, tmp_path, FIRST_AS_OF) / "collector"
    before = {name: (first / name).read_bytes() for name in ("traces.jsonl", "logs.jsonl")}
    write_traces(company, tmp_path, AS_OF)
    assert (first / ROTATED).read_bytes() == before["traces.jsonl"]
    assert (first / "logs.jsonl").read_bytes().startswith(before["logs.jsonl"])
    assert len((first / "logs.jsonl").read_bytes()) > len(before["logs.jsonl"])
    new = (first / "traces.jsonl").read_bytes()
    assert new
    assert new.splitlines()[0] not in before["traces.jsonl"].splitlines()


def test_one_line_is_cut_off_and_nothing_is_lost_by_it(folder: Path) -> None:
    bad = []
    for line in lines(folder / "docs-agent" / "traces.jsonl"):
        try:
            json.loads(line)
        except json.JSONDecodeError:
            bad.append(line)
    assert len(bad) == 1
    assert len({span["traceId"] for span, _ in of("docs-agent", folder)}) == 48


def test_some_spans_are_delivered_twice_and_the_same(folder: Path) -> None:
    delivered = Counter(json.dumps(span, sort_keys=True) for _, span in spans(folder))
    keys = Counter((span["traceId"], span["spanId"]) for _, span in spans(folder))
    twice = [number for number in delivered.values() if number > 1]
    assert len(twice) > 50
    assert set(twice) == {2}
    assert len(delivered) == len(keys)


def test_a_root_repeats_what_its_calls_tell(folder: Path) -> None:
    """Tokens of the bot's and Copilot's roots, and Copilot's AI units."""
    for service in ("dependency-bot", "copilot-cloud-agent"):
        root: dict[str, Json] = {}
        calls: dict[str, dict[str, Json]] = defaultdict(dict)
        for span, attributes in of(service, folder):
            if attributes["gen_ai.operation.name"] == "invoke_agent":
                root[span["traceId"]] = attributes
            elif attributes["gen_ai.operation.name"] == "chat":
                calls[span["traceId"]][span["spanId"]] = attributes
        assert root.keys() == calls.keys()
        names = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"]
        names += ["github.copilot.nano_aiu"] if service == "copilot-cloud-agent" else []
        for trace, attributes in root.items():
            for name in names:
                assert attributes[name] == sum(call[name] for call in calls[trace].values()) > 0


def test_claude_code_tells_a_call_twice_and_its_cost_once(folder: Path, truth: TracesTruth) -> None:
    own = [attributes for _, attributes in of("claude-code", folder)]
    traced = {one["request_id"]: one for one in own if "request_id" in one}
    assert not any("cost_usd" in one for one in own)
    records = [
        read(record["attributes"]) for resource, record in logs(folder) if resource["service.name"] == "claude-code"
    ]
    told = {one["request_id"]: one for one in records if one["event.name"] == "api_request"}
    failed = {one["request_id"] for one in records if one["event.name"] == "api_error"}
    assert traced.keys() == told.keys() | failed
    assert failed
    # The numbers of the first weeks are texts.
    forms = {type(one["input_tokens"]) for one in told.values()}
    assert forms == {str, int}
    total = sum((Decimal(str(one["cost_usd"])) for one in told.values()), Decimal(0))
    expected = [session.cost_usd or 0 for session in truth.sessions if session.service == "claude-code"]
    assert total == sum(expected, Decimal(0))


def test_old_names_and_new_ones_are_mixed(folder: Path) -> None:
    used = {name for _, span in spans(folder) for name in read(span["attributes"])}
    assert used >= {
        "gen_ai.system",
        "gen_ai.provider.name",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "llm.token_count.prompt",
        "github.copilot.cost",
        "gen_ai.usage.cost",
        "gen_ai.usage.cost.amount",
        "llm.cost.total",
    }


def test_visual_studio_tells_no_usage(folder: Path) -> None:
    found = of("vs-copilot", folder)
    assert not any("usage" in name for _, attributes in found for name in attributes)
    assert all(isinstance(attributes.get("copilot_chat.turn_count", ""), str) for _, attributes in found)


def test_the_command_line_s_file_is_no_otlp(folder: Path, truth: TracesTruth) -> None:
    found = [json.loads(line) for line in lines(folder / "copilot-cli" / "copilot-otel.jsonl")]
    own = [one for one in found if one["type"] == "span"]
    assert {one["type"] for one in found} == {"span", "metric"}
    for one in own:
        assert set(one) >= {"traceId", "spanId", "name", "kind", "startTime", "endTime", "attributes", "resource"}
        assert [len(one["startTime"]), len(one["endTime"])] == [2, 2]
        assert one["startTime"] <= one["endTime"]
    units = sum(one["attributes"].get("github.copilot.nano_aiu", 0) for one in own if "parentSpanId" in one)
    assert Decimal(units) / 10**11 == truth.whole("github-copilot").spend()


def test_nobody_s_name_but_invented_ones(folder: Path) -> None:
    addresses = {
        address
        for path in folder.rglob("*")
        if path.is_file()
        for line in lines(path)
        for address in re.findall(r"[\w.+-]+@[\w.-]+", line)
    }
    assert addresses
    assert all(address.endswith("example.com") for address in addresses)


# The truth.


def test_list_prices_by_hand() -> None:
    """Thousand tokens of each class: 3 + 0.3 + 3.75 + 15 thousandths of a dollar for Sonnet."""
    tokens = Tokens(1000, 1000, 1000, 1000)
    assert tokens.at(PRICES["claude-sonnet-4-5"]) == Decimal("0.02205")
    assert tokens.at(PRICES["claude-opus-4-5"]) == Decimal("0.03675")
    assert tokens.input == 3000


def test_shares_of_a_session_add_up_to_its_cost(truth: TracesTruth) -> None:
    for session in truth.sessions:
        shares = [share for share in shares_of(session).values() if share is not None]
        assert sum(shares, Decimal(0)) == (session.cost_usd or 0)
    (shared,) = truth.shared
    first, second = (share for share in shares_of(shared).values() if share is not None)
    assert 0 <= second - first <= Decimal("0.000000001")


def test_what_a_division_leaves_goes_to_the_last_task(truth: TracesTruth) -> None:
    """Ten cents over three pull requests."""
    session = truth.shared[0]
    call = replace(session.calls[0], reported_usd=Decimal("0.10"))
    keys = ("acme/shop#3", "acme/shop#1", "acme/shop#2")
    shares = shares_of(replace(session, calls=(call,), pull_requests=keys))
    third = Decimal("0.033333333")
    assert shares == {"acme/shop#1": third, "acme/shop#2": third, "acme/shop#3": Decimal("0.033333334")}


def test_spend_of_all_tasks_is_that_of_all_sessions(truth: TracesTruth) -> None:
    tasks = sum((task.cost_usd or 0 for task in truth.tasks.values()), Decimal(0))
    assert tasks == sum((session.cost_usd or 0 for session in truth.sessions), Decimal(0))
    for week in truth.weeks.values():
        known = [week.spend(outcome) or 0 for outcome in ("completed", "failed", "abandoned", "unknown")]  # type: ignore[arg-type]
        assert sum(known) == (week.spend() or 0)


def test_the_dependency_bot_s_plant(truth: TracesTruth) -> None:
    """A dearer model, more tokens, more calls, less success: together more than twice the cost."""
    bot = truth.whole("dependency-update")
    counts = [bot.count(outcome) for outcome in ("completed", "failed", "abandoned", "unknown")]  # type: ignore[arg-type]
    assert counts == [66, 12, 1, 1]
    swap = truth.swap("dependency-update")
    assert (swap.model_before, swap.model_after) == ("claude-sonnet-4-5", "claude-opus-4-5")
    assert swap.swapped_at.date() == date(2026, 9, 28)
    # Five dollars for three, whatever the class; 36 of 40 against 21 of 30.
    assert swap.price_factor.quantize(Decimal("1e-12")) == (Decimal(5) / 3).quantize(Decimal("1e-12"))
    assert swap.success_factor.quantize(Decimal("1e-12")) == (Decimal(36) / 40 / (Decimal(21) / 30)).quantize(
        Decimal("1e-12")
    )
    assert swap.tokens_per_call_factor > 1
    assert swap.calls_per_task_factor > 1
    assert swap.cost_ratio > 2
    product = swap.price_factor * swap.tokens_per_call_factor * swap.calls_per_task_factor * swap.success_factor
    assert abs(product - swap.cost_ratio) < Decimal("1e-20")


def test_the_reviewer_s_plant(truth: TracesTruth) -> None:
    """Another model of the same price, and what a review costs stays about the same."""
    swap = truth.swap("code-review")
    assert swap.swapped_at.date() == date(2026, 10, 5)
    assert abs(swap.price_factor - 1) < Decimal("1e-20")
    assert abs(swap.cost_ratio - 1) < Decimal("0.05")


def test_what_cannot_be_said_and_why(truth: TracesTruth) -> None:
    reasons = {
        "docs-writer": "outcome_coverage_below_threshold",
        "github-copilot": "outcome_coverage_below_threshold",
        "release-notes": "cost_coverage_below_threshold",
    }
    for (workflow, week), found in truth.weeks.items():
        if (workflow, week) == ("feature-work", WEEKS[7]):
            assert found.null_reason == "outcome_coverage_below_threshold"
        else:
            assert found.null_reason == reasons.get(workflow), (workflow, week)
            assert (found.cost_per_completed_task is None) == (workflow in reasons)


def test_one_agent_tells_ten_times_its_cost(truth: TracesTruth) -> None:
    assert truth.suspicious == {"test-generation"}
    calls = truth.whole("test-generation").calls
    assert {call.reported_usd / call.computed_usd for call in calls if call.reported_usd and call.computed_usd} == {10}


def test_every_kind_of_link_is_planted(truth: TracesTruth) -> None:
    found = Counter(session.evidence for session in truth.sessions if session.pull_requests)
    assert set(found) == {
        *("change_id", "session_url", "agent_session", "checkpoint", "git_note", "commit_sha", "branch"),
    }
    alone = [session for session in truth.sessions if session.workflow == "feature-work" and not session.pull_requests]
    assert len(alone) == 1


def test_sessions_and_pull_requests_know_each_other(truth: TracesTruth) -> None:
    by_key = truth.work.by_key
    assert len(by_key) == len(truth.work.pull_requests)
    linked = {(key, session.session_id) for session in truth.sessions for key in session.pull_requests}
    assert linked == {(one.key, session) for one in truth.work.pull_requests for session in one.sessions}
    for session in truth.sessions:
        for key in session.pull_requests:
            one = by_key[key]
            assert abs((one.created_at - session.started_at).total_seconds()) < 3 * 3600
            if session.evidence == "branch":
                assert session.branch == one.head_ref
            if session.evidence == "commit_sha":
                assert session.commit_sha in {commit.sha for commit in one.commits}
            if session.evidence == "session_url":
                address = session.session_url or session.logs_url
                assert {trailer for trailer, value in one.commits[0].trailers if value == address} <= {
                    "Claude-Session",
                    "Agent-Logs-Url",
                }
                assert address
                assert address in one.commits[0].message


def test_deliveries_have_what_was_planted(company: Company) -> None:
    found = work(company)
    assert sum(one.is_failed for one in found.deployments) == 1
    failed = next(one for one in found.deployments if one.is_failed)
    restored = next(one for one in found.deployments if one.created_at > failed.created_at)
    assert (restored.statuses[-1][1] - failed.statuses[-1][1]).total_seconds() == 47 * 60
    taken_back = {one.reverts_number for one in found.pull_requests if one.reverts_number}
    assert len(taken_back) == 2
    assert all(found.by_key[f"{CHECKOUT}#{number}"].is_merged for number in taken_back)
    assert sum(one.is_draft and one.is_open for one in found.pull_requests) == 3
    logs_urls = [commit for one in found.pull_requests for commit in one.commits if "Agent-Logs-Url" in commit.message]
    assert (len(logs_urls), len(found.cloud_sessions)) == (4, 6)
    for one in found.pull_requests:
        moments = [one.created_at, *(one.ready_at, one.review_requested_at, one.closed_at)]
        known = [moment for moment in moments if moment]
        assert known == sorted(known), one.key


@pytest.mark.parametrize("name", ["workflows", "task_outcomes", "incidents"])
def test_the_rows_of_the_inputs_fit_their_headers(company: Company, name: str) -> None:
    header, make = rows()[name]
    found = list(make(company))
    assert found
    assert {len(row) for row in found} == {len(header.split(","))}
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", ["workflows", "task_outcomes", "incidents"])
def test_the_demo_s_seeds_are_what_its_company_says(company: Company, name: str) -> None:
    header, make = rows()[name]
    assert (SEEDS / f"demo_{name}.csv").read_text() == write(header, make(company))
