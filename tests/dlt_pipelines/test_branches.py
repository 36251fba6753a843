"""Branches: what in their names may be a login is masked, in GitHub's answers and in traces alike."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlt_pipelines import extraction
from dlt_pipelines.branches import AGENTS_CSV, Branches
from dlt_pipelines.errors import ConfigurationError, ExitCode
from dlt_pipelines.extraction import pseudonymizer
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.delivery_bench import (
    ENTIRE,
    REPOSITORY,
    DeliveryBench,
    commit,
    deployment,
    one_repository,
    pull,
    run,
    sha,
)
from tests.dlt_pipelines.otel_bench import span
from tests.dlt_pipelines.pseudonyms import KEY

__all__ = ["one_repository"]

LOGS = "https://git.example/keel-works/sextant/tree"
LOGIN = "mona-invented"
# printf branch:mona-invented | openssl dgst -sha256 -hmac "$KEY", and so on: the first twelve digits.
MONA, HUBOT, ADDRESS = "~87e4299f758b", "~d1f0708d0140", "~a455e1f9ea51"


@pytest.fixture(scope="module")
def branches() -> Branches:
    return Branches(Pseudonymizer(KEY))


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("mona-invented/fix-cart", f"{MONA}/fix-cart"),
        ("Mona-Invented/Fix-Cart", f"{MONA}/Fix-Cart"),
        ("refs/heads/mona-invented/fix", f"refs/heads/{MONA}/fix"),
        ("origin/mona-invented/fix", f"origin/{MONA}/fix"),
        ("mona-invented/hubot-invented/fix", f"{MONA}/{HUBOT}/fix"),
        ("feature/mona-invented/fix", f"feature/{MONA}/fix"),
        ("mona-invented/", f"{MONA}/"),
        ("mona-invented//fix", f"{MONA}//fix"),
        # Behind a word for people comes somebody, whatever it looks like.
        ("users/mona-invented", f"users/{MONA}"),
        ("Users/mona-invented/fix", f"Users/{MONA}/fix"),
        ("users/test/fix", "users/~dd76ad69cbfa/fix"),
        # GitHub's own names: of its buttons for a revert and for an edit, and of its merge queue.
        ("revert-12-mona-invented/fix", f"revert-12-{MONA}/fix"),
        ("revert-12-revert-7-mona-invented/fix", f"revert-12-revert-7-{MONA}/fix"),
        ("refs/heads/revert-12-mona-invented/fix", f"refs/heads/revert-12-{MONA}/fix"),
        ("mona-invented-patch-3", f"{MONA}-patch-3"),
        ("revert-12-mona-invented-patch-3", f"revert-12-{MONA}-patch-3"),
        ("gh-readonly-queue/mona-invented/pr-7-0a1b", f"gh-readonly-queue/{MONA}/pr-7-0a1b"),
        ("mona@keel.example/fix", f"{ADDRESS}/fix"),
        ("fix/for-it", "fix/for-it"),
        ("fix/mona@keel.example", f"fix/{ADDRESS}"),
    ],
)
def test_what_may_be_a_login_is_masked(branches: Branches, branch: str, expected: str) -> None:
    assert branches.masked(branch) == expected


@pytest.mark.parametrize(
    "branch",
    [
        *("main", "fix-cart", "v1.2.0", "0a1b2c3d", "HEAD", "", "fix-patch-3", "refs/heads/main", "revert-12-main"),
        *("feature/cart", "Feature/Cart", "hotfix/1.2/cart", "release/2026-09", "release-1.2/x", "issue-12/x"),
        *("ABC-123/fix", "#12/fix", "12/fix", "v1.2/fix", "v1.x/fix", "1.2.0-rc.1/fix", "2026-09/fix", "2026-q3/fix"),
        *("copilot/fix-cart", "cursor/a-1b2c", "codex/x", "claude/x", "deps/a-1", "revert-12-feature/x"),
        *("dependabot/npm_and_yarn/@types/node-24", "renovate/major/react-monorepo", "entire/checkpoints/v1"),
        *("gh-readonly-queue/main/pr-7-0a1b", "refs/pull/12/merge", "refs/tags/v1.2", f"{sha('commit')}/x"),
        *("deps/left-trim@1.2.3", "env/prod/eu", "backport/12/x", "merge/main/x", "dependency-update/x"),
    ],
)
def test_what_is_nobody_s_login_stays(branches: Branches, branch: str) -> None:
    assert branches.masked(branch) == branch


def test_no_branch_stays_none(branches: Branches) -> None:
    assert branches.masked(None) is None


PART = st.text(st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)
LOGINS = st.from_regex(r"x[a-z]{2,12}-[a-z]{2,12}y", fullmatch=True)


@given(login=LOGINS, folders=st.lists(st.sampled_from(["feature", "12", "ABC-1", "users", "xyz"])), topic=PART)
def test_a_login_before_a_slash_never_stays_and_the_topic_does(login: str, folders: list[str], topic: str) -> None:
    branches = Branches(Pseudonymizer(KEY))
    masked = branches.masked("/".join([*folders, login, f"{topic} x"]))
    assert masked is not None
    *before, last = masked.split("/")
    assert len(before) == len(folders) + 1
    assert before[-1].startswith("~")
    assert login not in masked or login in topic
    assert last == f"{topic} x" or "@" in topic


@given(name=st.lists(PART, min_size=1, max_size=4).map("/".join))
def test_a_masked_name_is_masked_no_more(name: str) -> None:
    """Or two of a branch that comes back through an agent would not meet."""
    branches = Branches(Pseudonymizer(KEY))
    masked = branches.masked(name)
    assert branches.masked(masked) == masked
    assert branches.masked(f"refs/heads/{name}") == f"refs/heads/{masked}"


def test_the_pseudonym_is_no_other_and_nothing_is_remembered() -> None:
    """Whoever may read branches cannot look up there what a person's key stands for, nor the other way round."""
    keys = Pseudonymizer(KEY)
    masked = Branches(keys).masked(f"{LOGIN}/fix")
    assert keys.seen() == []
    key = keys.key("github_login", LOGIN)
    assert key is not None
    assert masked is not None
    assert key[:12] not in masked
    assert Branches(Pseudonymizer(KEY[::-1])).masked(f"{LOGIN}/fix") not in (masked, f"{LOGIN}/fix")


