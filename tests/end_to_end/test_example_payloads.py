"""Published example payloads of GitHub, read by the real extractor; every total is computed again from the files.

The payloads lie outside the project and are not part of it; without them these tests are skipped.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from tests.end_to_end.example_server import ExampleServer, Report
from tests.end_to_end.workbench import NO_UNIT_TESTS, PROJECT, TOKEN, Ask, Row, Workbench

EXAMPLES = PROJECT.parent / "shared" / "data" / "github" / "examples"

pytestmark = [
    pytest.mark.xdist_group("examples"),
    pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"there are no example payloads in {EXAMPLES}"),
]

Json = dict[str, Any]
Totals = dict[Row, tuple[Any, ...]]

KEY = "a pseudonym key for example payloads"
AS_OF = date(2026, 7, 17)
SINCE = date(2026, 1, 30)
DOCS_FILE = "docs_enterprise_28_day_2026_spring.json"
# Its days are older than GitHub's first 1-day report: they are served as these.
DOCS_DAYS = (date(2026, 1, 30), date(2026, 1, 31))
# A day on which GitHub sends what nobody has seen before.
NEW_FIELDS_DAY = date(2026, 4, 28)

ENTERPRISE, ONE, MANY = "enterprises/example-enterprise", "orgs/example-one", "orgs/example-many"
LEAKED = {"etl_id", "day_partition", "entity_id_partition"}

ACTIVITY = {
    "generations": "code_generation_activity_count",
    "acceptances": "code_acceptance_activity_count",
    "lines_suggested_to_add": "loc_suggested_to_add_sum",
    "lines_suggested_to_delete": "loc_suggested_to_delete_sum",
    "lines_added": "loc_added_sum",
    "lines_deleted": "loc_deleted_sum",
}
COUNTERS = {"interactions": "user_initiated_interaction_count", **ACTIVITY}
SESSIONS = {
    "sessions": "session_count",
    "requests": "request_count",
    "prompts": "prompt_count",
    "prompt_tokens": "token_usage.prompt_tokens_sum",
    "output_tokens": "token_usage.output_tokens_sum",
}
PULL_REQUESTS = {
    f"pull_requests_{name}": f"pull_requests.{name}"
    for name in (
        *("total_created", "total_reviewed", "total_merged", "total_suggestions", "total_applied_suggestions"),
        *("total_created_by_copilot", "total_reviewed_by_copilot", "total_merged_created_by_copilot"),
        *("total_merged_reviewed_by_copilot", "total_copilot_suggestions", "total_copilot_applied_suggestions"),
        *("median_minutes_to_merge", "median_minutes_to_merge_copilot_authored"),
        "median_minutes_to_merge_copilot_reviewed",
    )
}
ACTIVE_USERS = {
    name: name
    for name in (
        *("daily_active_users", "weekly_active_users", "monthly_active_users", "daily_active_cli_users"),
        *("monthly_active_chat_users", "monthly_active_agent_users"),
        *(f"{period}_active_copilot_cloud_agent_users" for period in ("daily", "weekly", "monthly")),
        *(
            f"{period}_{kind}_copilot_code_review_users"
            for period in ("daily", "weekly", "monthly")
            for kind in ("active", "passive")
        ),
    )
}
USER_BREAKDOWNS = {
    "user_day_features": ("totals_by_feature", COUNTERS),
    "user_day_models": ("totals_by_model_feature", COUNTERS),
    "user_day_ides": ("totals_by_ide", COUNTERS),
    "user_day_languages": ("totals_by_language_feature", ACTIVITY),
    "user_day_language_models": ("totals_by_language_model", ACTIVITY),
    "user_day_third_party_agents": (
        "totals_by_3rd_party_agent",
        {"interactions": "user_initiated_interaction_count"},
    ),
}
CUSTOMIZATIONS = ("skill", "custom_agent", "mcp", "slash_cmd", "plugin")
SURFACES = {
    "copilot_cli": "totals_by_cli",
    "copilot_app": "totals_by_copilot_app",
    "vscode_agent": "totals_by_vscode_agent",
}


# What is served.


def read(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def lines(name: str) -> tuple[str, ...]:
    return tuple(line for line in read(name).splitlines() if line.strip())


def rest(operation: str) -> Any:
    return json.loads(read(f"rest/{operation}__200.json"))


def redated(text: str, day: date) -> str:
    return json.dumps({**json.loads(text), "day": day.isoformat()})


def day_totals(name: str) -> list[str]:
    document = json.loads(read(name))
    wrappers = document if isinstance(document, list) else [document]
    return [json.dumps(item) for wrapper in wrappers for item in wrapper["day_totals"]]


def day_of(text: str) -> date:
    return date.fromisoformat(json.loads(text)["day"])


def with_new_fields(text: str) -> str:
    """A record with fields at several depths that GitHub has never sent."""
    record = json.loads(text)
    record["brand_new_signal"] = {"strength": 3, "colour": "green"}
    for item in record.get("totals_by_feature", []):
        item["brand_new_item"] = 0.125
    for item in record.get("totals_by_ide", []):
        item.setdefault("last_known_ide_version", {})["brand_new_part"] = "nightly"
    if "pull_requests" in record:
        record["pull_requests"]["brand_new_count"] = 4
    return json.dumps(record)


def served_reports() -> tuple[Report, ...]:
    """Every report payload, through the example answer of its endpoint."""
    users, user_teams = lines("viewer_org_users_1_day.ndjson"), lines("docs_org_user_teams_1_day.ndjson")
    repositories, long_users = lines("secondhand_repos_1_day.ndjson"), lines("docs_users_1_day_latest_known.ndjson")
    (one_day,) = lines("viewer_org_1_day.ndjson")
    long_window = (date(2025, 9, 4), date(2025, 10, 1))
    org, enterprise = "copilot__copilot-organization", "copilot__copilot-enterprise"

    def daily(account: str, name: str, operation: str, records: Iterable[str]) -> Report:
        texts = tuple(records)
        answer = json.loads(read(operation)) if operation.endswith(".json") else rest(operation)
        return Report(account, name, day_of(texts[0]), texts, answer)

    docs_days = [redated(text, day) for text, day in zip(day_totals(DOCS_FILE), DOCS_DAYS, strict=True)]
    new_days = [with_new_fields(redated(text, NEW_FIELDS_DAY)) for text in (users[1], one_day, repositories[0])]
    return (
        daily(ONE, "users-1-day", f"{org}-users-one-day-usage-metrics", users),
        daily(ENTERPRISE, "users-1-day", "copilot__copilot-users-one-day-usage-metrics", users),
        daily(ONE, "organization-1-day", f"{org}-one-day-usage-metrics", [one_day]),
        daily(ONE, "user-teams-1-day", "docs_user_teams_1_day_response.json", user_teams),
        daily(MANY, "user-teams-1-day", f"{org}-user-teams-one-day-report", user_teams),
        daily(ENTERPRISE, "user-teams-1-day", f"{enterprise}-user-teams-one-day-report", user_teams),
        daily(MANY, "repos-1-day", f"{org}-repos-one-day-report", repositories),
        daily(ENTERPRISE, "repos-1-day", f"{enterprise}-repos-one-day-report", repositories),
        *(
            daily(MANY, "organization-1-day", f"{org}-one-day-usage-metrics", [text])
            for text in day_totals("viewer_org_28_day.json")
        ),
        *(
            daily(ENTERPRISE, "enterprise-1-day", f"{enterprise}-one-day-usage-metrics", [text])
            for text in (*day_totals("viewer_enterprise_28_day.json"), *docs_days)
        ),
        Report(ENTERPRISE, "users-28-day", None, long_users, rest("copilot__copilot-users-usage-metrics"), long_window),
        Report(ONE, "users-28-day", None, long_users, rest(f"{org}-users-usage-metrics"), long_window),
        daily(ONE, "users-1-day", f"{org}-users-one-day-usage-metrics", [new_days[0]]),
        daily(ONE, "organization-1-day", f"{org}-one-day-usage-metrics", [new_days[1]]),
        daily(ONE, "repos-1-day", f"{org}-repos-one-day-report", [new_days[2]]),
    )


def served_lists() -> dict[str, list[Any]]:
    """Every list payload by its path, as pages; the enterprise's seats are two payloads, so two pages."""
    found: dict[str, list[Any]] = {
        f"/{ENTERPRISE}/copilot/billing/seats": [
            json.loads(read("viewer_enterprise_seats_with_duplicates.json")),
            rest("copilot__list-copilot-seats-for-enterprise"),
        ],
        f"/{ENTERPRISE}/teams": [rest("enterprise-teams__list")],
        f"/{ENTERPRISE}/teams/justice-league/memberships": [rest("enterprise-team-memberships__list")],
    }
    for organization in (ONE, MANY):
        found |= {
            f"/{organization}/copilot/billing": [rest("copilot__get-copilot-organization-details")],
            f"/{organization}/copilot/billing/seats": [rest("copilot__list-copilot-seats")],
            f"/{organization}/teams": [rest("teams__list")],
            f"/{organization}/teams/justice-league/members": [rest("teams__list-members-in-org")],
            f"/{organization}/members": [rest("orgs__list-members")],
        }
    return found


