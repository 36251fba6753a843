"""Reading ahead changes nothing but time."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlt_pipelines.prefetch import prefetch


@given(st.lists(st.integers()), st.integers(1, 4))
def test_the_items_come_whole_and_in_order(items: list[int], ahead: int) -> None:
    assert list(prefetch((item for item in items), ahead)) == items


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Generator[int, None, None]:
        yield 1
        raise ValueError("the second item")

    reader = prefetch(failing(), 2)
    assert next(reader) == 1
    with pytest.raises(ValueError, match="the second item"):
        next(reader)


def test_a_reader_that_stops_early_stops_the_making() -> None:
    made = []

    def endless() -> Generator[int, None, None]:
        number = 0
        while True:
            made.append(number)
            yield number
            number += 1

    reader = prefetch(endless(), 2)
    assert next(reader) == 0
    reader.close()
    assert len(made) <= 4
