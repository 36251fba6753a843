"""Which days a run asks for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlt_pipelines.errors import ConfigurationError
from dlt_pipelines.windows import DayRead, Window, as_of, current_time, days_to_read

TODAY = date(2026, 10, 20)
LONG_AGO = date(2025, 10, 20)


def day(number: int) -> date:
    """That day of October 2026."""
    return date(2026, 10, number)


def days(first: int, last: int) -> list[date]:
    return [day(number) for number in range(first, last + 1)]


def read(*found: date, status: str = "loaded") -> dict[date, DayRead]:
    """Days that were last read when they were final."""
    return {one: DayRead(status, one + timedelta(days=4)) for one in found}


def test_the_first_run_reads_28_days() -> None:
    assert days_to_read(Window(TODAY), {}, earliest=LONG_AGO) == [date(2026, 9, 22) + timedelta(n) for n in range(28)]


def test_a_later_run_reads_the_trailing_days_again() -> None:
    history = read(*days(1, 19))
    assert days_to_read(Window(TODAY), history, earliest=LONG_AGO) == days(15, 19)


def test_the_trailing_window_is_a_setting() -> None:
    history = read(*days(1, 19), status="unchanged")
    assert days_to_read(Window(TODAY, lookback_days=2), history, earliest=LONG_AGO) == days(18, 19)


@pytest.mark.parametrize("status", ["rejected", "not_available", "backfill_requested", None])
def test_gaps_are_filled(status: str | None) -> None:
    history = read(*days(1, 19))
    if status:
        history[day(3)] = DayRead(status)
    else:
        del history[day(3)]
    assert days_to_read(Window(TODAY), history, earliest=LONG_AGO) == [day(3), *days(15, 19)]


def test_a_day_that_the_vendor_never_had_is_given_up_in_time() -> None:
    history = read(*(date(2026, 8, 1) + timedelta(n) for n in range(80)))
    history[date(2026, 8, 2)] = DayRead("not_available")
    assert days_to_read(Window(TODAY), history, earliest=LONG_AGO) == days(15, 19)


def test_a_day_that_was_last_read_before_it_was_final_is_read_again() -> None:
    """A run on the 7th read the 4th and 5th too early to be final; nothing ran until the 20th."""
    history = {one: DayRead("loaded", day(7)) for one in days(1, 5)} | read(*days(6, 19))
    assert days_to_read(Window(TODAY), history, earliest=LONG_AGO) == [day(4), day(5), *days(15, 19)]


def test_since_reads_every_day_even_loaded_ones() -> None:
    history = read(*days(1, 19))
    window = Window(TODAY, since=day(2), until=day(4))
    assert days_to_read(window, history, earliest=LONG_AGO) == days(2, 4)


def test_nothing_is_asked_before_the_vendors_history_or_for_today() -> None:
    window = Window(TODAY, since=date(2020, 1, 1))
    found = days_to_read(window, {}, earliest=LONG_AGO)
    assert (found[0], found[-1]) == (LONG_AGO, day(19))


@given(
    st.dictionaries(
        st.sampled_from(days(1, 19)), st.sampled_from(["loaded", "unchanged", "not_available", "rejected"])
    ),
    st.integers(1, 10),
)
def test_every_day_since_the_first_is_read_or_known(statuses: dict[date, str], lookback: int) -> None:
    history = {one: DayRead(status, TODAY + timedelta(days=9)) for one, status in statuses.items()}
    found = days_to_read(Window(TODAY, lookback), history, earliest=LONG_AGO)
    assert found == sorted(set(found))
    first = min(history, default=day(19) - timedelta(27))
    for offset in range((day(19) - first).days + 1):
        current = first + timedelta(offset)
        assert current in found or history[current].status in ("loaded", "unchanged")


def test_as_of_stands_in_for_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "2026-10-20")
    assert as_of() == TODAY
    assert current_time().date() == TODAY
    monkeypatch.setenv("AGENT_SPEND_AS_OF", "20.10.2026")
    with pytest.raises(ConfigurationError, match="Give an ISO date such as"):
        as_of()
