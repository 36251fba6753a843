"""JSON text in which decimals keep their digits."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

_MARKED = re.compile(r'"decimal:(-?[0-9.]+)"')


def dumps(value: Any, indent: int | None = None) -> str:
    """Write JSON; a Decimal becomes a number in plain notation, digit by digit as it is."""
    separators = (",", ":") if indent is None else None
    return _MARKED.sub(r"\1", json.dumps(value, default=_mark, separators=separators, indent=indent))


def loads(text: str) -> Any:
    """Read JSON; numbers with a point become Decimals."""
    return json.loads(text, parse_float=Decimal)


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return f"decimal:{value:f}"
    raise TypeError(f"{value!r} is not JSON")