def test_every_prefix_by_which_agents_are_told_stays(branches: Branches) -> None:
    with AGENTS_CSV.open(encoding="utf-8", newline="") as file:
        prefixes = [row["pattern"] for row in csv.DictReader(file) if row["signal"] == "branch_prefix"]
    assert {"copilot/", "devin/"} <= set(prefixes)
    assert [branches.masked(f"{prefix}x") for prefix in prefixes] == [f"{prefix}x" for prefix in prefixes]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "https://ci.example/job/shop/job/mona-invented%2Ffix/12/",
            f"https://ci.example/job/shop/job/{MONA}%2Ffix/12/",
        ),
        ("https://ci.example/job/mona-invented%252Ffix/12", f"https://ci.example/job/{MONA}%252Ffix/12"),
        ("https://ci.example/job/feature%2Fcart/12", "https://ci.example/job/feature%2Fcart/12"),
        ("https://git.example/a/b/tree/mona-invented/fix", f"https://git.example/a/b/tree/{MONA}/fix"),
        ("https://git.example/a/b/tree/mona-invented-patch-1", f"https://git.example/a/b/tree/{MONA}-patch-1"),
        ("https://git.example/a/b/tree/main/docs", "https://git.example/a/b/tree/main/docs"),
        ("https://git.example/mona-invented/b/actions/runs/1", "https://git.example/mona-invented/b/actions/runs/1"),
        (f"https://git.example/a/b/tree/feature/{LOGIN}/fix", f"https://git.example/a/b/tree/feature/{MONA}/fix"),
        (f"https://git.example/a/b/tree/users/{LOGIN}", f"https://git.example/a/b/tree/users/{MONA}"),
        ("https://git.example/a/b/blob/main/src/app.py", "https://git.example/a/b/blob/main/src/app.py"),
        (None, None),
    ],
)
def test_branches_in_addresses_are_masked(branches: Branches, address: str | None, expected: str | None) -> None:
    assert branches.in_address(address) == expected


