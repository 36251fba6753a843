"""The figures of a month in one fixed text form, and its digest: the same on every engine and in every row order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

# As many digits as decimal(38, 9) has, and some to spare.
_EXACT = Context(prec=60)
_NINE_DECIMALS = Decimal("1e-9")


@dataclass(frozen=True)
class Figure:
    """One figure of a billing month."""

    figure: str
    subject: str
    amount: Decimal
    unit: str


def canonical_text(period: date, figures: Iterable[Figure]) -> str:
    """The month, then one line per figure: a JSON list with the amount to nine decimals, sorted by code point."""
    lines = sorted(
        json.dumps([row.figure, row.subject, amount_text(row.amount), row.unit], ensure_ascii=False) for row in figures
    )
    return "\n".join([f"{period:%Y-%m}", *lines]) + "\n"


def amount_text(amount: Decimal) -> str:
    """An amount with exactly nine decimals; zero has no sign."""
    exact = amount.quantize(_NINE_DECIMALS, context=_EXACT)
    return format(abs(exact) if exact == 0 else exact, "f")


def figures_sha256(period: date, figures: Iterable[Figure]) -> str:
    """SHA-256 of the canonical text in UTF-8."""
    return hashlib.sha256(canonical_text(period, figures).encode()).hexdigest()
