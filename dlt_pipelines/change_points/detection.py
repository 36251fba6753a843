"""Finds the days on which a series changes its level: PELT of the library ruptures, and a check that it is no chance.

Always the same for the same series: random orders are drawn with a fixed seed, and no clock is read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

import numpy as np
import ruptures

LIBRARY = "ruptures"
LIBRARY_VERSION = version(LIBRARY)

# A level holds for at least so many days with a value, and a series has two of them.
SHORTEST_LEVEL = 7
SHORTEST_SERIES = 2 * SHORTEST_LEVEL
# Of the logarithm of the number of days, in squares of the noise: what each further level costs.
PENALTY = 3.0
SMALLEST_SHIFT = 0.1
# No series is taken to be less noisy than this part of its size.
SMALLEST_NOISE = 0.01
ORDERS = 999
SIGNIFICANT = 0.01
SEED = 20260101

METHOD = f"PELT, l2, penalty {PENALTY:g} ln(n), {ORDERS} random orders, p <= {SIGNIFICANT:g}"

Reason = Literal["too_short", "constant"]


@dataclass(frozen=True)
class Shift:
    """A change of level before the value at `index`; its levels are values[start:index] and values[index:end]."""

    start: int
    index: int
    end: int
    p_value: float


def reason_against(values: Sequence[float]) -> Reason | None:
    """Why a series cannot be looked at; None where it can."""
    if len(values) < SHORTEST_SERIES:
        return "too_short"
    return "constant" if min(values) == max(values) else None


def shifts(values: Sequence[float]) -> list[Shift]:
    """The changes of level in a series, in its order; none where `reason_against` has something against it.

    A change counts where the mean shifts by at least a tenth and hardly any random order of the days on both sides of
    it can be parted as clearly. One that does not count is taken back, and its neighbours are looked at again.
    """
    if reason_against(values):
        return []
    series = np.asarray(values, dtype=float)
    algorithm = ruptures.Pelt(model="l2", min_size=SHORTEST_LEVEL, jump=1).fit(series / _noise(series))
    bounds = [0, *algorithm.predict(pen=PENALTY * math.log(len(series)))]
    while True:
        found = [Shift(*edges, _p_value(series, *edges)) for edges in zip(bounds, bounds[1:], bounds[2:], strict=False)]
        doubtful = [shift for shift in found if shift.p_value > SIGNIFICANT or not _is_large(series, shift)]
        if not doubtful:
            return found
        bounds.remove(max(doubtful, key=lambda shift: (shift.p_value, shift.index)).index)


def _noise(series: np.ndarray) -> float:
    """How far a day is from the day before but for changes of level: the median is not moved by them."""
    steps = np.abs(np.diff(series))
    return max(1.4826 * float(np.median(steps)) / math.sqrt(2), SMALLEST_NOISE * float(np.mean(np.abs(series))))


def _is_large(series: np.ndarray, shift: Shift) -> bool:
    before, after = series[shift.start : shift.index].mean(), series[shift.index : shift.end].mean()
    return bool(abs(after - before) >= SMALLEST_SHIFT * abs(before))


def _p_value(series: np.ndarray, start: int, index: int, end: int) -> float:
    """The share of orders, the one that is there included, that can be parted as clearly wherever they part best."""
    days = series[start:end]
    orders = np.random.default_rng(SEED).permuted(np.tile(days, (ORDERS, 1)), axis=1)
    observed = _clearness(days[np.newaxis, :])[0, index - start - SHORTEST_LEVEL]
    # Orders that part as clearly may differ by the last bits of their sums.
    as_clear = int((_clearness(orders).max(axis=1) >= observed * (1 - 1e-12)).sum())
    return (1 + as_clear) / (1 + ORDERS)


def _clearness(orders: np.ndarray) -> np.ndarray:
    """By order and place at which it may be parted, how far its halves' means are apart for their number of days."""
    days = orders.shape[1]
    first = np.arange(SHORTEST_LEVEL, days - SHORTEST_LEVEL + 1)
    sums = orders.cumsum(axis=1)
    before = sums[:, first - 1] / first
    after = (sums[:, -1:] - sums[:, first - 1]) / (days - first)
    distance: np.ndarray = np.abs(before - after) * np.sqrt(first * (days - first) / days)
    return distance
