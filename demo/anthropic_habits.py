"""Draws the invented company's Claude use, caller by caller. Always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from random import Random

from demo import anthropic_directory as d
from demo import anthropic_use as u
from demo import constants as c
from demo.anthropic_use import (
    Caller,
    ClaudeDay,
    ClaudeUse,
    CodeCounts,
    CodeWork,
    CostType,
    SeatDay,
    Tokens,
    ToolActions,
    Use,
)
from demo.company import Company

PLAYGROUND_PRODUCT = "claude_console"
TERMINALS = ("vscode", "iTerm.app", "tmux", "xterm-256color")
TOOLS = ("edit_tool", "multi_edit_tool", "write_tool", "notebook_edit_tool")
PREFERRED_MODELS = (u.SONNET, u.SONNET, u.NEW_SONNET, u.HAIKU, u.OPUS)
HIDDEN_CONSOLE, HIDDEN_SEATS = (1, 2), (3, 4, 5)


@dataclass(frozen=True)
class Traffic:
    """How a machine calls."""

    caller: Caller
    product: str
    workspace: d.Workspace
    models: tuple[str, ...]
    probability: float
    scale: int
    works_weekends: bool = True
    tier: str = "standard"
    us_share: float = 0.0
    long_share: float = 0.0
    web_share: float = 0.0
    refused_share: float = 0.0
    execution_share: float = 0.0
    last_use: date = c.LAST_DAY


def key_caller(key: d.ApiKey) -> Caller:
    """Use of a key that nobody else is behind."""
    return Caller(api_key_id=key.id)


def _traffic(directory: d.Directory) -> tuple[Traffic, ...]:
    messages, holder = "messages_api", directory.key_holder
    notebook = Caller(user_id=holder.user_id, api_key_id=d.NOTEBOOK_KEY.id)
    service, federated = Caller(service_account_id=d.SERVICE_ACCOUNT_ID), Caller(federated=d.FEDERATED)
    prod, prod_search = key_caller(d.PROD_KEY), key_caller(d.INTERACTIVE_PROD_KEY)
    staging, nightly, shared = key_caller(d.STAGING_KEY), key_caller(d.CI_KEY), key_caller(d.SHARED_KEY)
    review, archived = key_caller(d.UNTAGGED_KEY), key_caller(d.ARCHIVED_KEY)
    return (
        Traffic(prod, messages, d.PROD_API, (u.SONNET, u.HAIKU), 1.0, 90, us_share=0.4, refused_share=0.15),
        Traffic(prod_search, messages, d.PROD_API, (u.HAIKU,), 0.9, 120),
        Traffic(staging, messages, d.STAGING, (u.NEW_SONNET,), 0.5, 20, works_weekends=False),
        Traffic(nightly, "message_batches_api", d.CI, (u.SONNET,), 0.7, 150, False, "batch", us_share=0.3),
        Traffic(shared, messages, d.EXPERIMENTS, (u.OPUS, u.UNPRICED), 0.4, 40, long_share=0.4, web_share=0.3),
        Traffic(review, messages, d.CI, (u.NEW_SONNET,), 0.6, 30, works_weekends=False, execution_share=0.5),
        Traffic(notebook, messages, d.DEFAULT, (u.HAIKU, u.OPUS), 0.2, 10, works_weekends=False, web_share=0.3),
        Traffic(
            archived, messages, d.DEFAULT, (u.SONNET,), 0.5, 8, works_weekends=False, last_use=d.ARCHIVED_KEY.last_use
        ),
        Traffic(service, "managed_agents_api", d.PROD_API, (u.OPUS,), 0.3, 60, execution_share=0.6),
        Traffic(federated, messages, d.PROD_API, (u.HAIKU, u.SONNET), 0.25, 25),
        Traffic(Caller(), PLAYGROUND_PRODUCT, d.DEFAULT, (u.SONNET, u.OPUS), 0.2, 4, works_weekends=False),
        *(Traffic(Caller(hidden=number), messages, d.DEFAULT, (u.HAIKU,), 0.15, 9) for number in HIDDEN_CONSOLE),
    )


def claude_use(company: Company) -> ClaudeUse:
    """Invent the use of Claude."""
    directory = d.build_directory(company)
    days: dict[date, ClaudeDay] = {day: ClaudeDay() for day in c.DAYS}

    def add(drawn: Iterator[ClaudeDay], day: date) -> None:
        for part in drawn:
            whole = days[day]
            days[day] = ClaudeDay(
                (*whole.uses, *part.uses), (*whole.works, *part.works), (*whole.seat_days, *part.seat_days)
            )

    for number, draw in enumerate(_drawers(directory)):
        rng = Random(f"{c.SEED}/anthropic/{number}")
        for day in c.DAYS:
            add(draw(day, rng), day)
    drawn = days[c.RESTATED_DAY]
    days[c.RESTATED_DAY] = _restated(drawn, directory)
    return ClaudeUse(directory, days, _preliminary(drawn))


def _drawers(directory: d.Directory) -> list[Callable[[date, Random], Iterator[ClaudeDay]]]:
    """One function for each caller, in an order that never changes."""
    terminal_keys = (d.INTERACTIVE_PROD_KEY, d.SAME_NAME_KEY)
    return [
        *(partial(_machine_day, traffic) for traffic in _traffic(directory)),
        *(partial(_developer_day, user) for user in directory.of(d.CONSOLE)),
        *(partial(_terminal_key_day, key) for key in terminal_keys),
        *(partial(_seat_day, user) for user in directory.of(d.ENTERPRISE)),
        *(partial(_hidden_seat_day, hidden) for hidden in HIDDEN_SEATS),
    ]


def _machine_day(traffic: Traffic, day: date, rng: Random) -> Iterator[ClaudeDay]:
    idle = rng.random() >= traffic.probability or day > traffic.last_use
    must_show = day == c.RESTATED_DAY and traffic.caller.api_key_id == d.SHARED_KEY.id
    models = [model for model in traffic.models if _exists(model, day)]
    if not models or (not must_show and (idle or (_is_free(day) and not traffic.works_weekends))):
        return
    use = Use(
        account=d.CONSOLE,
        at=_at(day, rng),
        caller=traffic.caller,
        product=traffic.product,
        model=rng.choice(models),
        tokens=_tokens(rng, traffic.scale),
        requests=rng.randint(1, traffic.scale),
        workspace_id=traffic.workspace.id,
        service_tier=traffic.tier,
        context_window="200k-1M" if rng.random() < traffic.long_share else "0-200k",
        speed="standard",
        web_searches=rng.randint(1, 40) if rng.random() < traffic.web_share else 0,
    )
    use = replace(use, inference_geo=_geo(use.model, "us" if rng.random() < traffic.us_share else "global"))
    yield ClaudeDay((use,))
    if rng.random() < traffic.refused_share:
        refused = replace(use, tokens=_tokens(rng, 2), requests=2, web_searches=0, is_refused=True, at=_at(day, rng))
        yield ClaudeDay((refused,))
    if rng.random() < traffic.execution_share:
        yield ClaudeDay((_without_model(use, rng),))


def _without_model(use: Use, rng: Random) -> Use:
    """Sandbox time, which has neither model nor tokens; nor a product unless it is an agent's session."""
    is_session = use.product == "managed_agents_api"
    hours = Decimal(rng.randint(1, 30)) / 10
    session: tuple[CostType, Decimal] = ("session_usage", hours * u.SESSION_CENTS)
    sandbox: tuple[CostType, Decimal] = ("code_execution", hours * u.EXECUTION_CENTS)
    return Use(
        account=use.account,
        at=use.at,
        caller=use.caller,
        product=use.product if is_session else None,
        requests=rng.randint(1, 12),
        workspace_id=use.workspace_id,
        extra_cents=session if is_session else sandbox,
    )