@dataclass(frozen=True)
class Examples:
    """What was served, what the extraction said, and the warehouse that came of it."""

    server: ExampleServer
    outcome: Outcome
    ask: Ask

    def records(self, *names: str) -> Iterator[tuple[str, Json]]:
        """(account_id, record) of all reports of those names, numbers as exact decimals."""
        for report in self.server.reports:
            if report.name in names:
                for text in report.records:
                    yield report.account_id, json.loads(text, parse_float=Decimal)

    def listed(self, ending: str, among: str = "items") -> Iterator[tuple[str, Json]]:
        """(account_id, item) of the lists whose path ends so; `among` names the key that holds the items."""
        for path, pages in self.server.lists.items():
            if path.endswith(ending):
                scope, slug = path.split("/")[1:3]
                account = f"{'enterprise' if scope == 'enterprises' else 'organization'}/{slug}"
                for page in pages:
                    yield from ((account, item) for item in (page[among] if isinstance(page, dict) else page))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examples]:
    server = ExampleServer(served_reports(), served_lists())
    bench = Workbench(tmp_path_factory.mktemp("examples"))
    with server.running():
        variables = {
            "AGENT_SPEND_PSEUDONYM_KEY": KEY,
            "SOURCES__GITHUB_COPILOT__API_URL": server.url,
            "SOURCES__GITHUB_COPILOT__TOKEN": TOKEN,
            "SOURCES__GITHUB_COPILOT__ENTERPRISE": ENTERPRISE.split("/")[1],
            "SOURCES__GITHUB_COPILOT__ORGANIZATIONS": json.dumps([ONE.split("/")[1], MANY.split("/")[1]]),
            "SOURCES__GITHUB_COPILOT__POINTS_PER_MINUTE": "1000000",
        }
        outcome = bench.extract(variables, AS_OF, SINCE, "github_copilot")
    assert not outcome.problems, outcome.problems
    bench.build(AS_OF, *NO_UNIT_TESTS)
    with bench.query() as ask:
        yield Examples(server, outcome, ask)


