"""What commit messages and pull requests' descriptions say of agents, issues and reverts. Pure: text in, facts out.

Nothing that comes out quotes a person: values of trailers are kept where they are an agent's identity, an address of a
session or an id, and only in the form in which agents write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

CLAUDE_CODE = "claude_code"
COPILOT_CLOUD_AGENT = "copilot_cloud_agent"
COPILOT = "copilot"

# Names of trailers that are known: others may be words of a sentence, and are not kept.
PERSONS_TRAILERS = frozenset(
    f"{deed}-by"
    for deed in (
        *("acked", "approved", "assisted", "co-authored", "co-developed", "committed", "generated", "helped", "made"),
        *("on-behalf-of", "reported", "requested", "reviewed", "signed-off", "suggested", "tested", "written"),
    )
) | {"on-behalf-of", "made-with"}
# Where a bare name may be an agent's: people are called Claude and Devin, too, and they review and test.
NAMED_AGENTS_TRAILERS = frozenset(("assisted-by", "co-authored-by", "generated-by", "made-by", "made-with"))
URL_TRAILERS = {"agent-logs-url": COPILOT_CLOUD_AGENT, "claude-session": CLAUDE_CODE}
ID_TRAILERS = {
    "entire-checkpoint": re.compile(r"[0-9a-f]{12}"),
    "entire-session": re.compile(r"[0-9A-Za-z_-]{8,80}"),
}

# An agent by the address that it commits with; what stands before a + is the number of its account.
AGENTS_BY_ADDRESS = {
    "198982749+copilot@users.noreply.github.com": COPILOT_CLOUD_AGENT,
    "noreply@anthropic.com": CLAUDE_CODE,
    "cursoragent@cursor.com": "cursor",
    "noreply@openai.com": "codex",
    "codex@openai.com": "codex",
    "copilot@github.com": COPILOT,
    "copilot@users.noreply.github.com": COPILOT,
    "copilot-swe-agent[bot]@users.noreply.github.com": COPILOT_CLOUD_AGENT,
    "claude[bot]@users.noreply.github.com": CLAUDE_CODE,
    "cursor[bot]@users.noreply.github.com": "cursor",
    "chatgpt-codex-connector[bot]@users.noreply.github.com": "codex",
    "devin-ai-integration[bot]@users.noreply.github.com": "devin",
    "google-labs-jules[bot]@users.noreply.github.com": "jules",
    "codegen-sh[bot]@users.noreply.github.com": "codegen",
    "gemini-code-assist[bot]@users.noreply.github.com": "gemini",
    "openhands@all-hands.dev": "openhands",
    "noreply@aider.chat": "aider",
    "aider@aider.chat": "aider",
    "noreply@opencode.ai": "opencode",
    "amp@ampcode.com": "amp",
}
# An agent by the name that stands without an address (Made-with: Cursor; Assisted-by: Claude:claude-opus-4-5).
AGENTS_BY_NAME = {
    "claude": CLAUDE_CODE,
    "claude code": CLAUDE_CODE,
    "copilot": COPILOT,
    "github copilot": COPILOT,
    "cursor": "cursor",
    "codex": "codex",
    "gemini": "gemini",
    "gemini cli": "gemini",
    "aider": "aider",
    "opencode": "opencode",
    "amp": "amp",
    "devin": "devin",
}
# How agents call themselves and the model: nothing else beside an agent's address is kept. A model has a digit: what
# stands in brackets without one may be a person's name.
_IN_BRACKETS = r"(?: \((?P<in_brackets>(?=[^()]*\d)[\w .:/-]{1,60})\))?"
AGENT_NAMES = (
    re.compile(r"claude(?: code)?" + _IN_BRACKETS, re.IGNORECASE),
    re.compile(r"(?P<model>claude [a-z]+(?: [a-z]+)? \d[\d.]*(?: \((?=[^()]*\d)[\w .-]{1,30}\))?)", re.IGNORECASE),
    re.compile(r"(?P<model>claude[-\w.]*\d[-\w.]*)", re.IGNORECASE),
    re.compile(r"(?:github )?copilot(?: cli)?|copilot-swe-agent(?:\[bot\])?", re.IGNORECASE),
    re.compile(r"cursor(?: agent)?|codex(?: cli)?|openhands|opencode|amp|devin ai", re.IGNORECASE),
    re.compile(r"(?:gpt|codex)[-\w.]*\d[-\w.]*", re.IGNORECASE),
    re.compile(r"aider" + _IN_BRACKETS, re.IGNORECASE),
    re.compile(r"[\w-]+\[bot\]"),
)

# What agents write into a description, and what it is a sign of.
BODY_SIGNS = (
    (re.compile(r"generated with \[?claude code", re.IGNORECASE), CLAUDE_CODE),
    (re.compile(r"\bclaude\.ai/code\b", re.IGNORECASE), CLAUDE_CODE),
    (re.compile(r"\bchatgpt\.com/codex/tasks\b", re.IGNORECASE), "codex"),
    (re.compile(r"\bcursor\.com/(?:agents|background-agent)\b|<!-- CURSOR_", re.IGNORECASE), "cursor"),
    (re.compile(r"\bapp\.devin\.ai/sessions\b", re.IGNORECASE), "devin"),
    (re.compile(r"\bjules\.google\.com/task\b", re.IGNORECASE), "jules"),
    (re.compile(r"\bapp\.all-hands\.dev\b", re.IGNORECASE), "openhands"),
    (re.compile(r"<!-- START COPILOT CODING AGENT", re.IGNORECASE), COPILOT_CLOUD_AGENT),
)
SESSION_URL = re.compile(
    r"https://(?:"
    r"claude\.ai/code/[\w/-]+"
    r"|chatgpt\.com/codex/tasks/[\w-]+"
    r"|(?:www\.)?cursor\.com/(?:agents|background-agent)/[\w-]+"
    r"|app\.devin\.ai/sessions/[\w-]+"
    r"|jules\.google\.com/task/[\w-]+"
    r"|[\w.-]+/[\w.-]+/[\w.-]+/(?:pull/\d+/)?(?:agent-)?sessions/[\w-]+"
    r"|github\.com/copilot/(?:tasks|agents)/[\w/-]+"
    # An address that goes on like a person's is not kept, not even its begin.
    r")(?![\w-]|/?[%@~])"
)

_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*(.*)")
_ADDRESS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>[^<>]*$")
# Of github.com, of a tenant of GHE.com or of a server of one's own.
_NOREPLY = re.compile(r"(?P<number>\d+\+)?(?P<login>[^@]+)@users\.noreply\.[\w.-]+", re.IGNORECASE)
_NAMED_AGENT = re.compile(r"([A-Za-z][A-Za-z ]*?)(?:[:/]\s*([\w.:/-]{1,60}))?(?:\s+\[[\w .,-]*\])*")
# Without @, %40 and ~: behind them stand people.
_URL = re.compile(r"https?://[\w.-]+(?::\d+)?/[\w./-]*")
_COMMENT_OR_CODE = re.compile(r"<!--.*?-->|^(```|~~~).*?^\1|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+"
    r"(?:https?://[\w.-]+/(?P<of_url>[\w.-]+/[\w.-]+)/issues/|(?P<of>[\w.-]+/[\w.-]+)?#|GH-)(?P<number>\d{1,9})\b",
    re.IGNORECASE,
)
_BRANCH = re.compile(
    r"(?:^|/)(?:(?:issue|gh|bug)[-_/#]?|#)?(?!20\d\d[-_](?:q[1-4]|h[12]|w?\d\d?)(?![a-z0-9]))"
    r"(\d{1,7})(?=[-_]|$)(?!-\d\d-\d\d)",
    re.IGNORECASE,
)
# Branches whose numbers are those of versions.
_VERSIONS_BRANCH = re.compile(r"(?:^|/)(?:dependabot|renovate|rel|releases?|stable|versions?)/", re.IGNORECASE)
# As GitHub's button writes it: by itself at the begin of a line.
_REVERTED_NUMBER = re.compile(
    r"^[ \t]*Reverts[ \t]+(?:pull request[ \t]+)?(?P<of>[\w.-]+/[\w.-]+)?#(?P<number>\d{1,9})\b",
    re.IGNORECASE | re.MULTILINE,
)
_REVERTED_SHA = re.compile(r"\bThis reverts commit ([0-9a-f]{7,64})\b", re.IGNORECASE)
_REVERTING_BRANCH = re.compile(r"revert-(\d{1,9})-")


@dataclass(frozen=True)
class Identity:
    """Who an e-mail address or a name with one belongs to: an agent, a bot, or a person (by login, else by address)."""

    agent: str | None = None
    bot_login: str | None = None
    login: str | None = None
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Trailer:
    """A trailer of a commit; `value` is None where it is a person's or not in the form in which agents write it."""

    key: str
    value: str | None = None
    agent: str | None = None
    model: str | None = None
    login: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Revert:
    """What a change takes back: a pull request's number and/or a commit; neither is known of some."""

    is_revert: bool
    number: int | None = None
    sha: str | None = None