def _developer_day(user: d.ClaudeUser, day: date, rng: Random) -> Iterator[ClaudeDay]:
    if rng.random() >= _habit(user, day):
        return
    caller = Caller(user_id=user.user_id)
    modes = [(rng.choice(TERMINALS), False)]
    if rng.random() < 0.2:
        modes.append((modes[0][0], True))
    if rng.random() < 0.15:
        modes.append((TERMINALS[(TERMINALS.index(modes[0][0]) + 1) % len(TERMINALS)], False))
    for terminal, is_remote in modes:
        yield _console_code(caller, d.CLAUDE_CODE, terminal, is_remote, day, rng)


def _terminal_key_day(key: d.ApiKey, day: date, rng: Random) -> Iterator[ClaudeDay]:
    if rng.random() < 0.12 and not _is_free(day):
        yield _console_code(key_caller(key), key.workspace, "iTerm.app", False, day, rng)


def _console_code(
    caller: Caller, workspace: d.Workspace, terminal: str, is_remote: bool, day: date, rng: Random
) -> ClaudeDay:
    models = rng.sample(sorted({model for model in PREFERRED_MODELS if _exists(model, day)}), rng.choice((1, 1, 2)))
    uses = tuple(
        Use(
            account=d.CONSOLE,
            at=_at(day, rng),
            caller=caller,
            product="claude_code",
            model=model,
            tokens=_tokens(rng, 25, has_long_cache=True),
            requests=rng.randint(5, 90),
            workspace_id=workspace.id,
            service_tier="standard",
            context_window="0-200k",
            inference_geo=_geo(model, "global"),
            speed="standard",
        )
        for model in models
    )
    return ClaudeDay(uses, (CodeWork(uses[0].at, caller, terminal, is_remote, _counts(rng), uses),))