def key(namespace: str, identifier: str | int) -> str:
    return str(Pseudonymizer(KEY).key(namespace, identifier))  # type: ignore[arg-type]


# Totals, once from the payloads and once from the warehouse.


def value(item: Json, path: str) -> Any:
    found: Any = item
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def totals(items: Iterable[tuple[Row, Json]], measures: dict[str, str]) -> Totals:
    """Group to (number of items, exact sum of every measure); a measure that no item has is None."""
    groups: dict[Row, list[Json]] = defaultdict(list)
    for group, item in items:
        groups[group].append(item)

    def total(members: list[Json], path: str) -> Decimal | None:
        known = [Decimal(found) for item in members if (found := value(item, path)) is not None]
        return sum(known, Decimal(0)) if known else None

    return {
        group: (len(members), *(total(members, path) for path in measures.values()))
        for group, members in groups.items()
    }


def ledger(ask: Ask, table: str, group: tuple[str, ...], measures: dict[str, str]) -> Totals:
    """The same from a table of the warehouse."""
    sums = "".join(f", sum({name})" for name in measures)
    listed = ", ".join(group)
    rows = ask(f"select {listed}, count(*){sums} from {table} group by {listed}")
    return {row[: len(group)]: row[len(group) :] for row in rows}


def by_day(records: Iterable[tuple[str, Json]]) -> Iterator[tuple[Row, Json]]:
    for account, record in records:
        yield (account, date.fromisoformat(record["day"])), record


