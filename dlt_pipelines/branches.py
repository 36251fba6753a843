"""Names of branches without logins: people put their own before a slash (alice/fix-cart), and a branch is no person.

One rule for GitHub's answers and agents' traces, so that the two still meet. The parts of a name before its last slash
are kept where they are a known word (feature/), an agent's or bot's prefix (copilot/), a number, a version or a ticket;
each other becomes `~` and twelve hex digits, keyed as all pseudonyms are. Git allows no `~` in a branch's name. What
people write after the last slash, or without any, stays.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dlt_pipelines.identifiers import Pseudonymizer

AGENTS_CSV = Path(__file__).resolve().parents[1] / "seeds" / "delivery_agents.csv"

# What people, git and hosts of code call kinds of work, lines of releases and places.
WORDS = frozenset(
    (
        *("feature", "features", "feat", "fix", "fixes", "bugfix", "bugfixes", "bug", "bugs", "hotfix", "hotfixes"),
        *("chore", "chores", "docs", "doc", "refactor", "refactoring", "perf", "style", "test", "tests", "ci", "cd"),
        *("build", "builds", "release", "releases", "revert", "reverts", "spike", "spikes", "rework", "experiment"),
        *("experiments", "experimental", "wip", "draft", "poc", "prototype", "cleanup", "security", "improvement"),
        *("enhancement", "migration", "i18n", "infra", "tmp", "temp", "task", "tasks", "issue", "issues", "ticket"),
        *("tickets", "story", "epic", "sprint", "milestone", "support", "maintenance", "backport", "backports"),
        *("cherry-pick", "cherrypick", "merge", "merges", "sync", "bump", "upgrade", "update", "updates", "version"),
        *("versions", "rel", "rc", "lts", "stable", "next", "nightly", "canary", "preview", "demo"),
        *("main", "master", "trunk", "develop", "development", "dev", "integration", "staging", "stage", "qa", "uat"),
        *("prod", "production", "env", "envs", "environment", "environments", "deploy", "deployment", "deployments"),
        *("refs", "heads", "tags", "tag", "remotes", "origin", "upstream", "fork", "pull", "pr", "merge-requests"),
        *("gh-readonly-queue", "merge-queue", "gh-pages", "github-actions", "dependency", "dependencies", "deps"),
        *("dependency-update", "dependency-updates", "agent", "agents", "ai", "bot", "bots", "automation", "mergify"),
    )
)
# Agents' prefixes beside those of the seed. None that is likelier to be somebody's first name.
AGENTS = frozenset(("gemini", "openhands", "opencode", "aider", "amp", "sweep", "codegen"))
# Behind these come names of packages and of files of machines alone.
MACHINES = frozenset(("dependabot", "renovate", "entire", "snyk", "pre-commit-ci", "release-please"))
# Behind these comes somebody, even at the end.
PEOPLE = frozenset(
    (
        *("user", "users", "usr", "u", "people", "person", "personal", "private", "home", "member", "members"),
        *("author", "authors", "owner", "owners", "devs", "developer", "developers", "sandbox", "sandboxes"),
    )
)

_VERSION = (
    r"(?:[0-9]{4}[-._]?(?:q[1-4]|h[12]|w[0-9]{1,2})"
    r"|v?[0-9]+(?:[._-](?:[0-9]+|x))*(?:[-.]?(?:rc|alpha|beta|preview|snapshot|lts)(?:[-.]?[0-9]+)?)?)"
)
# A number, a version, a ticket in capitals, or a commit.
_NUMBER = re.compile(rf"#?[0-9]+|[A-Z][A-Z0-9_]+-[0-9]+|(?i:{_VERSION})|[0-9a-f]{{40}}(?:[0-9a-f]{{24}})?")
# issue-12, release-1.2.
_NUMBERED_WORD = re.compile(rf"([a-z]+)[-_.]{_VERSION}", re.IGNORECASE)
# GitHub's button puts the name of the branch that it takes back behind the number.
_REVERTS = re.compile(r"((?:refs/heads/)?(?:revert-[0-9]{1,9}-)*)(.*)", re.DOTALL)
# GitHub's editor names a branch after whoever uses it.
_PATCH = re.compile(r"(.+)(-patch-[0-9]+)", re.DOTALL)
_MAIL_ADDRESS = re.compile(r"[^\s/@]{1,64}@[^\s/@]{1,255}\.[a-z]{2,}", re.IGNORECASE)
_MASKED = re.compile(r"~[0-9a-f]{12}")
MASK_DIGITS = 12

_ENCODED_SLASH = re.compile(r"(%(?:25)*2f)", re.IGNORECASE)
# In an address a branch comes after one of these.
_BEFORE_BRANCH = frozenset(("tree", "blob", "branch", "branches", "commits", "heads"))
# As macros/is_long_lived_branch.sql has them.
_TRUNKS = frozenset(("main", "master", "trunk", "develop", "development", "head"))
_MAY_HOLD_BRANCH = re.compile(rf"%(?:25)*2f|/(?:{'|'.join(sorted(_BEFORE_BRANCH))})/", re.IGNORECASE)


class Branches:
    """Masks what in a branch's name may be a login; equal for two names that differ in such a part's case alone."""

    def __init__(self, pseudonymizer: Pseudonymizer) -> None:
        self._digest = pseudonymizer.digest
        self._words = WORDS | AGENTS | MACHINES | PEOPLE | _seed_words() | pseudonymizer.branch_words

    def masked(self, branch: str | None) -> str | None:
        """The name as it may be loaded; None for None. A name that was masked stays as it is."""
        return branch and self._whole(branch)

    def in_address(self, address: str | None) -> str | None:
        """An address with the branches in its path masked: of links to a tree, and where a slash is written as %2F."""
        if not address or not _MAY_HOLD_BRANCH.search(address):
            return address
        parts = address.split("/")
        before, in_branch = "", False
        for place, part in enumerate(parts):
            pieces = _ENCODED_SLASH.split(part)
            if len(pieces) > 1:
                names = self._parts(pieces[:-1:2], pieces[-1])
                parts[place] = "".join(name + slash for name, slash in zip(names, [*pieces[1::2], ""], strict=True))
            elif in_branch or before in _BEFORE_BRANCH:
                is_last = place + 1 == len(parts)
                parts[place] = self._mask(part) if before in PEOPLE else (self._whole if is_last else self._part)(part)
                # Behind a usual word the branch goes on (tree/feature/alice/fix); behind a trunk or a mask come files.
                in_branch = parts[place] == part and part.lower() not in _TRUNKS
            before = part.lower()
        return "/".join(parts)

    def within(self, text: str | None, branch: str | None) -> str | None:
        """A text in which a branch may stand, with its masked name instead."""
        return text.replace(branch, self._whole(branch)) if text and branch else text

    def _whole(self, branch: str) -> str:
        match = _REVERTS.fullmatch(branch)
        assert match is not None
        *folders, topic = match[2].split("/")
        if not folders and (patch := _PATCH.fullmatch(topic)):
            return f"{match[1]}{self._part(patch[1])}{patch[2]}"
        return match[1] + "/".join(self._parts(folders, topic))

    def _parts(self, folders: Iterable[str], topic: str) -> Iterator[str]:
        """The parts of a name in their order, each as it may be loaded."""
        before = ""
        for part in folders:
            if before not in MACHINES:
                yield self._mask(part) if before in PEOPLE else self._part(part)
                before = part.lower()
            else:
                yield part
        if before in PEOPLE:
            yield self._mask(topic)
        elif before in MACHINES:
            yield topic
        else:
            yield _MAIL_ADDRESS.sub(lambda found: self._mask(found[0]), topic)

    def _part(self, part: str) -> str:
        numbered = _NUMBERED_WORD.fullmatch(part)
        is_known = part.lower() in self._words or _NUMBER.fullmatch(part) or (numbered and numbered[1].lower() in WORDS)
        return part if is_known else self._mask(part)

    def _mask(self, part: str) -> str:
        if not part or _MASKED.fullmatch(part):
            return part
        return f"~{self._digest('branch', part.lower())[:MASK_DIGITS]}"


@cache
def _seed_words() -> frozenset[str]:
    """The words of the prefixes by which the models tell agents' branches."""
    with AGENTS_CSV.open(encoding="utf-8", newline="") as file:
        patterns = [row["pattern"] for row in csv.DictReader(file) if row["signal"] == "branch_prefix"]
    return frozenset(word.lower() for pattern in patterns for word in pattern.split("/") if word)
