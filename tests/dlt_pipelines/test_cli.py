"""The command line: help that teaches, errors in one line, exit codes that scripts can use."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from demo.constants import APPS
from demo.github_faults import Faults
from dlt_pipelines.cli import main
from tests.dlt_pipelines.conftest import Bench


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env and no .dlt of a developer's own."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", [[], ["demo"], ["extract"], ["doctor"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_help_lists_the_exit_codes() -> None:
    assert "5  a permission or policy is missing at the vendor" in run("--help").output


def test_nothing_configured_says_what_to_set(tmp_path: Path) -> None:
    result = run("extract")
    assert result.exit_code == 2
    assert "no source is configured. Set SOURCES__GITHUB_COPILOT__TOKEN" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["extract", "--since", "yesterday"], "'yesterday' is not a date; write it like 2026-10-01"),
        (["extract", "--since", "2999-01-01"], "--since 2999-01-01 lies ahead"),
        (["extract", "gitlab"], "there is no source 'gitlab'. Sources: roster, model_prices, github_copilot,"),
        (["extract", "--target", "oracle"], "'oracle' is not one of"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_the_remedy(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_an_organisation_without_a_name_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCES__GITHUB_COPILOT__TOKEN", "x")
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", "a test key that is long enough to use")
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    result = run("extract", "github_copilot")
    assert result.exit_code == 2
    assert "Set SOURCES__GITHUB_COPILOT__ENTERPRISE" in result.stderr


def test_extract_says_what_it_did_and_what_comes_next(bench: Bench) -> None:
    bench.serve()
    result = run("extract", "--since", "2026-10-10", "--until", "2026-10-10")
    assert result.exit_code == 0
    assert "rows loaded into" in result.stderr
    assert "Next: dbt build" in result.stderr
    assert result.stdout == ""


def test_a_missing_policy_ends_with_5(bench: Bench) -> None:
    bench.serve(Faults(policy_off=frozenset({APPS.account_id})))
    result = run("extract", "--since", "2026-10-10", "--until", "2026-10-10")
    assert result.exit_code == 5
    assert 'The enterprise policy "Copilot usage metrics"' in result.stderr


def test_doctor_is_content_with_a_good_token(bench: Bench) -> None:
    bench.serve()
    result = run("doctor")
    assert result.exit_code == 0, result.stdout
    assert f"ok      {APPS.account_id} users-1-day" in result.stdout
    assert f"ok      {APPS.account_id} identities" in result.stdout
    assert "roster  not configured" in result.stdout


def test_doctor_names_what_is_missing(bench: Bench) -> None:
    bench.serve(Faults(policy_off=frozenset({APPS.account_id})))
    bench.monkeypatch.delenv("AGENT_SPEND_PSEUDONYM_KEY")
    result = run("doctor")
    assert result.exit_code == 5
    assert "missing pseudonym key  no pseudonym key. Make one with:" in result.stdout
    assert f"missing {APPS.account_id} users-1-day" in result.stdout
    assert '"Organization Copilot metrics" (read)' in result.stdout
