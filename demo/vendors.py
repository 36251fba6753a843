"""The local servers of all vendors, started together, and the settings that point the extraction at them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from demo import anthropic_server, cursor_server, github_server, openai_server
from demo.anthropic_server import AnthropicServer
from demo.company import Company
from demo.cursor_server import CursorServer
from demo.github_faults import Faults
from demo.github_server import DemoServer
from demo.openai_server import OpenaiServer

VENDORS = ("github_copilot", "github_billing", "anthropic", "cursor", "openai")


@dataclass(frozen=True)
class Vendors:
    """Running servers, one for each vendor."""

    github: DemoServer
    anthropic: AnthropicServer
    cursor: CursorServer
    openai: OpenaiServer

    def set_today(self, day: date) -> None:
        """What all of them take for today."""
        self.github.as_of = self.anthropic.as_of = self.cursor.as_of = self.openai.as_of = day

    def settings(self) -> dict[str, str]:
        """The environment variables of every vendor's source."""
        return {
            **github_server.settings(self.github.url, self.github.token),
            **anthropic_server.settings(self.anthropic.url),
            **cursor_server.settings(self.cursor.url),
            **openai_server.settings(self.openai.url),
        }


@contextmanager
def serving(
    company: Company, as_of: date, github_faults: Faults | None = None, github_token: str = github_server.TOKEN
) -> Iterator[Vendors]:
    """Servers of all vendors as of a day, until the context ends."""
    with ExitStack() as stack:
        yield Vendors(
            stack.enter_context(DemoServer(company, as_of=as_of, faults=github_faults, token=github_token)),
            stack.enter_context(AnthropicServer(company, as_of=as_of)),
            stack.enter_context(CursorServer(company, as_of=as_of)),
            stack.enter_context(OpenaiServer(company, as_of=as_of)),
        )


def settings_of(settings: dict[str, str], vendors: tuple[str, ...]) -> dict[str, str]:
    """The settings without those of other vendors."""
    others = tuple(f"SOURCES__{vendor.upper()}__" for vendor in VENDORS if vendor not in vendors)
    return {name: value for name, value in settings.items() if not name.startswith(others)}
