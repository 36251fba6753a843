"""What runs on OpenAI at the invented company, and how a day of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from demo import constants as c
from demo import openai_accounts as a
from demo.openai_rows import Tokens, Use

CACHE_BLOCK = 256
GPT, MINI, NANO = "gpt-5-2025-08-07", "gpt-5-mini-2025-08-07", "gpt-5-nano-2025-08-07"
LUNA = "gpt-5.6-luna-2026-05-14"
# Models without a public price: a fine-tuned one and a preview that only some customers see.
FINE_TUNED, VOICE = "ft:gpt-5-mini-2025-08-07:quill-harbor::B7xQ", "gpt-voice-preview"
EMBEDDING, MODERATION = "text-embedding-3-small", "omni-moderation-latest"


@dataclass(frozen=True)
class Workload:
    """Something that calls one endpoint with one model on behalf of one key, user or neither.

    `requests` is the usual number a day; the other numbers are per request. `chance` is how likely it runs on a working
    day; only those that run `every_day` run at weekends.
    """

    endpoint: str
    requests: int
    project: a.Project | None = None
    key: a.Key | None = None
    user: str | None = None
    model: str | None = None
    tier: str | None = "default"
    batch: bool = False
    text: int = 0
    cached_blocks: int = 0
    cache_write: int = 0
    image: int = 0
    audio: int = 0
    output: int = 0
    amount: int = 0
    detail: tuple[tuple[str, str], ...] = ()
    chance: float = 1.0
    every_day: bool = False
    in_full: bool = True
    first: date = c.FIRST_DAY
    last: date = c.LAST_DAY


def _by_key(endpoint: str, key: a.Key, requests: int, **about: object) -> Workload:
    """A workload of a key: a person's key tells its owner, a service account's does only for the search gateway."""
    project = next(project for project in a.PROJECTS if project.project_id == key.project_id)
    tells_owner = not key.owner_id.startswith("svc_") or key is a.SEARCH_KEY
    user = key.owner_id if tells_owner else None
    return Workload(endpoint, requests, project, key, user, **about)  # type: ignore[arg-type]


def _playground(user: str, chance: float, **about: object) -> Workload:
    """A user who tries things out in the browser, without a key."""
    return Workload(
        "completions",
        6,
        a.RESEARCH,
        user=user,
        model=GPT,
        text=900,
        output=400,
        chance=chance,
        last=a.last_use_of_user(user),
        **about,  # type: ignore[arg-type]
    )


WORKLOADS = (
    _by_key(
        "completions",
        a.SEARCH_KEY,
        2600,
        model=LUNA,
        text=700,
        cached_blocks=4,
        cache_write=90,
        output=120,
        every_day=True,
    ),
    _by_key(
        "completions",
        a.SEARCH_KEY,
        900,
        model=MINI,
        text=400,
        cached_blocks=1,
        output=60,
        every_day=True,
        in_full=False,
    ),
    _by_key(
        "completions", a.SUPPORT_KEY, 420, model=GPT, text=1500, image=260, cached_blocks=5, output=500, every_day=True
    ),
    _by_key("completions", a.SUPPORT_KEY, 60, model=NANO, tier="priority", text=800, output=90, chance=0.5),
    _by_key("completions", a.STAGING_KEY, 40, model=MINI, tier="incentivized-tier", text=900, output=200, chance=0.7),
    _by_key("completions", a.STAGING_KEY, 25, model=MINI, text=900, output=200, chance=0.6, in_full=False),
    _by_key(
        "completions", a.PRICING_KEY, 300, model=GPT, batch=True, text=2000, cached_blocks=6, output=350, every_day=True
    ),
    _by_key("completions", a.PRICING_KEY, 150, model=MINI, tier="flex", text=1200, cached_blocks=2, output=150),
    _by_key("completions", a.SHARED_KEY, 70, model=GPT, text=1100, cached_blocks=2, output=600, chance=0.9),
    _by_key("completions", a.SHARED_KEY, 30, model=GPT, tier="flex", text=900, output=300, chance=0.4),
    _by_key("completions", a.EVALUATION_KEY, 80, model=FINE_TUNED, text=500, output=100, in_full=False, every_day=True),
    _by_key("completions", a.EVALUATION_KEY, 60, model=NANO, batch=True, text=700, output=80, chance=0.5),
    _by_key("completions", a.CODEX_KEY, 110, model="gpt-5.3-codex", text=6000, cached_blocks=40, output=900),
    _by_key("completions", a.NOTEBOOK_KEY, 35, model=GPT, text=1700, image=300, output=700, chance=0.7),
    _by_key("completions", a.PILOT_KEY, 55, model=MINI, text=600, output=120, last=a.LAST_DAY_OF_PILOT),
    _by_key("completions", a.VOICE_KEY, 45, model=VOICE, text=200, audio=700, output=300, chance=0.8),
    *(_playground(a.user_id(number), 0.25) for number in (1, 4, 6, 8)),
    *(_playground(user, 0.4, in_full=False) for user in (a.LENA_ID, a.MOMO_ID, a.ERIK_ID, a.CARA_ID)),
    _playground(a.REMOVED_USER_ID, 0.3),
    Workload("completions", 9, a.SANDBOX, model=MINI, text=500, output=90, chance=0.3),
    _by_key("embeddings", a.SEARCH_KEY, 500, model=EMBEDDING, text=60, every_day=True),
    _by_key("embeddings", a.EMBEDDING_KEY, 90, model=EMBEDDING, text=2200, chance=0.6),
    _by_key("moderations", a.SUPPORT_KEY, 400, model=MODERATION, text=150, every_day=True),
    Workload(
        "images",
        4,
        a.RESEARCH,
        user=a.user_id(3),
        model="dall-e-3",
        amount=1,
        detail=(("source", "image.generation"), ("size", "1024x1024")),
        chance=0.25,
    ),
    _by_key("audio_speeches", a.VOICE_KEY, 20, model="tts-1", amount=240, chance=0.7),
    _by_key("audio_transcriptions", a.VOICE_KEY, 25, model="whisper-1", amount=70, chance=0.7),
    Workload("vector_stores", 0, a.SUPPORT, amount=52_000_000, every_day=True),
    Workload("code_interpreter_sessions", 0, a.RESEARCH, amount=3, chance=0.3),
    _by_key(
        "file_search_calls", a.SUPPORT_KEY, 0, amount=90, detail=(("vector_store_id", "vs_qh01manuals"),), chance=0.9
    ),
    _by_key(
        "web_search_calls", a.SUPPORT_KEY, 12, model=GPT, amount=1, detail=(("context_level", "medium"),), chance=0.5
    ),
)


def draw(workload: Workload, day: date, rng: Random) -> Use | None:
    """The workload's day; None when it did not run."""
    is_free = day.weekday() >= 5 or day in c.HOLIDAYS
    runs = rng.random() < (1.0 if workload.every_day else workload.chance)
    factor = rng.uniform(0.6, 1.4) * (0.5 if is_free else 1.0)
    if not workload.first <= day <= workload.last or not runs or (is_free and not workload.every_day):
        return None
    requests = max(1, round(workload.requests * factor)) if workload.requests else 0
    has_tokens = bool(workload.text)
    is_completion = workload.endpoint == "completions"
    return Use(
        endpoint=workload.endpoint,
        day=day,
        project_id=workload.project.project_id if workload.project else None,
        user_id=workload.user,
        api_key_id=workload.key.key_id if workload.key else None,
        model=workload.model,
        requests=requests,
        tokens=_tokens(workload, requests, rng) if has_tokens else None,
        amount=max(1, round(workload.amount * factor)) * max(1, requests) if workload.amount else 0,
        batch=workload.batch if is_completion else None,
        service_tier=workload.tier if is_completion else None,
        detail=workload.detail,
        in_full=workload.in_full,
    )


def _tokens(workload: Workload, requests: int, rng: Random) -> Tokens:
    def some(per_request: int) -> int:
        return round(requests * per_request * rng.uniform(0.7, 1.3))

    voice = workload.model == VOICE
    return Tokens(
        text=some(workload.text),
        audio=some(workload.audio),
        image=some(workload.image),
        cached_text=CACHE_BLOCK * some(workload.cached_blocks),
        cached_audio=CACHE_BLOCK * requests if voice else 0,
        cache_write=some(workload.cache_write),
        output_text=some(workload.output),
        output_audio=some(workload.output) if voice else 0,
    )
