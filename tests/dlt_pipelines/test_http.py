"""The pace and the paging of the API client."""

from __future__ import annotations

from itertools import count

import pytest

from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.http import ApiClient, Clock, Limits, Pace


class FakeTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.clock = Clock(now=lambda: self.seconds, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_no_sixty_seconds_see_more_requests_than_allowed() -> None:
    time = FakeTime()
    pace = Pace(3, time.clock)
    starts = []
    for _ in range(10):
        pace.wait_for_turn()
        starts.append(time.seconds)
    for start in starts:
        assert len([other for other in starts if start <= other < start + 60]) <= 3
    assert starts[-1] == 180


def test_a_paging_link_to_another_host_is_not_followed() -> None:
    client = ApiClient("http://127.0.0.1:9", {})
    with pytest.raises(RequestFailed, match="another host"):
        client.get("http://127.0.0.2:9/page/2")


def test_a_limit_that_resets_only_tomorrow_is_told_instead_of_waited_for() -> None:
    time = FakeTime()
    client = ApiClient("http://127.0.0.1:9", {}, limits=Limits(longest_wait_seconds=60), clock=time.clock)
    with pytest.raises(RequestFailed, match="resets only in 120 minutes"):
        client._sleep(7200)
    assert time.seconds == 0


def test_attempts_are_bounded_and_pauses_grow() -> None:
    pauses: list[float] = []
    ticks = count()
    clock = Clock(now=lambda: float(next(ticks)), sleep=pauses.append)
    client = ApiClient("http://127.0.0.1:9", {}, limits=Limits(attempts=4), clock=clock)
    with pytest.raises(RequestFailed, match="4 times"):
        client.get("/anything")
    assert pauses == [1.0, 2.0, 4.0]


def test_a_closed_client_lets_nobody_ask_any_more() -> None:
    pace = Pace(1, Clock())
    pace.wait_for_turn()
    pace.closed.set()
    with pytest.raises(RequestFailed, match="stopped"):
        pace.wait_for_turn()