def items_by_day(records: Iterable[tuple[str, Json]], field: str) -> Iterator[tuple[Row, Json]]:
    for group, record in by_day(records):
        yield from ((group, item) for item in record.get(field) or [])


USERS = ("users-1-day", "users-28-day")
AGGREGATES = ("organization-1-day", "enterprise-1-day")
DAY = ("account_id", "usage_date")


def test_every_payload_is_loaded_whole(examples: Examples) -> None:
    expected = Counter(
        (report.account_id, report.name, report.day or report.window[1], len(report.records))  # type: ignore[index]
        for report in examples.server.reports
    )
    found = examples.ask("""
        select account_id, report, report_date, record_count from staging.stg_github_copilot__report_loads
        where status = 'loaded' and record_count is not null and report like '%-day'
    """)
    assert Counter(found) == expected
    assert len(expected) > 60
    assert examples.server.unanswered == set()


def test_user_days_hold_the_credits_and_counts_of_the_payloads(examples: Examples) -> None:
    measures = {"ai_credits": "ai_credits_used", **COUNTERS}
    expected = totals(by_day(examples.records(*USERS)), measures)
    assert ledger(examples.ask, "staging.stg_github_copilot__user_days", DAY, measures) == expected


@pytest.mark.parametrize("table", USER_BREAKDOWNS)
def test_breakdowns_of_user_days_hold_every_line(examples: Examples, table: str) -> None:
    field, measures = USER_BREAKDOWNS[table]
    expected = totals(items_by_day(examples.records(*USERS), field), measures)
    assert expected
    assert ledger(examples.ask, f"staging.stg_github_copilot__{table}", DAY, measures) == expected


def test_customizations_of_user_days_hold_every_line(examples: Examples) -> None:
    items = (
        ((*group, kind, item[kind]), item)
        for kind in CUSTOMIZATIONS
        for group, item in items_by_day(examples.records(*USERS), f"totals_by_{kind}")
    )
    measures = {"uses": "interaction_count"}
    expected = totals(items, measures)
    assert {group[2] for group in expected} == set(CUSTOMIZATIONS)
    table = "staging.stg_github_copilot__user_day_customizations"
    assert ledger(examples.ask, table, (*DAY, "kind", "item"), measures) == expected


@pytest.mark.parametrize(
    ("table", "reports", "dimension"),
    [("user_day_cli", USERS, "surface"), ("organization_day_breakdowns", AGGREGATES, "breakdown")],
)
def test_tokens_and_sessions_outside_the_ide_are_those_of_the_payloads(
    examples: Examples, table: str, reports: tuple[str, ...], dimension: str
) -> None:
    names = {surface: surface if dimension == "surface" else field[10:] for surface, field in SURFACES.items()}
    items = (
        ((*group, names[surface]), record[field])
        for group, record in by_day(examples.records(*reports))
        for surface, field in SURFACES.items()
        if record.get(field) is not None
    )
    expected = totals(items, SESSIONS)
    assert any(tokens for _, *_, tokens in expected.values())
    wanted = ", ".join(f"'{name}'" for name in names.values())
    table = f"(select * from staging.stg_github_copilot__{table} where {dimension} in ({wanted}))"
    assert ledger(examples.ask, table, (*DAY, dimension), SESSIONS) == expected