def identity(email: str | None) -> Identity:
    """Who commits with an address; an empty Identity for none."""
    address = (email or "").strip().lower()
    if not address:
        return Identity()
    noreply = _NOREPLY.fullmatch(address)
    login = noreply["login"] if noreply else None
    agent = AGENTS_BY_ADDRESS.get(address)
    if noreply and not agent:
        everywhere = f"{login}@users.noreply.github.com"
        numbered = AGENTS_BY_ADDRESS.get(f"{noreply['number'] or ''}{everywhere}")
        agent = numbered or AGENTS_BY_ADDRESS.get(everywhere)
    if login and (agent or login.endswith("[bot]")):
        return Identity(agent, bot_login=login)
    if agent:
        return Identity(agent, bot_login=agent)
    return Identity(login=login) if login else Identity(email=address)


def trailers(message: str | None) -> list[Trailer]:
    """The known trailers of a commit message in their order, of every paragraph: a squash keeps its commits' own."""
    found = []
    for key, value in _lines_of_trailers(message or ""):
        name = key.lower()
        if name in URL_TRAILERS:
            found.append(Trailer(name, _clean_url(value), URL_TRAILERS[name]))
        elif name in ID_TRAILERS:
            found.append(Trailer(name, value if ID_TRAILERS[name].fullmatch(value) else None))
        elif name in PERSONS_TRAILERS and value:
            found.append(_identity_trailer(name, value))
    return found


