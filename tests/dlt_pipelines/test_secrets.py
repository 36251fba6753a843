"""No token and no name in clear where it does not belong: logs, tracebacks, dlt's state, output, raw tables."""

from __future__ import annotations

import logging
import traceback
from datetime import date
from pathlib import Path

import pytest

from demo.github_faults import Faults
from dlt_pipelines.errors import AgentSpendError, ConfigurationError
from dlt_pipelines.extraction import pseudonymizer
from dlt_pipelines.http import ApiClient, Clock, Limits
from dlt_pipelines.identifiers import Pseudonymizer
from tests.dlt_pipelines.conftest import TOKEN, Bench
from tests.dlt_pipelines.pseudonyms import KEY

DAY = date(2026, 10, 10)


def files_with(folder: Path, words: list[str]) -> list[tuple[str, str]]:
    contents = [(path, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [(str(path), word) for path, content in contents for word in words if word.encode() in content]


def test_neither_token_nor_key_nor_signature_is_left_on_disk_or_in_logs(
    bench: Bench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.serve(Faults(truncated_file=("users-1-day", "organization/quill-harbor-apps", DAY)))
    outcome = bench.extract(DAY, DAY)
    out, err = capfd.readouterr()
    said = "\n".join([out, err, caplog.text, *map(str, outcome.problems), *outcome.warnings])
    for secret in (TOKEN, KEY):
        assert secret not in said
    assert "sig=" not in "\n".join(map(str, outcome.problems))
    assert files_with(bench.folder, [TOKEN, KEY, "sig="]) == []


def test_names_in_clear_are_in_raw_restricted_alone(bench: Bench) -> None:
    bench.serve()
    bench.extract(DAY, DAY)
    logins = {user.login for user in bench.company.users}
    columns = bench.rows(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where data_type = 'VARCHAR' and table_schema <> 'raw_restricted'"
    )
    assert len(columns) > 100
    for schema, table, column in columns:
        values = {value for (value,) in bench.rows(f'select distinct "{column}" from "{schema}"."{table}"')}
        assert not values & logins, (schema, table, column)
        assert not any("@example.com" in str(value) for value in values), (schema, table, column)
    in_clear = {value for (value,) in bench.rows("select identifier from raw_restricted.identifiers")}
    assert in_clear & logins


def test_a_failed_request_shows_neither_address_nor_token() -> None:
    client = ApiClient(
        "http://127.0.0.1:9",
        {"Authorization": f"Bearer {TOKEN}"},
        limits=Limits(attempts=2),
        clock=Clock(sleep=lambda seconds: None),
    )
    signed = "http://127.0.0.1:9/signed/report?sig=" + "abc" + "123"
    with pytest.raises(AgentSpendError) as caught:
        client.download(signed, Path("unused"))
    text = "".join(traceback.format_exception(caught.value))
    assert "abc123" not in text
    assert TOKEN not in text
    with pytest.raises(AgentSpendError) as caught:
        client.get("/orgs/x")
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_the_pseudonymizer_does_not_show_its_key() -> None:
    assert KEY not in repr(Pseudonymizer(KEY))
    assert KEY not in repr(vars(Pseudonymizer(KEY))["_keys"])


def test_without_a_pseudonym_key_extraction_stops_and_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENT_SPEND_PSEUDONYM_KEY", raising=False)
    with pytest.raises(ConfigurationError, match=r"no pseudonym key\. Make one with: python3 -c 'import secrets"):
        pseudonymizer()


def test_a_short_pseudonym_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", "short")
    with pytest.raises(ConfigurationError, match="at least 32 characters"):
        pseudonymizer()