# --- words of one's own ---


def test_words_of_one_s_own_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("AGENT_SPEND_BRANCH_PREFIXES", " payments, Mobile-App/ ,")
    masked = Branches(pseudonymizer()).masked
    assert masked("Payments/fix") == "Payments/fix"
    assert masked("mobile-app/fix") == "mobile-app/fix"
    assert masked("mona-invented/fix") == f"{MONA}/fix"


def test_a_word_that_is_no_part_of_a_branch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("AGENT_SPEND_BRANCH_PREFIXES", "payments,team/mobile")
    with pytest.raises(ConfigurationError, match=r"AGENT_SPEND_BRANCH_PREFIXES holds 'team/mobile'.*comma-separated"):
        pseudonymizer()


# --- both sources ---


def test_everything_that_delivery_loads_is_masked(bench: DeliveryBench) -> None:
    own = f"{LOGIN}/12-fix"
    bench.repo.add(
        pull(
            7,
            head={"ref": own, "sha": sha("a")},
            base={"ref": f"{LOGIN}/base"},
            body=f"Agent-Logs-Url: {LOGS}/{own}",
            commit_list=[commit(f"x\n\nAgent-Logs-Url: {LOGS}/{own}")],
        ),
        pull(8, head={"ref": f"revert-7-{own}", "sha": sha("b")}),
    )
    bench.repo.runs = [
        run(1, "2026-10-10T10:00:00Z", head_branch=own, path=f".github/workflows/ci.yml@refs/heads/{own}")
    ]
    bench.repo.deployments = [deployment(1, "2026-10-10T10:00:00Z", ref=own, environment=f"preview of {own}")]
    task = {
        "id": "t1",
        "state": "completed",
        "created_at": "2026-10-10T10:00:00Z",
        "updated_at": "2026-10-10T10:00:00Z",
    }
    session = {"id": "s1", "head_ref": own, "base_ref": f"{LOGIN}/base"}
    bench.repo.tasks = [
        {**task, "sessions": [session]},
        {**task, "id": "t2", "artifacts": [{"type": "branch", "data": {"head_ref": own}}]},
    ]
    bench.repo.refs = {ENTIRE: {"aa/bbccddeeff/0/metadata.json": json.dumps({"session_id": "one", "branch": own})}}
    assert bench.extract().exit_code == ExitCode.OK
    masked, base = f"{MONA}/12-fix", f"{MONA}/base"
    assert bench.rows("select head_ref, base_ref, reverts_number from raw.pull_requests order by number") == [
        (masked, base, None),
        (f"revert-7-{masked}", "main", 7),
    ]
    addresses = (
        "select session_urls, trailer_value from raw.pull_requests inner join raw.commit_trailers using (number)"
    )
    assert bench.rows(addresses) == [(f'["{LOGS}/{masked}"]', f"{LOGS}/{masked}")]
    # Read of the branch's own name.
    assert bench.rows("select number, issue_number, evidence from raw.pull_request_issues order by 1") == [
        (7, 12, "branch_name"),
        (8, 12, "branch_name"),
    ]
    assert bench.rows("select head_branch, path from raw.workflow_runs") == [
        (masked, f".github/workflows/ci.yml@refs/heads/{masked}")
    ]
    assert bench.rows("select ref, environment from raw.deployments") == [(masked, f"preview of {masked}")]
    assert bench.rows("select head_ref from raw.agent_tasks") == [(masked,), (masked,)]
    assert bench.rows("select head_ref, base_ref from raw.agent_sessions") == [(masked, base)]
    assert bench.rows("select branch from raw.checkpoints") == [(masked,)]
    assert bench.one("select count(*) from raw_restricted.identifiers where identifier like '%/%'") == 0


