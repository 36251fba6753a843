"""JSON Schemas (draft 2020-12) of everything that the demo server sends."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("schemas")


def schema(name: str) -> dict[str, Any]:
    """The schema of one response or record, such as `seats` or `users-1-day`, with what it refers to."""
    document = next(document for document in _documents() if name in document["$defs"])
    return {**document, "$ref": f"#/$defs/{name}"}


def names() -> list[str]:
    """Every schema that `schema` knows."""
    return [name for document in _documents() for name in document["$defs"]]


@cache
def _documents() -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
