"""Invented users-1-day reports of any size, for the benchmarks: about 2.7 kB a record, as GitHub's own are."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FIRST_DAY = date(2026, 6, 22)
FEATURES = ("code_completion", "chat_panel_ask_mode", "agent_edit", "copilot_cli")
LANGUAGES = ("typescript", "python", "go", "markdown")
MODELS = ("gpt-5.4", "claude-opus-4.6", "auto")
PLACEHOLDER_USER = 987654321987


def _activity(rng: random.Random) -> dict[str, int]:
    return {
        "code_generation_activity_count": rng.randrange(40),
        "code_acceptance_activity_count": rng.randrange(20),
        "loc_suggested_to_add_sum": rng.randrange(400),
        "loc_suggested_to_delete_sum": 0,
        "loc_added_sum": rng.randrange(900),
        "loc_deleted_sum": rng.randrange(200),
    }


def _counters(rng: random.Random) -> dict[str, int]:
    return {"user_initiated_interaction_count": rng.randrange(30), **_activity(rng)}


def _record(rng: random.Random) -> dict[str, Any]:
    return {
        "day": "0000-00-00",
        "user_id": PLACEHOLDER_USER,
        "user_login": f"dev-{PLACEHOLDER_USER}",
        "organization_id": "1001",
        "enterprise_id": "2002",
        "ai_credits_used": rng.randrange(200_000_000) / 1_000_000,
        **_counters(rng),
        "used_agent": rng.random() < 0.5,
        "used_chat": True,
        "used_cli": rng.random() < 0.3,
        "used_copilot_code_review_active": None,
        "totals_by_ide": [
            {
                "ide": "vscode",
                **_counters(rng),
                "last_known_ide_version": {"ide_version": "1.140.0", "sampled_at": "2026-06-22T10:00:00.000Z"},
            }
        ],
        "totals_by_feature": [{"feature": feature, **_counters(rng)} for feature in FEATURES[:2]],
        "totals_by_language_feature": [
            {"language": language, "feature": "agent_edit", **_activity(rng)} for language in LANGUAGES[:2]
        ],
        "totals_by_language_model": [{"language": "python", "model": model, **_activity(rng)} for model in MODELS[:1]],
        "totals_by_model_feature": [
            {"model": model, "feature": "agent_edit", **_counters(rng)} for model in MODELS[:2]
        ],
        "totals_by_cli": {
            "session_count": 2,
            "request_count": 31,
            "prompt_count": 7,
            "token_usage": {
                "prompt_tokens_sum": rng.randrange(9_000_000),
                "output_tokens_sum": rng.randrange(90_000),
                "avg_tokens_per_request": 40113.52,
            },
        },
        "ai_adoption_phase": {"phase": "Phase 2", "phase_number": 2, "version": "v1"},
    }


def write_reports(folder: Path, *, users: int, days: int, seed: int = 7) -> list[Path]:
    """Writes one NDJSON file a day, a record per user, and returns the paths."""
    rng = random.Random(seed)
    templates = [json.dumps(_record(rng)) for _ in range(500)]
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for offset in range(days):
        usage_date = (FIRST_DAY + timedelta(days=offset)).isoformat()
        path = folder / f"users-1-day-{usage_date}.ndjson"
        with path.open("w") as file:
            for user in range(users):
                template = templates[(user + offset) % len(templates)]
                line = template.replace("0000-00-00", usage_date).replace(str(PLACEHOLDER_USER), str(1_000_000 + user))
                file.write(line + "\n")
        paths.append(path)
    return paths
