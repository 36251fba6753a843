"""What OpenAI refuses, settings, doctor, and that no key and no name is left anywhere."""

from __future__ import annotations

import json
import logging
from collections import Counter

import pytest

from demo.local_server import Response
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, TokenRefused
from dlt_pipelines.openai import checks, is_configured, load_settings
from tests.dlt_pipelines.openai_stub import (
    ADMIN_KEY,
    CODEX,
    CODEX_KEY,
    COMPLETIONS,
    COSTS,
    PROJECTS,
    USAGE,
    Answer,
    OpenaiBench,
    bucket,
    completion,
    cost,
    listed,
    openai_bench,
    page,
    refused,
    use_codex,
)
from tests.dlt_pipelines.pseudonyms import KEY

__all__ = ["openai_bench"]


# Refusals.


def test_a_key_that_is_not_accepted_stops_and_names_admin_keys(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = lambda request: refused(401, "Incorrect API key provided.")
    with pytest.raises(TokenRefused, match="sk-admin-") as caught:
        bench.extract()
    assert caught.value.exit_code == ExitCode.MISSING_PERMISSION


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("path", "scope"),
    [(COSTS, "api.usage.read"), (COMPLETIONS, "api.usage.read"), ("/v1/organization/users", "api.management.read")],
)
def test_a_missing_scope_is_named_once_and_the_rest_is_read(
    bench: OpenaiBench, path: str, scope: str, status: int
) -> None:
    # The vendor has been seen to say it as an object and as a bare text, with 403 and with 401.
    words = f"You have insufficient permissions for this operation. Missing scopes: {scope}."
    bench.server.answers[path] = lambda request: Response(status, json.dumps({"error": words}).encode())
    bench.server.answers[USAGE + "embeddings"] = page(bucket([{"input_tokens": 16, "num_model_requests": 2}]))
    outcome = bench.extract()
    (problem,) = outcome.problems
    assert isinstance(problem, PermissionMissing)
    assert not isinstance(problem, TokenRefused)
    assert scope in problem.remedy
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert bench.one("select count(*) from raw_openai.usage_results") == 1


def test_a_rate_limit_is_waited_out(bench: OpenaiBench) -> None:
    answers = iter([Response(429, b"{}", {"retry-after": "7"}), Response(429, b"{}"), Response(500, b"oops")])
    bench.server.answers[COSTS] = lambda request: next(answers, page(bucket([cost(1)])))
    assert not bench.extract().problems
    assert bench.waits[:1] == [7]
    assert bench.one("select count(*) from raw_openai.costs") == 1


# Secrets and names.


def test_no_key_and_no_name_in_clear_is_left_anywhere(
    bench: OpenaiBench,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    use_codex(monkeypatch)
    person = {"id": "user_1", "name": "Ada Lovelace", "email": "ada@example.com"}
    bench.server.answers |= {
        "/v1/organization/users": listed([person]),
        COSTS: page(bucket([cost("NaN")])),
        COMPLETIONS: page(bucket([completion(input_tokens="bad", user_id="user_1")])),
        CODEX: lambda request: refused(403, "Forbidden"),
    }
    outcome = bench.extract()
    said = "\n".join([*capfd.readouterr(), caplog.text, *map(str, outcome.problems), *outcome.warnings])
    for word in (ADMIN_KEY, CODEX_KEY, KEY, "Ada Lovelace", "ada@example.com"):
        assert word not in said
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        assert not any(word.encode() in content for word in (ADMIN_KEY, CODEX_KEY, KEY, "Ada Lovelace")), path
    in_clear = bench.rows("select namespace, identifier from raw_restricted.identifiers")
    assert set(in_clear) == {("openai_user", "user_1"), ("email", "ada@example.com")}


# Settings and doctor.


def test_without_any_key_the_source_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_configured()
    with pytest.raises(ConfigurationError, match="sk-admin-"):
        load_settings()


def test_a_codex_key_without_a_workspace_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__OPENAI__CODEX_KEY", CODEX_KEY)
    assert is_configured()
    with pytest.raises(ConfigurationError, match="CODEX_WORKSPACE"):
        load_settings()


def test_codex_alone_is_enough(bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch) -> None:
    use_codex(monkeypatch)
    monkeypatch.delenv("SOURCES__OPENAI__ADMIN_KEY")
    bench.extract()
    assert {request.path for request in bench.server.requests} == {CODEX}


def test_doctor_names_every_report_and_the_scope_that_is_missing(
    bench: OpenaiBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_codex(monkeypatch)
    missing: Answer = lambda request: refused(403, "Missing scopes: api.management.read")  # noqa: E731
    bench.server.answers |= {PROJECTS: missing, CODEX: lambda request: refused(404, "Not found")}
    found = {check.subject: check for check in checks(load_settings())}
    assert Counter(check.ok for check in found.values()) == {True: 13, False: 5}
    assert found["organization/acme costs"].ok
    for name in ("projects", "project-api-keys", "project-service-accounts", "project-users"):
        assert "api.management.read" in found[f"organization/acme {name}"].detail
    assert "codex.enterprise.analytics.read" in found["workspace/ws-1 codex-usage"].detail


def test_doctor_says_once_that_a_key_is_not_accepted(bench: OpenaiBench) -> None:
    bench.server.answers[COSTS] = lambda request: refused(401, "Incorrect API key provided.")
    refused_check, codex = checks(load_settings())
    assert not refused_check.ok
    assert "sk-admin-" in refused_check.detail
    assert codex.ok
