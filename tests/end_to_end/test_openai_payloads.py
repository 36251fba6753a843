"""Published OpenAI payloads, one of them real, read by the real extractor; totals are computed again from the files.

The payloads lie outside the project and are not part of it; without them these tests are skipped.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from demo.local_server import LocalServer, Request, Response
from dlt_pipelines.identifiers import Namespace, Pseudonymizer
from tests.end_to_end.workbench import NO_UNIT_TESTS, PROJECT, Ask, Row, Workbench

PAYLOADS = PROJECT.parent / "shared" / "data" / "openai"

pytestmark = pytest.mark.skipif(not PAYLOADS.is_dir(), reason=f"there are no example payloads in {PAYLOADS}")

Json = dict[str, Any]

KEY = "a pseudonym key for example payloads"
ONE_DAY = timedelta(days=1)
EXPORT = "observed_completions_usage_export_2025-09_pseudonymised.json"
CODEX = "codex_enterprise_analytics_usage_psoxy.json"
SPARSE = "codexbar_completions_sparse_fields.json"
MIXED = "codexbar_costs_mixed_amount_types.json"
# Of these endpoints nothing is asked.
NOT_ASKED = {"openapi_2026-08_groups.json", "openapi_2026-08_spend_alerts.json", "openapi_2026-08_spend_limit.json"}
# Their buckets do not begin at midnight in UTC, so their buckets are served as these days.
REDATED = (date(2025, 10, 2), date(2025, 10, 3))
SAMPLE_DAY, CODEX_DAY = date(2024, 11, 1), date(2026, 6, 1)
# (as of, since): the days of OpenAI's samples, of the export and the re-dated files, of Codex.
RUNS = ((date(2024, 11, 2), SAMPLE_DAY), (date(2025, 10, 4), date(2025, 9, 1)), (date(2026, 6, 2), CODEX_DAY))
WORKSPACE = "ws-example"
ENDPOINTS = (
    *("completions", "embeddings", "moderations", "images", "audio_speeches", "audio_transcriptions"),
    *("vector_stores", "code_interpreter_sessions", "file_search_calls", "web_search_calls"),
)
COUNTS = (
    *("input_tokens", "input_cached_tokens", "input_cache_write_tokens", "input_uncached_tokens", "output_tokens"),
    *("input_text_tokens", "input_audio_tokens", "input_image_tokens"),
    *("input_cached_text_tokens", "input_cached_audio_tokens", "input_cached_image_tokens"),
    *("output_text_tokens", "output_audio_tokens", "output_image_tokens"),
    *("images", "characters", "seconds", "usage_bytes"),
)
# The ledger's name of a count, where it is another than OpenAI's.
RENAMED = {"model_requests": "num_model_requests", "tool_calls": "num_requests", "sessions": "num_sessions"}


def read(name: str) -> Any:
    return json.loads((PAYLOADS / name).read_text(encoding="utf-8"), parse_float=Decimal)


def sample(path: str) -> Json:
    document: Json = read(f"openapi_2026-08_{path}.json")
    return document


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def export_rows() -> Iterator[tuple[date, Json]]:
    """The rows of the real export as results of the API, by day."""
    for row in read(EXPORT):
        fields = {name: value for name, value in row.items() if not name.endswith("_iso")}
        day = datetime.fromisoformat(row["start_time_iso"]).date()
        yield day, {"object": "organization.usage.completions.result", **fields}


def served_results() -> dict[str, dict[date, list[Json]]]:
    """Path to day to the results of every payload in buckets."""
    found: dict[str, dict[date, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for name in ("costs", *(f"usage_{endpoint}" for endpoint in ENDPOINTS)):
        for bucket in sample(name)["data"]:
            found[f"/v1/organization/{name.replace('usage_', 'usage/')}"][day_of(bucket["start_time"])] += bucket[
                "results"
            ]
    for path, name in (("/v1/organization/costs", MIXED), ("/v1/organization/usage/completions", SPARSE)):
        for day, bucket in zip(REDATED, read(name)["data"], strict=False):
            found[path][day] += bucket["results"]
    for day, row in export_rows():
        found["/v1/organization/usage/completions"][day].append(row)
    return found


LISTS = {
    "/v1/organization/projects": "projects",
    "/v1/organization/users": "users",
    "/v1/organization/admin_api_keys": "admin_api_keys",
    "/v1/organization/projects/proj_abc/api_keys": "projects_project_id_api_keys",
    "/v1/organization/projects/proj_abc/service_accounts": "projects_project_id_service_accounts",
    "/v1/organization/projects/proj_abc/users": "projects_project_id_users",
}


class PayloadServer(LocalServer):
    """Serves the payloads: a page of one bucket of two results at most, lists as they are."""

    def __init__(self) -> None:
        self.results = served_results()
        super().__init__()

    def answer(self, request: Request) -> Response:
        body = self._body(request)
        if body is None:
            return Response(404, b'{"error": {"message": "Not found"}}')
        return Response(200, json.dumps(body, default=_number).encode())

    def _body(self, request: Request) -> Json | None:
        if request.path in LISTS:
            return sample(LISTS[request.path])
        if request.path.endswith(f"/{WORKSPACE}/usage"):
            # The file says that there is more, and its cursor leads to the end.
            return {"object": "page", "data": [], "has_more": False} if "page" in request.query else read(CODEX)
        if request.path not in self.results:
            return None
        day = day_of(int(request.query["start_time"]))
        assert request.query["end_time"] == str(seconds(day + ONE_DAY))
        start = int(request.query.get("page", "page_0").removeprefix("page_"))
        results = self.results[request.path].get(day, [])
        has_more = start + 2 < len(results)
        bucket = {
            "object": "bucket",
            "start_time": seconds(day),
            "end_time": seconds(day + ONE_DAY),
            "results": results[start : start + 2],
        }
        next_page = f"page_{start + 2}" if has_more else None
        return {"object": "page", "data": [bucket], "has_more": has_more, "next_page": next_page}


def _number(value: object) -> float:
    """The digits of the files are short: a float writes the same ones."""
    assert isinstance(value, Decimal)
    assert Decimal(repr(float(value))) == value
    return float(value)


@dataclass(frozen=True)
class Payloads:
    """What was served, and the warehouse that came of it."""

    server: PayloadServer
    ask: Ask

    def results(self, path: str) -> Iterator[tuple[date, Json]]:
        for day, results in self.server.results[f"/v1/organization/{path}"].items():
            yield from ((day, result) for result in results)


@pytest.fixture(scope="module")
def payloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Payloads]:
    bench = Workbench(tmp_path_factory.mktemp("openai_payloads"))
    with PayloadServer() as server:
        variables = {
            "AGENT_SPEND_PSEUDONYM_KEY": KEY,
            "SOURCES__OPENAI__API_URL": server.url,
            "SOURCES__OPENAI__ADMIN_KEY": "sk-admin-payloads",
            "SOURCES__OPENAI__ORGANIZATION": "example",
            "SOURCES__OPENAI__CODEX_API_URL": server.url,
            "SOURCES__OPENAI__REQUESTS_PER_MINUTE": "1000000",
        }
        codex = {"SOURCES__OPENAI__CODEX_KEY": "sk-codex", "SOURCES__OPENAI__CODEX_WORKSPACE": WORKSPACE}
        for as_of, since in RUNS:
            settings = {**variables, **(codex if since == CODEX_DAY else {})}
            outcome = bench.extract(settings, as_of, since, "openai")
            assert not outcome.problems, outcome.problems
            assert not outcome.warnings, outcome.warnings
    wanted = "+int_usage__openai_signals +int_usage__openai_activity +int_identity__openai_identifiers stg_openai*"
    bench.build(RUNS[-1][0], *NO_UNIT_TESTS, "--select", *wanted.split(), "--exclude", "test_type:singular")
    with bench.query() as ask:
        yield Payloads(server, ask)


def key(namespace: Namespace, identifier: str | None) -> str | None:
    return Pseudonymizer(KEY).key(namespace, identifier)


def total(items: Iterable[Json], field: str) -> Decimal | None:
    """The exact sum of what is known; None where nothing is."""
    known = [Decimal(value) for item in items if (value := item.get(field)) is not None]
    return sum(known, Decimal(0)) if known else None


def test_every_payload_of_these_endpoints_is_served(payloads: Payloads) -> None:
    used = {
        *(f"openapi_2026-08_usage_{name}.json" for name in ENDPOINTS),
        *(f"openapi_2026-08_{name}.json" for name in ("costs", *LISTS.values())),
        *(EXPORT, CODEX, SPARSE, MIXED),
    }
    assert {file.name for file in PAYLOADS.glob("*.json")} == used | NOT_ASKED
    assert {request.status for request in payloads.server.requests} == {200}


def test_every_result_is_loaded(payloads: Payloads) -> None:
    expected = Counter(
        (f"usage-{endpoint}", day) for endpoint in ENDPOINTS for day, _ in payloads.results(f"usage/{endpoint}")
    ) + Counter(("costs", day) for day, _ in payloads.results("costs"))
    expected["codex-usage", CODEX_DAY] = len(read(CODEX)["data"])
    found = payloads.ask("""
        select report, report_date, record_count from staging.stg_openai__report_loads
        where status = 'loaded' and record_count > 0 and report in ('costs', 'codex-usage') or report like 'usage-%'
    """)
    assert {(report, day): count for report, day, count in found if count} == expected
    assert expected.total() == 46 + 3 + 2 + 2 + 11


def test_costs_are_those_of_the_payloads_to_the_last_digit(payloads: Payloads) -> None:
    expected: dict[Row, Decimal] = defaultdict(Decimal)
    for day, result in payloads.results("costs"):
        # Once a number, once a text.
        expected[day, result.get("line_item")] += Decimal(result["amount"]["value"])
    found = payloads.ask("""
        select usage_date, line_item, sum(amount) from staging.stg_openai__costs where currency = 'usd' group by all
    """)
    assert {(day, item): amount for day, item, amount in found} == expected
    assert sum(expected.values()) == Decimal("18.81")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_usage_is_that_of_the_payloads(payloads: Payloads, endpoint: str) -> None:
    days: dict[date, list[Json]] = defaultdict(list)
    for day, result in payloads.results(f"usage/{endpoint}"):
        days[day].append(result)
    fields = {**dict(zip(COUNTS, COUNTS, strict=True)), **RENAMED}
    expected = {
        day: (len(results), *(total(results, name) for name in fields.values())) for day, results in days.items()
    }
    sums = ", ".join(f"sum({name})" for name in fields)
    found = payloads.ask(f"""
        select usage_date, count(*), {sums} from staging.stg_openai__usage_results
        where endpoint = '{endpoint}' group by usage_date
    """)
    assert {row[0]: row[1:] for row in found} == expected


def test_the_real_export_keeps_its_groups(payloads: Payloads) -> None:
    expected = Counter(
        (
            day,
            row["project_id"] or None,
            key("openai_user", row["user_id"]),
            row["api_key_id"] or None,
            row["model"] or None,
            row["service_tier"] or None,
            row["batch"],
            row["input_tokens"],
        )
        for day, row in export_rows()
    )
    found = payloads.ask("""
        select usage_date, project_id, user_key, api_key_id, model_name, service_tier, is_batch, input_tokens
        from staging.stg_openai__usage_results where usage_date between '2025-09-01' and '2025-10-01'
    """)
    assert Counter(found) == expected


def test_the_ledger_s_tokens_of_the_real_export_are_disjoint_and_add_up(payloads: Payloads) -> None:
    expected: dict[Row, int] = defaultdict(int)
    for day, row in export_rows():
        tier = None if row["service_tier"] == "default" else row["service_tier"]
        classes = {
            "input_uncached": row["input_uncached_tokens"],
            "cache_read": row["input_cached_tokens"],
            "output": row["output_tokens"],
        }
        for token_type, tokens in classes.items():
            if tokens:
                expected[day, row["api_key_id"], row["model"], token_type, tier] += tokens
    found = payloads.ask("""
        select usage_date, principal_key, model_name, token_type, service_tier, tokens
        from intermediate.int_usage__openai_tokens where usage_date between '2025-09-01' and '2025-10-01'
    """)
    assert {row[:-1]: row[-1] for row in found} == expected
    inputs = sum(tokens for (_, _, _, token_type, _), tokens in expected.items() if token_type != "output")
    assert inputs == 173_264_675


def test_tokens_of_the_samples_are_disjoint(payloads: Payloads) -> None:
    found = payloads.ask(f"""
        select usage_date, product, model_name, token_type, tokens from intermediate.int_usage__openai_tokens
        where usage_date in ('{SAMPLE_DAY}', '{REDATED[0]}')
    """)
    assert set(found) == {
        (SAMPLE_DAY, "completions", None, "input_uncached", 500),
        (SAMPLE_DAY, "completions", None, "cache_read", 400),
        (SAMPLE_DAY, "completions", None, "cache_write", 100),
        (SAMPLE_DAY, "completions", None, "output", 500),
        (SAMPLE_DAY, "embeddings", None, "input_uncached", 16),
        (SAMPLE_DAY, "moderations", None, "input_uncached", 16),
        (REDATED[0], "completions", "gpt-5.2", "input_uncached", 750),
        (REDATED[0], "completions", "gpt-5.2", "cache_read", 250),
        (REDATED[0], "completions", "gpt-5.2", "output", 500),
        (REDATED[0], "completions", "gpt-5.2-codex", "input_uncached", 300),
        (REDATED[0], "completions", "gpt-5.2-codex", "output", 200),
    }


def test_idle_rows_of_the_real_export_are_no_use(payloads: Payloads) -> None:
    expected = Counter((day, row["api_key_id"]) for day, row in export_rows() if row["num_model_requests"])
    found = payloads.ask("""
        select usage_date, principal_key, records from intermediate.int_usage__openai_credits
        where usage_date between '2025-09-01' and '2025-10-01'
    """)
    assert {row[:-1]: row[-1] for row in found} == expected
    assert expected.total() == 31
    requests = payloads.ask("""
        select sum(requests) from intermediate.int_usage__openai_activity
        where usage_date between '2025-09-01' and '2025-10-01' and is_active
    """)
    assert requests == [(1437,)]


def test_codex_is_that_of_the_payload(payloads: Payloads) -> None:
    rows = read(CODEX)["data"]
    measures = ("threads", "turns", "credits")
    tokens = {
        "input_uncached_tokens": "uncached_text_input_tokens",
        "cache_read_tokens": "cached_text_input_tokens",
        "output_tokens": "text_output_tokens",
        "total_tokens": "text_total_tokens",
    }
    fields = {**dict(zip(measures, measures, strict=True)), **tokens}
    listed = ", ".join(fields)
    expected = {
        (
            key("openai_user", row["user_id"]),
            key("email", row["actor"]["email"]),
            *(row["totals"][name] for name in fields.values()),
        )
        for row in rows
    }
    found = payloads.ask(f"select user_key, email_key, {listed} from staging.stg_openai__codex_user_days")
    assert set(found) == expected
    for table in ("clients", "models"):
        children = [item for row in rows for item in row[table] or ()]
        names = [name for name in fields if name not in ("threads", "turns")]
        sums = ", ".join(f"sum({name})" for name in names)
        (found_sums,) = payloads.ask(f"select count(*), {sums} from staging.stg_openai__codex_user_day_{table}")
        assert found_sums == (len(children), *(total(children, fields[name]) for name in names))
    found = payloads.ask("""
        select account_id, value_basis, sum(credits), sum(usage_value_usd) from intermediate.int_usage__openai_credits
        where product = 'codex' group by all
    """)
    assert found == [(f"workspace/{WORKSPACE}", "unpriced", total((row["totals"] for row in rows), "credits"), None)]


def test_lists_are_those_of_the_payloads_without_a_name(payloads: Payloads) -> None:
    def latest(table: str, columns: str) -> list[Row]:
        return payloads.ask(f"select {columns} from staging.stg_openai__{table} where snapshot_date = '{RUNS[-1][0]}'")

    (project,) = sample("projects")["data"]
    assert latest("projects", "project_id, project_name, status") == [(project["id"], project["name"], "active")]
    (user,) = sample("users")["data"]
    assert latest("users", "user_key, email_key, role") == [
        (key("openai_user", user["id"]), key("email", user["email"]), user["role"])
    ]
    (api_key,) = sample("projects_project_id_api_keys")["data"]
    owner = api_key["owner"]["user"]
    columns = "project_id, api_key_id, name_key, owner_type, owner_user_key, owner_project_access, created_at"
    assert latest("project_api_keys", columns) == [
        (
            "proj_abc",
            api_key["id"],
            key("openai_api_key_name", api_key["name"]),
            "user",
            key("openai_user", owner["id"]),
            "active",
            datetime.fromtimestamp(api_key["created_at"], UTC).replace(tzinfo=None),
        )
    ]
    (admin_key,) = sample("admin_api_keys")["data"]
    assert latest("admin_api_keys", "api_key_id, owner_service_account_id, owner_user_key") == [
        (admin_key["id"], admin_key["owner"]["id"], None)
    ]
    (account,) = sample("projects_project_id_service_accounts")["data"]
    assert latest("project_service_accounts", "service_account_id, role") == [(account["id"], account["role"])]
    (member,) = sample("projects_project_id_users")["data"]
    assert latest("project_users", "project_id, user_key") == [("proj_abc", key("openai_user", member["id"]))]


def test_principals_of_the_payloads_are_keys_seats_and_nobody(payloads: Payloads) -> None:
    keys = {row["api_key_id"] for _, row in export_rows() if row["api_key_id"]} | {"key_abc"}
    seats = {key("openai_user", row["user_id"]) for row in read(CODEX)["data"]}
    expected = {
        *((name, "machine_key") for name in keys),
        *((name, "human_seat") for name in seats),
        ("unattributed", "unattributed"),
    }
    found = payloads.ask("select principal_key, principal_kind from intermediate.int_identity__openai_principals")
    assert set(found) == expected
    assert payloads.ask("select principal_key, identifier_key from intermediate.int_identity__openai_identifiers") == [
        (key("openai_user", "user_abc123"), key("email", "alice@example.com"))
    ]