def test_aggregate_days_hold_the_counts_of_the_payloads(examples: Examples) -> None:
    measures = {**COUNTERS, **ACTIVE_USERS, **PULL_REQUESTS}
    expected = totals(by_day(examples.records(*AGGREGATES)), measures)
    assert len(expected) > 50
    assert ledger(examples.ask, "staging.stg_github_copilot__organization_days", DAY, measures) == expected


@pytest.mark.parametrize("breakdown", ["ide", "feature", "model_feature", "language_feature", "language_model"])
def test_breakdowns_of_aggregate_days_hold_every_line(examples: Examples, breakdown: str) -> None:
    measures = ACTIVITY if breakdown.startswith("language") else COUNTERS
    expected = totals(items_by_day(examples.records(*AGGREGATES), f"totals_by_{breakdown}"), measures)
    assert expected
    lines_of_it = f"""(
        select * from staging.stg_github_copilot__organization_day_breakdowns where breakdown = '{breakdown}'
    )"""
    assert ledger(examples.ask, lines_of_it, DAY, measures) == expected


def test_repository_days_hold_the_pull_requests_of_the_payloads(examples: Examples) -> None:
    items = (
        ((*group, record["repo_id"], record["repo_name"], record["repo_visibility"]), record)
        for group, record in by_day(examples.records("repos-1-day"))
    )
    found = ledger(
        examples.ask,
        "staging.stg_github_copilot__repository_days",
        (*DAY, "repo_id", "repo_name", "repo_visibility"),
        PULL_REQUESTS,
    )
    assert found == totals(items, PULL_REQUESTS)


def test_users_and_teams_are_those_of_the_payload(examples: Examples) -> None:
    expected = Counter(
        (*group, key("github_user", record["user_id"]), record["team_id"], record["slug"])
        for group, record in by_day(examples.records("user-teams-1-day"))
    )
    found = examples.ask("""
        select account_id, usage_date, user_key, team_id, slug from staging.stg_github_copilot__user_team_days
    """)
    assert Counter(found) == expected


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) if text else None


def test_seats_are_those_of_the_payloads_page_by_page(examples: Examples) -> None:
    expected = Counter(
        (
            account,
            key("github_user", seat["assignee"]["id"]),
            key("github_login", seat["assignee"]["login"]),
            (seat.get("assigning_team") or {}).get("slug"),
            seat.get("plan_type"),
            moment(seat["created_at"]),
            moment(seat.get("last_activity_at")),
            seat.get("pending_cancellation_date"),
        )
        for account, seat in examples.listed("/copilot/billing/seats", "seats")
    )
    found = examples.ask("""
        select
            account_id, user_key, login_key, assigning_team_slug, plan_type, created_at, last_activity_at,
            cast(pending_cancellation_date as varchar)
        from staging.stg_github_copilot__seats
    """)
    assert Counter(found) == expected
    assert expected.total() == 10


def test_a_user_with_several_seats_holds_one(examples: Examples) -> None:
    expected = {seat["assignee"]["id"] for _, seat in examples.listed("/copilot/billing/seats", "seats")}
    found = examples.ask("select principal_key from intermediate.int_usage__seats_unioned")
    assert Counter(found) == Counter((key("github_user", number),) for number in expected)


def test_seat_settings_are_those_of_the_payload(examples: Examples) -> None:
    settings = rest("copilot__get-copilot-organization-details")
    numbers = {f"seats_{name}": number for name, number in settings.pop("seat_breakdown").items()}
    expected = {**numbers, **settings}
    found = examples.ask(f"select {', '.join(expected)} from staging.stg_github_copilot__seat_settings")
    assert found == [tuple(expected.values())] * 2


def test_teams_are_those_of_the_payloads(examples: Examples) -> None:
    expected = Counter(
        (account, team["id"], team["slug"], team["name"], team.get("group_id"))
        for account, team in examples.listed("/teams")
    )
    found = examples.ask("select account_id, team_id, slug, name, group_id from staging.stg_github_copilot__teams")
    assert Counter(found) == expected
    assert expected.total() == 3


