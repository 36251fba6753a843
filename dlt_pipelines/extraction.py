"""One extraction over the configured sources: what is due is read, loaded and committed, problems are gathered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType

import dlt
from dlt.common.configuration.exceptions import ConfigFieldMissingException

from dlt_pipelines import (
    anthropic,
    cursor,
    finance,
    focus,
    github_billing,
    github_copilot,
    github_delivery,
    model_prices,
    openai,
    otel,
    roster,
)
from dlt_pipelines.catalog import DATASETS
from dlt_pipelines.errors import (
    AgentSpendError,
    ConfigurationError,
    WarehouseBusy,
)
from dlt_pipelines.http import Clock
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window, as_of

VENDORS: dict[str, ModuleType] = {
    github_copilot.SOURCE: github_copilot,
    github_billing.SOURCE: github_billing,
    github_delivery.SOURCE: github_delivery,
    anthropic.SOURCE: anthropic,
    cursor.SOURCE: cursor,
    openai.SOURCE: openai,
    focus.SOURCE: focus,
    otel.SOURCE: otel,
}
SOURCES = (roster.SOURCE, model_prices.SOURCE, *VENDORS, finance.SOURCE)

MAKE_A_KEY = (
    "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))', keep it where your secrets are, and set"
    " AGENT_SPEND_PSEUDONYM_KEY. The same key gives the same pseudonyms; a lost key cannot be replaced."
)
BRANCH_PREFIXES = "agent_spend_branch_prefixes"
# Of what git allows in a part of a branch's name.
_BRANCH_WORD = re.compile(r"[^\s/~^:?*\[\\]+")


def pseudonymizer() -> Pseudonymizer:
    """The pseudonymizer with the key from AGENT_SPEND_PSEUDONYM_KEY or dlt's secrets; raises ConfigurationError.

    AGENT_SPEND_BRANCH_PREFIXES, or the same in dlt's configuration, names words in branches that are nobody's login.
    """
    try:
        key = dlt.secrets["agent_spend_pseudonym_key"]
    except (KeyError, ConfigFieldMissingException):
        raise ConfigurationError("no pseudonym key", MAKE_A_KEY) from None
    try:
        return Pseudonymizer(str(key), _branch_words())
    except ValueError as error:
        raise ConfigurationError(str(error), MAKE_A_KEY) from None


def _branch_words() -> frozenset[str]:
    named = dlt.config.get(BRANCH_PREFIXES, str) or ""
    words = frozenset(word.strip().rstrip("/").lower() for word in named.split(",")) - {""}
    for word in sorted(words):
        if not _BRANCH_WORD.fullmatch(word):
            raise ConfigurationError(
                f"{BRANCH_PREFIXES.upper()} holds '{word}', which is no part of a branch's name",
                "It is a comma-separated list of words that stand before a slash, such as payments,mobile-app.",
            )
    return words


def configured_sources() -> list[str]:
    """The sources that have settings; the price list needs none, and comes with any other."""
    found = [files.SOURCE for files in (roster, finance) if files.load_settings().bucket_url]
    found += [name for name, vendor in VENDORS.items() if vendor.is_configured()]
    return [*found, model_prices.SOURCE] if found else []


@dataclass
class Run:
    """What the sources of one extraction share."""

    warehouse: Warehouse
    pseudonymizer: Pseudonymizer
    outcome: Outcome
    progress: Progress
    since: date | None
    until: date | None
    clock: Clock | None

    def read(self, source: str) -> None:
        """Extracts one source."""
        if source == roster.SOURCE:
            self._read_roster()
        elif source == finance.SOURCE:
            finance.extract(finance.load_settings(), self.warehouse, self.outcome, as_of())
        elif source == model_prices.SOURCE:
            model_prices.extract(self.warehouse, self.outcome, as_of())
        else:
            vendor = VENDORS[source]
            settings = vendor.load_settings()
            window = Window(as_of(), settings.lookback_days, self.since, self.until)
            vendor.extract(
                settings, self.warehouse, window, self.pseudonymizer, self.outcome, self.progress, self.clock
            )

    def _read_roster(self) -> None:
        settings = roster.load_settings()
        if not settings.bucket_url:
            raise ConfigurationError(
                "no roster is configured", "Set SOURCES__ROSTER__BUCKET_URL to a folder of CSV files."
            )
        try:
            self.outcome.rows += roster.extract(settings, self.warehouse, self.pseudonymizer, as_of())
        except (roster.RosterRefused, ConfigurationError) as error:
            # The roster loaded before stays in force, and the vendors' days are not lost over it.
            self.outcome.problems.append(error)


def extract(
    sources: Sequence[str],
    *,
    target: str = "duckdb",
    since: date | None = None,
    until: date | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
    begin: Callable[[str], None] | None = None,
) -> Outcome:
    """Extracts the sources (all configured ones when none is named) into the target.

    Problems of single reports are gathered in the outcome; what concerns everything is raised. Where several sources
    are read, one that cannot be read does not keep the others from theirs. `begin`
    hears of every source before it is read.
    """
    wanted = _wanted(sources)
    keys = pseudonymizer()
    warehouse = Warehouse(target)
    outcome = Outcome()
    with warehouse.run(*DATASETS), progress or Progress() as bars:
        run = Run(warehouse, keys, outcome, bars, since, until, clock)
        for source in wanted:
            if begin:
                begin(source)
            try:
                run.read(source)
            except WarehouseBusy:
                raise
            except AgentSpendError as error:
                if len(wanted) == 1:
                    raise
                outcome.problems.append(error)
    return outcome


def _wanted(sources: Sequence[str]) -> list[str]:
    wanted = list(sources) or configured_sources()
    if not wanted:
        raise ConfigurationError(
            "no source is configured",
            "Set SOURCES__GITHUB_COPILOT__TOKEN, SOURCES__ANTHROPIC__ADMIN_KEY, SOURCES__CURSOR__ADMIN_KEY or"
            " SOURCES__OPENAI__ADMIN_KEY; see .env.example.",
        )
    for source in wanted:
        if source not in SOURCES:
            raise ConfigurationError(f"there is no source '{source}'", f"Sources: {', '.join(SOURCES)}.")
    return wanted