def _lines_of_trailers(message: str) -> Iterable[tuple[str, str]]:
    """(key, value) of all lines that look like trailers; lines that begin with a blank go on with the one before."""
    pending: tuple[str, str] | None = None
    for line in [*re.split(r"\r\n|\r|\n", message), ""]:
        if pending and line[:1] in (" ", "\t") and line.strip():
            pending = (pending[0], f"{pending[1]} {line.strip()}".strip())
            continue
        if pending:
            yield pending
        match = _TRAILER.fullmatch(line)
        pending = (match[1], match[2].strip()) if match else None


def _identity_trailer(key: str, value: str) -> Trailer:
    address = _ADDRESS.search(value)
    if not address:
        return _named_trailer(key, value)
    who = identity(address[1])
    if who.agent is None and who.bot_login is None:
        return Trailer(key, login=who.login, email=who.email)
    name = value[: address.start()].strip()
    known = next((found for pattern in AGENT_NAMES if (found := pattern.fullmatch(name))), None)
    model = None
    if known:
        groups = known.groupdict()
        model = groups.get("model") or groups.get("in_brackets")
    return Trailer(key, f"{name} <{address[1]}>" if known else f"<{address[1]}>", who.agent, model)


def _named_trailer(key: str, value: str) -> Trailer:
    """A trailer without an address: an agent's, if it is called like one; else a person's, of whom nothing is kept."""
    if key not in NAMED_AGENTS_TRAILERS:
        return Trailer(key)
    named = _NAMED_AGENT.fullmatch(value)
    agent = AGENTS_BY_NAME.get(named[1].strip().lower()) if named else None
    if named and agent:
        model = named[2] if named[2] and re.search(r"\d", named[2]) else None
        return Trailer(key, named[1].strip() + (f":{model}" if model else ""), agent, model)
    whole = next((found for pattern in AGENT_NAMES if (found := pattern.fullmatch(value))), None)
    if whole and (model := whole.groupdict().get("model")):
        return Trailer(key, value, CLAUDE_CODE, model)
    return Trailer(key)


def _clean_url(value: str) -> str | None:
    """An address without query and fragment; None where it is none, or may name a person."""
    bare = re.split(r"[?#]", value.strip("<>"), maxsplit=1)[0]
    return bare if _URL.fullmatch(bare) else None


def body_signals(body: str | None) -> list[str]:
    """The agents whose signature a description bears, sorted."""
    text = body or ""
    found = {agent for sign, agent in BODY_SIGNS if sign.search(text)}
    found |= {trailer.agent for trailer in trailers(text) if trailer.agent}
    return sorted(found)


def session_urls(body: str | None) -> list[str]:
    """The addresses of agents' sessions in a description, each once, in their order."""
    found = [match[0].rstrip("/") for match in SESSION_URL.finditer(body or "")]
    found += [t.value for t in trailers(body) if t.key in URL_TRAILERS and t.value]
    return list(dict.fromkeys(found))


def closed_issues(text: str | None, repository: str) -> list[int]:
    """The issues of `repository` that closing keywords name, each once, in order; comments and code do not count."""
    found = []
    for match in _CLOSING.finditer(_COMMENT_OR_CODE.sub(" ", text or "")):
        named = match["of_url"] or match["of"]
        if named is None or named.lower() == repository.lower():
            found.append(int(match["number"]))
    return list(dict.fromkeys(found))


def branch_issue(branch: str | None) -> int | None:
    """The issue that a branch is named after (12-fix-login, feature/12-login, issue-12); None where it is not."""
    if _VERSIONS_BRANCH.search(branch or ""):
        return None
    match = _BRANCH.search(branch or "")
    return int(match[1]) if match and int(match[1]) else None


def revert(title: str | None, body: str | None, branch: str | None, messages: Iterable[str], repository: str) -> Revert:
    """What a pull request takes back, by its title, description, branch and commit messages.

    Comments and code in the description do not count.
    """
    number = sha = None
    said = _COMMENT_OR_CODE.sub(" ", body or "")
    match = _REVERTED_NUMBER.search(said)
    if match and (match["of"] is None or match["of"].lower() == repository.lower()):
        number = int(match["number"])
    reverting = _REVERTING_BRANCH.match(branch or "")
    if number is None and reverting:
        number = int(reverting[1])
    for text in (said, *messages):
        if match := _REVERTED_SHA.search(text):
            sha = match[1].lower()
            break
    says_so = (title or "").lstrip().lower().startswith(('revert "', "revert: ", "revert pr"))
    in_body = sha is not None and bool(_REVERTED_SHA.search(said))
    return Revert(says_so or number is not None or in_body, number, sha)
