"""Computes something about the company once, as long as the company is the same object."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from demo.company import Company

Found = TypeVar("Found")


def once(make: Callable[[Company], Found]) -> Callable[[Company], Found]:
    """The function, which remembers what it found about the last company."""
    kept: list[tuple[Company, Found]] = []

    @wraps(make)
    def find(company: Company) -> Found:
        if not kept or kept[0][0] is not company:
            kept[:] = [(company, make(company))]
        return kept[0][1]

    return find
