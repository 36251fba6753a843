"""Settings of the openai source, from dlt's own places: .dlt/*.toml and SOURCES__OPENAI__*."""

from __future__ import annotations

from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigValueCannotBeCoercedException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.paged_extraction import NamedAccount

SECTION = "openai"
USER_AGENT = "agent-spend"


@configspec
class OpenaiSettings(BaseConfiguration):
    """Where to ask, as whom, and how gently."""

    api_url: str = "https://api.openai.com"
    admin_key: Optional[TSecretStrValue] = None  # noqa: UP045 (dlt resolves hints at run time)
    organization: str = "default"
    codex_api_url: str = "https://api.chatgpt.com"
    codex_key: Optional[TSecretStrValue] = None  # noqa: UP045
    codex_workspace: Optional[str] = None  # noqa: UP045
    lookback_days: int = 3
    concurrency: int = 4
    # OpenAI publishes no quota for these addresses; another connector keeps to one request a second.
    requests_per_minute: int = 60


def _resolve() -> OpenaiSettings:
    return resolve_configuration(OpenaiSettings(), sections=("sources", SECTION))


def is_configured() -> bool:
    """Whether a key is set: without one the source is left out of a run over all sources."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException:
        return True  # and load_settings says what is wrong
    return bool(settings.admin_key or settings.codex_key)


def load_settings() -> OpenaiSettings:
    """The resolved settings; raises ConfigurationError with the name of what is missing."""
    try:
        settings = _resolve()
    except ConfigValueCannotBeCoercedException as error:
        raise ConfigurationError(
            f"SOURCES__OPENAI__{error.field_name.upper()} has a value that cannot be used", "It must be a number."
        ) from None
    if not (settings.admin_key or settings.codex_key):
        raise ConfigurationError(
            "no OpenAI key",
            "Set SOURCES__OPENAI__ADMIN_KEY to an admin key (sk-admin-…), or admin_key under [sources.openai] in"
            " .dlt/secrets.toml; for Codex Enterprise Analytics set SOURCES__OPENAI__CODEX_KEY.",
        )
    if bool(settings.codex_key) != bool(settings.codex_workspace):
        raise ConfigurationError(
            "Codex Enterprise Analytics needs a workspace and its key",
            "Set SOURCES__OPENAI__CODEX_WORKSPACE and SOURCES__OPENAI__CODEX_KEY, or neither.",
        )
    return settings


def organization(settings: OpenaiSettings) -> NamedAccount:
    """The organisation under whose name the ledger keeps what is read: the API does not say it."""
    return NamedAccount("organization", settings.organization)


def workspace(settings: OpenaiSettings) -> NamedAccount:
    """The ChatGPT workspace whose use of Codex is read."""
    return NamedAccount("workspace", str(settings.codex_workspace))