def _seat_day(user: d.ClaudeUser, day: date, rng: Random) -> Iterator[ClaudeDay]:
    if not user.intensity:
        if day.weekday() == 0:
            yield ClaudeDay(seat_days=(SeatDay(_at(day, rng), user.user_id, CodeCounts()),))
        return
    must_show = day == c.RESTATED_DAY and user.email == d.SHARED_OUTSIDER_EMAIL
    if rng.random() >= _habit(user, day) and not must_show:
        return
    codes = rng.random() < 0.55
    counts = _counts(rng) if codes else CodeCounts()
    chats = 0 if codes and rng.random() < 0.5 else rng.randint(1, 40)
    done = SeatDay(_at(day, rng), user.user_id, counts, chats, (chats + 4) // 5, rng.choice((0, 0, 3)))
    yield ClaudeDay(seat_days=(done,))
    # Within the seat's allowance nothing is metered.
    if rng.random() < 0.3 and not must_show:
        return
    caller = Caller(user_id=user.user_id)
    if codes:
        yield _seat_use(caller, "claude_code", day, rng)
    if chats:
        yield _seat_use(caller, rng.choice(("chat", "chat", "cowork", None)), day, rng)


def _hidden_seat_day(hidden: int, day: date, rng: Random) -> Iterator[ClaudeDay]:
    if rng.random() < 0.1:
        yield _seat_use(Caller(hidden=hidden), rng.choice(("chat", "other")), day, rng)


def _seat_use(caller: Caller, product: str | None, day: date, rng: Random) -> ClaudeDay:
    preview = day >= u.UNPRICED_FROM and rng.random() < 0.05
    model = u.UNPRICED if preview else rng.choice([model for model in PREFERRED_MODELS if _exists(model, day)])
    use = Use(
        account=d.ENTERPRISE,
        at=_at(day, rng),
        caller=caller,
        product=product,
        model=model,
        tokens=_tokens(rng, 15, has_long_cache=product == "claude_code"),
        requests=rng.randint(1, 60),
        context_window="0-200k",
        inference_geo=_geo(model, "global"),
        speed="standard",
        web_searches=rng.randint(1, 9) if product == "chat" and rng.random() < 0.2 else 0,
    )
    return ClaudeDay((use,))


def _habit(user: d.ClaudeUser, day: date) -> float:
    if day > user.last_use:
        return 0.0
    return 0.03 if _is_free(day) else min(0.25 + 0.15 * user.intensity, 0.7)


def _is_free(day: date) -> bool:
    return day.weekday() >= 5 or day in c.HOLIDAYS


def _exists(model: str, day: date) -> bool:
    start = {u.NEW_SONNET: u.NEW_SONNET_FROM, u.UNPRICED: u.UNPRICED_FROM}.get(model)
    return start is None or day >= start


def _geo(model: str | None, geo: str) -> str | None:
    return geo if model and u.PRICES[model].has_geo else None


def _at(day: date, rng: Random) -> datetime:
    return datetime.combine(day, time(rng.randint(5, 20), rng.randint(0, 59)), UTC)


def _tokens(rng: Random, scale: int, has_long_cache: bool = False) -> Tokens:
    uncached = 10 * rng.randint(50, 900) * scale
    if rng.random() < 0.3:
        return Tokens(uncached, output=uncached // 80 * 10)
    long_cache = 10 * rng.randint(10, 200) * scale if has_long_cache and rng.random() < 0.4 else 0
    short_cache = 0 if long_cache and rng.random() < 0.5 else 10 * rng.randint(10, 300) * scale
    return Tokens(uncached, 10 * rng.randint(100, 9000) * scale, short_cache, long_cache, uncached // 60 * 10)


def _counts(rng: Random) -> CodeCounts:
    tools = tuple(
        ToolActions(tool, rng.randint(0, 30), rng.randint(0, 5)) for tool in TOOLS[: rng.choice((1, 2, 3, 4))]
    )
    added, removed = rng.randint(0, 600), rng.randint(0, 200)
    return CodeCounts(rng.randint(1, 6), added, removed, rng.randint(0, 5), rng.randint(0, 1), tools)


def _preliminary(drawn: ClaudeDay) -> ClaudeDay:
    """The restated day as first told: some tokens and sessions are still missing."""

    def lowered(use: Use) -> Use:
        return replace(use, tokens=use.tokens.halved()) if use.requests % 3 == 0 else use

    return ClaudeDay(
        tuple(map(lowered, drawn.uses)),
        tuple(replace(work, uses=tuple(map(lowered, work.uses)), counts=_fewer(work.counts)) for work in drawn.works),
        tuple(replace(seat_day, counts=_fewer(seat_day.counts)) for seat_day in drawn.seat_days),
    )


def _fewer(counts: CodeCounts) -> CodeCounts:
    return replace(counts, sessions=(counts.sessions + 1) // 2, lines_added=counts.lines_added // 2)


def _restated(drawn: ClaudeDay, directory: d.Directory) -> ClaudeDay:
    """The restated day in the end: the shared key's and the outsider's use are gone."""
    gone = {d.SHARED_KEY.id, directory.seat(d.SHARED_OUTSIDER_EMAIL).user_id}
    uses = tuple(use for use in drawn.uses if not gone & {use.caller.api_key_id, use.caller.user_id})
    return replace(drawn, uses=uses)
