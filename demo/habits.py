"""How people of the invented company use Copilot: draws a `UserDay` for a user and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from demo import constants as c
from demo.people import User
from demo.usage import AgentJobs, AgentsWindow, Counters, Credits, Line, Sessions, Shape, UserDay


@dataclass(frozen=True)
class Segment:
    """What a role segment works with."""

    languages: tuple[str, ...]
    ides: tuple[str, ...]
    features: tuple[str, ...]


SEGMENTS = {
    "backend": Segment(
        ("go", "java", "sql", "yaml"),
        ("intellij", "vscode", "neovim"),
        ("code_completion", "chat_panel_agent_mode", "agent_edit", "copilot_cli"),
    ),
    "frontend": Segment(
        ("typescript", "ts", "css", "html"),
        ("vscode", "zed"),
        ("code_completion", "chat_panel_ask_mode", "chat_inline", "agent_edit", "copilot_app"),
    ),
    "mobile": Segment(
        ("kotlin", "swift", "java"),
        ("xcode", "intellij", "vscode"),
        ("code_completion", "chat_panel_edit_mode", "chat_inline", "chat_panel_custom_mode"),
    ),
    "platform": Segment(
        ("yaml", "python", "shell", "go"),
        ("vscode", "vim", "emacs"),
        ("copilot_cli", "agent_edit", "chat_panel_plan_mode", "code_completion"),
    ),
    "data": Segment(
        ("python", "sql", "markdown", "prompt"),
        ("vscode", "jetbrains", "visualstudio"),
        ("code_completion", "chat_panel_ask_mode", "copilot_cli", "chat_panel_unknown_mode", "others"),
    ),
    "operations": Segment(("markdown",), ("vscode",), ("chat_panel_ask_mode",)),
}
MODELS = (
    "gpt-5.4",
    "claude-sonnet-4.6",
    "claude-opus-4.6",
    "claude-haiku-4.5",
    "claude-4.5-haiku",
    "auto",
    "unknown",
)
OUTSIDE_THE_IDE = frozenset({"copilot_cli", "copilot_app", "others"})
THIRD_PARTY_AGENTS = (("9100001", "Sample Agent"), ("9100002", "Placeholder Agent"))
CUSTOMIZATION_ITEMS = {
    "skill": ("other", "review-helper"),
    "custom_agent": ("general-purpose", "other"),
    "mcp": ("github-mcp-server", "other"),
    "slash_cmd": ("/plan", "/review", "custom"),
    "plugin": ("other",),
}


def draw_user_day(user: User, day: date, rng: Random) -> UserDay | None:
    """The user's day, or None when Copilot was not used and cost nothing."""
    if rng.random() >= _probability_of_use(user, day):
        return None
    kind = rng.random()
    if kind < 0.66:
        return _active_day(user, day, rng)
    spent = _credits(rng, user.intensity * 0.4)
    if kind < 0.70:
        cli = Sessions(rng.randint(1, 16), rng.randint(5, 60), 0, rng.randint(10**4, 10**6), rng.randint(10**3, 10**5))
        return UserDay(user.user_id, day, spent, cli=cli)
    if kind < 0.84:
        passive = rng.random() < 0.3
        return UserDay(user.user_id, day, spent, review_passive=passive)
    shape = Shape.FLAGS_NULL if kind < 0.94 else Shape.CREDITS_ONLY
    return UserDay(user.user_id, day, spent, shape)


def _probability_of_use(user: User, day: date) -> float:
    if not user.intensity or not user.first_use <= day <= user.last_use:
        return 0.0
    if user.login in c.EVERY_DAY_LOGINS:
        return 1.0
    if day.weekday() >= 5 or day in c.HOLIDAYS:
        return 0.06
    habit = min(0.35 + 0.2 * user.intensity, 0.9)
    adoption = 0.85 + 0.15 * (day - c.FIRST_DAY).days / len(c.DAYS)
    return habit * adoption


def _credits(rng: Random, scale: float) -> Decimal:
    places = rng.choice((0, 1, 2, 4, 6, 6))
    drawn = Decimal(str(round(rng.lognormvariate(2.2, 0.9) * scale, places)))
    return drawn.quantize(Decimal(1).scaleb(-places))


def _active_day(user: User, day: date, rng: Random) -> UserDay:
    segment = SEGMENTS[user.segment]
    count = min(len(segment.features), 1 + int(rng.random() * (1 + user.intensity)))
    features = [feature for feature in rng.sample(segment.features, count) if _exists(feature, day)]
    ide = segment.ides[user.user_id % len(segment.ides)]
    lines = tuple(line for feature in features or ["code_completion"] for line in _lines(feature, segment, ide, rng))
    unknown = rng.random()
    spent: Decimal | Credits = _credits(rng, user.intensity)
    if unknown < 0.05:
        spent = Credits.NULL if unknown < 0.03 else Credits.ABSENT
    window = day >= c.VSCODE_AGENT_FROM and ide == "vscode" and rng.random() < 0.2
    third_party = day >= c.THIRD_PARTY_FROM and rng.random() < 0.08
    customized = day >= c.CUSTOMIZATIONS_FROM and "copilot_cli" in features
    return UserDay(
        user.user_id,
        day,
        spent,
        lines=lines,
        cli=_sessions(rng, user) if "copilot_cli" in features else None,
        app=_sessions(rng, user) if "copilot_app" in features else None,
        agents_window=AgentsWindow(rng.randint(1, 4), rng.randint(1, 30)) if window else None,
        agent_jobs=(AgentJobs(*rng.choice(THIRD_PARTY_AGENTS), rng.randint(1, 5)),) if third_party else (),
        customizations=_customizations(rng) if customized else (),
        cloud_agent=rng.random() < 0.12,
        review_active=rng.choice((True, False, False, None)),
        review_passive=rng.choice((True, False, None)),
    )


def _exists(feature: str, day: date) -> bool:
    return feature != "copilot_app" or day >= c.APP_FROM


def _lines(feature: str, segment: Segment, ide: str, rng: Random) -> list[Line]:
    lines = []
    for language in rng.sample(segment.languages, min(len(segment.languages), rng.randint(1, 2))):
        model = None if feature == "code_completion" or rng.random() < 0.1 else rng.choice(MODELS)
        where = None if feature in OUTSIDE_THE_IDE else ide
        lines.append(Line(feature, language, model, where, _counters(feature, rng)))
    return lines


def _counters(feature: str, rng: Random) -> Counters:
    generations = rng.randint(1, 25)
    acceptances = rng.randint(0, generations)
    if feature in {"agent_edit", "copilot_cli"}:
        added, deleted = rng.randint(0, 400), rng.randint(0, 120)
        return Counters(0 if feature == "agent_edit" else generations, generations, acceptances, 0, 0, added, deleted)
    suggested = generations * rng.randint(1, 9)
    interactions = 0 if feature == "code_completion" else rng.randint(1, 15)
    return Counters(interactions, generations, acceptances, suggested, 0, rng.randint(0, suggested), 0)


def _sessions(rng: Random, user: User) -> Sessions:
    prompts = rng.randint(1, 30)
    requests = prompts * rng.randint(2, 9)
    tokens = int(requests * rng.randint(8_000, 120_000) * max(user.intensity, 0.3))
    return Sessions(rng.randint(1, 6), requests, prompts, tokens, tokens // rng.randint(20, 90))


def _customizations(rng: Random) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    return tuple(
        (kind, tuple((item, rng.randint(1, 9)) for item in items if rng.random() < 0.6))
        for kind, items in CUSTOMIZATION_ITEMS.items()
    )