def test_a_default_branch_is_masked_as_those_that_go_to_it(
    bench: DeliveryBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(bench.repo), "record", {**bench.repo.record, "default_branch": f"{LOGIN}/trunk"})
    bench.repo.add(pull(7, base={"ref": f"{LOGIN}/trunk"}))
    bench.extract()
    assert bench.rows("select default_branch from raw.repositories") == [(f"{MONA}/trunk",)]
    assert bench.rows("select base_ref from raw.pull_requests") == [(f"{MONA}/trunk",)]


def test_traces_of_every_form_meet_the_pull_request_of_their_branch(
    bench: DeliveryBench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own, logs = "Mona-Invented/fix-cart", "https://ci.example/job/mona-invented%2Ffix-cart/1"
    bench.repo.add(pull(7, head={"ref": own, "sha": sha("a")}))
    folder = tmp_path / "traces"
    folder.mkdir()
    said = {"vcs.ref.head.name": own, "vcs.repository.name": REPOSITORY, "agent_spend.logs.url": logs}
    here, nowhere = (
        {name.replace(".", "__"): value for name, value in said.items()},
        span(2, vcs__ref__head__name="main"),
    )
    on_resource = span(3)
    on_resource["resourceSpans"][0]["resource"]["attributes"].append(
        {"key": "vcs.ref.head.name", "value": {"stringValue": own}}
    )
    (folder / "otlp.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in (span(1, **here), nowhere, on_resource, span(4)))
    )
    cli = {"type": "span", "traceId": "c" * 32, "spanId": "c" * 16, "name": "span cli", "kind": 2}
    times = {"startTime": [1790000000, 0], "endTime": [1790000001, 0]}
    event = {"name": "gen_ai.evaluation.result", "time": [1790000001, 0], "attributes": said}
    resource = {"resource": {"attributes": {"service.name": "copilot"}}}
    (folder / "cli.jsonl").write_text(json.dumps({**cli, **times, "attributes": said, "events": [event], **resource}))
    listed = ", ".join(f"'{name}': '{value}'" for name, value in said.items())
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (select
                '2026-09-10 19:22:26'::timestamp_ns as "Timestamp", '{"d" * 32}' as "TraceId",
                '{"d" * 16}' as "SpanId", '' as "ParentSpanId", 'span table' as "SpanName", 'Client' as "SpanKind",
                'agent' as "ServiceName", map {{'service.name': 'agent'}} as "ResourceAttributes",
                map {{{listed}}} as "SpanAttributes", 1::ubigint as "Duration", 'Ok' as "StatusCode"
            ) to '{folder / "table.parquet"}' (format parquet)
        """)
    monkeypatch.setenv("SOURCES__OTEL__BUCKET_URL", str(folder))
    outcome = extraction.extract(["github_delivery", "otel"])
    assert outcome.exit_code == ExitCode.OK
    assert bench.rows("""
        select spans.span_name, spans.branch, pulls.number
        from raw_otel.spans left join raw.pull_requests as pulls on spans.branch = pulls.head_ref order by 1
    """) == [
        ("span 00001", f"{MONA}/fix-cart", 7),
        ("span 00002", "main", None),
        ("span 00003", f"{MONA}/fix-cart", 7),
        ("span 00004", None, None),
        ("span cli", f"{MONA}/fix-cart", 7),
        ("span table", f"{MONA}/fix-cart", 7),
    ]
    assert bench.rows("select branch, logs_url from raw_otel.events") == [
        (f"{MONA}/fix-cart", f"https://ci.example/job/{MONA}%2Ffix-cart/1")
    ]
    assert bench.rows("select distinct logs_url from raw_otel.spans where logs_url is not null") == [
        (f"https://ci.example/job/{MONA}%2Ffix-cart/1",)
    ]