def test_members_are_those_of_the_payloads(examples: Examples) -> None:
    def people(*endings: str) -> Counter[Row]:
        return Counter(
            (account, key("github_user", member["id"]), key("github_login", member["login"]))
            for ending in endings
            for account, member in examples.listed(ending)
        )

    for table, endings in {
        "members": ("example-one/members", "example-many/members"),
        "team_members": ("justice-league/members", "justice-league/memberships"),
    }.items():
        found = examples.ask(f"select account_id, user_key, login_key from staging.stg_github_copilot__{table}")
        assert Counter(found) == people(*endings)
        assert found


# The marts.


def known_once(examples: Examples) -> dict[tuple[date, int], Json]:
    """User records by day and user: organisation and enterprise send the same ones."""
    return {(date.fromisoformat(record["day"]), record["user_id"]): record for _, record in examples.records(*USERS)}


def test_the_marts_count_every_user_and_day_once(examples: Examples) -> None:
    once = known_once(examples)
    assert len(once) < sum(1 for _ in examples.records(*USERS)), "no record is served by two accounts"
    expected = Counter(
        (day, key("github_user", user), record["ai_credits_used"]) for (day, user), record in once.items()
    )
    found = examples.ask("select usage_date, principal_key, credits from core.fct_credits_daily")
    assert Counter(found) == expected


def test_the_activity_mart_holds_the_counts_of_the_payloads(examples: Examples) -> None:
    once = known_once(examples)
    measures = {
        "interactions": "user_initiated_interaction_count",
        "suggestions": "code_generation_activity_count",
        **{name: path for name, path in ACTIVITY.items() if name != "generations"},
    }
    items = (((day, key("github_user", user)), record) for (day, user), record in once.items())
    found = ledger(examples.ask, "core.fct_activity_daily", ("usage_date", "principal_key"), measures)
    assert found == totals(items, measures)


def test_everybody_whom_a_payload_names_is_a_principal(examples: Examples) -> None:
    users = {record["user_id"] for _, record in examples.records(*USERS, "user-teams-1-day")}
    users |= {seat["assignee"]["id"] for _, seat in examples.listed("/copilot/billing/seats", "seats")}
    users |= {member["id"] for ending in ("/members", "/memberships") for _, member in examples.listed(ending)}
    found = examples.ask("select principal_key from core.dim_principal")
    assert Counter(found) == Counter((key("github_user", user),) for user in users)


# Nothing is lost.

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BILLIONTH = Decimal(1).scaleb(-9)
# Replaced by pseudonyms, kept in the manifest, or columns of GitHub's own pipeline.
NOT_KEPT_AS_THEY_ARE = {"user_id", "user_login", "report_start_day", "report_end_day", *LEAKED}
RAW_TABLES: dict[str, Callable[[str], bool]] = {
    "users": lambda table: table.startswith("user_day"),
    "aggregates": lambda table: table.startswith("organization_day"),
    "repositories": lambda table: table.startswith("repository_day"),
    "user teams": lambda table: table == "user_team_days",
}
REPORTS = {
    "users": USERS,
    "aggregates": AGGREGATES,
    "repositories": ("repos-1-day",),
    "user teams": ("user-teams-1-day",),
}


def leaves(document: Any) -> Iterator[str]:
    """Every single value in a document, in one spelling."""
    if isinstance(document, dict):
        for name, member in document.items():
            if name not in NOT_KEPT_AS_THEY_ARE:
                yield from leaves(member)
    elif isinstance(document, list):
        for member in document:
            yield from leaves(member)
    elif document is not None:
        yield spelling(document)


def spelling(single: Any) -> str:
    if isinstance(single, bool | date):
        return str(single)
    if isinstance(single, int | Decimal):
        return str(Decimal(single).quantize(BILLIONTH))
    text = str(single)
    if len(text) > 18 and text[10] == "T":
        return f"moment {(datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)}"
    return text


