"""One extraction over the configured sources: what is due is read, loaded and committed, problems are gathered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import dlt
from dlt.common.configuration.exceptions import ConfigFieldMissingException

from dlt_pipelines import github_copilot, roster
from dlt_pipelines.catalog import DATASETS
from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.github_copilot.settings import is_configured
from dlt_pipelines.github_copilot.settings import load_settings as github_settings
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window, as_of

SOURCES = (github_copilot.SOURCE, roster.SOURCE)

MAKE_A_KEY = (
    "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))', keep it where your secrets are, and set"
    " AGENT_SPEND_PSEUDONYM_KEY. The same key gives the same pseudonyms; a lost key cannot be replaced."
)


def pseudonymizer() -> Pseudonymizer:
    """The pseudonymizer with the key from AGENT_SPEND_PSEUDONYM_KEY or dlt's secrets; raises ConfigurationError."""
    try:
        key = dlt.secrets["agent_spend_pseudonym_key"]
    except (KeyError, ConfigFieldMissingException):
        raise ConfigurationError("no pseudonym key", MAKE_A_KEY) from None
    try:
        return Pseudonymizer(str(key))
    except ValueError as error:
        raise ConfigurationError(str(error), MAKE_A_KEY) from None


def configured_sources() -> list[str]:
    """The sources that have settings."""
    found = [github_copilot.SOURCE] if is_configured() else []
    return found + ([roster.SOURCE] if roster.load_settings().bucket_url else [])


def extract(
    sources: Sequence[str],
    *,
    target: str = "duckdb",
    since: date | None = None,
    until: date | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Outcome:
    """Extracts the sources (all configured ones when none is named) into the target.

    Problems of single reports are gathered in the outcome; what concerns everything is raised.
    """
    wanted = list(sources) or configured_sources()
    if not wanted:
        raise ConfigurationError(
            "no source is configured",
            "Set SOURCES__GITHUB_COPILOT__TOKEN and SOURCES__GITHUB_COPILOT__ENTERPRISE or __ORGANIZATIONS;"
            " see .env.example.",
        )
    for source in wanted:
        if source not in SOURCES:
            raise ConfigurationError(f"there is no source '{source}'", f"Sources: {', '.join(SOURCES)}.")
    keys = pseudonymizer()
    warehouse = Warehouse(target)
    outcome = Outcome()
    with warehouse.run(*DATASETS), progress or Progress() as bars:
        if roster.SOURCE in wanted:
            _extract_roster(warehouse, keys, outcome)
        if github_copilot.SOURCE in wanted:
            settings = github_settings()
            window = Window(as_of(), settings.lookback_days, since, until)
            github_copilot.CopilotExtraction(settings, warehouse, window, keys, outcome, bars, clock).run()
    return outcome


def _extract_roster(warehouse: Warehouse, keys: Pseudonymizer, outcome: Outcome) -> None:
    settings = roster.load_settings()
    if not settings.bucket_url:
        raise ConfigurationError("no roster is configured", "Set SOURCES__ROSTER__BUCKET_URL to a folder of CSV files.")
    try:
        outcome.rows += roster.extract(settings, warehouse, keys, as_of())
    except (roster.RosterRefused, ConfigurationError) as error:
        # The roster loaded before stays in force, and the vendors' days are not lost over it.
        outcome.problems.append(error)