def raw_values(ask: Ask, tables: list[str]) -> dict[Row, Counter[str]]:
    """(account_id, day) to every value of every column there, JSON texts taken apart, lineage left out."""
    found: dict[Row, Counter[str]] = defaultdict(Counter)
    for table in tables:
        columns = ask(f"""
            select column_name, data_type from information_schema.columns
            where table_schema = 'raw_github_copilot' and table_name = '{table}' and column_name not like '_dlt%'
            and column_name not in ('report_load_key', 'account_id', 'scope', 'user_key', 'login_key')
        """)
        selected = ", ".join(
            f"'moment ' || epoch_us({name})" if kind == "TIMESTAMP WITH TIME ZONE" else name for name, kind in columns
        )
        for account, day, *values in ask(f"select account_id, day, {selected} from raw_github_copilot.{table}"):
            for (name, _), single in zip(columns, values, strict=True):
                is_json = name in ("extra", "totals_by_ai_adoption_phase") and single is not None
                found[account, day].update(leaves(json.loads(single, parse_float=Decimal) if is_json else single))
    return found


@pytest.mark.parametrize("kind", REPORTS)
def test_no_value_of_a_payload_is_lost(examples: Examples, kind: str) -> None:
    expected: dict[Row, Counter[str]] = defaultdict(Counter)
    for group, record in by_day(examples.records(*REPORTS[kind])):
        expected[group].update(leaves(record))
    tables = examples.ask("select table_name from information_schema.tables where table_schema = 'raw_github_copilot'")
    found = raw_values(examples.ask, [table for (table,) in tables if RAW_TABLES[kind](table)])
    assert {group: lost for group, values in expected.items() if (lost := values - found[group])} == {}
    assert set(expected) == set(found)


def test_unknown_fields_are_kept_in_extra_where_they_belong(examples: Examples) -> None:
    def extras(table: str) -> list[Json]:
        rows = examples.ask(f"select extra from staging.stg_github_copilot__{table} where extra is not null")
        return [json.loads(extra) for (extra,) in rows]

    signal = {"strength": 3, "colour": "green"}
    (user,) = [record for _, record in examples.records("users-1-day") if "brand_new_signal" in record]
    (organization,) = [record for _, record in examples.records("organization-1-day") if "brand_new_signal" in record]
    features = len(user["totals_by_feature"])
    assert features
    assert extras("user_days") == [{"brand_new_signal": signal}]
    assert extras("user_day_features") == [{"brand_new_item": 0.125}] * features
    assert extras("repository_days") == [{"brand_new_signal": signal, "pull_requests.brand_new_count": 4}]
    assert {"brand_new_signal": signal} in [
        {name: kept for name, kept in extra.items() if name == "brand_new_signal"}
        for extra in extras("organization_days")
    ]
    ides = [
        extra for extra in extras("organization_day_breakdowns") if "last_known_ide_version.brand_new_part" in extra
    ]
    assert ides == [{"last_known_ide_version.brand_new_part": "nightly"}] * len(organization["totals_by_ide"])
    assert ides


def unknown_paths(document: Any, path: str = "") -> Iterator[str]:
    if isinstance(document, dict):
        for name, member in document.items():
            below = f"{path}.{name}" if path else name
            if name.startswith("brand_new"):
                yield below
            else:
                yield from unknown_paths(member, below)
    elif isinstance(document, list):
        for member in document:
            yield from unknown_paths(member, f"{path}[]")


def test_unknown_fields_are_reported_and_only_they(examples: Examples) -> None:
    expected = {
        (report.account_id, report.name, report.day): dict.fromkeys(unknown_paths(json.loads(report.records[0])), 1)
        for report in examples.server.reports
        if report.day == NEW_FIELDS_DAY
    }
    found = examples.ask("""
        select account_id, report, report_date, unknown_fields from staging.stg_github_copilot__report_loads
        where unknown_fields is not null
    """)
    assert {tuple(place): json.loads(fields) for *place, fields in found} == expected
    assert all(expected.values())
    for account, report, day in expected:
        assert any(f"{report} {day} of {account}" in warning for warning in examples.outcome.warnings)
    flagged = examples.ask("select account_id, report from governance.fct_source_recency where has_unknown_fields")
    assert set(flagged) == {place[:2] for place in expected}
