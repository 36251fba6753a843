"""Every fault of the Cursor server happens as described, and only then."""

from __future__ import annotations

from datetime import date

import pytest
import requests
from cursor_client import CursorClient, ServeCursor, serve_cursor, window

__all__ = ["serve_cursor"]

EVENTS = "/teams/filtered-usage-events"
DAY = date(2026, 9, 15)


def statuses(client: CursorClient, number: int, method: str = "GET", path: str = "/teams/members") -> list[int]:
    return [client.ask(method, path, {"pageSize": 1}).status_code for _ in range(number)]


def test_limits(serve: ServeCursor) -> None:
    client = serve(limits=True, limit_seconds=30.0)
    assert statuses(client, 22) == [200] * 20 + [429] * 2
    limited = client.ask("GET", "/teams/members")
    assert limited.json() == {
        "error": "Too Many Requests",
        "message": "Rate limit exceeded. Please try again later.",
    }
    assert "retry-after" not in limited.headers
    assert statuses(client, 61, "POST", EVENTS) == [200] * 60 + [429]


def test_limit_ends(serve: ServeCursor) -> None:
    assert set(statuses(serve(limits=True, limit_seconds=0.0), 25)) == {200}


def test_limited_answers_with_retry_after(serve: ServeCursor) -> None:
    client = serve(limited_answers=2, retry_after="1")
    assert client.ask("GET", "/teams/members").headers["retry-after"] == "1"
    assert statuses(client, 2) == [429, 200]


def test_not_enterprise(serve: ServeCursor) -> None:
    client = serve(not_enterprise=frozenset({"/teams/groups"}))
    refused = client.ask("GET", "/teams/groups")
    assert refused.status_code == 403
    assert refused.json()["message"] == "Enterprise access required"
    assert statuses(client, 1) == [200]
    assert statuses(serve(not_enterprise=frozenset({"*"})), 1) == [403]


def test_event_arrives_between_pages(serve: ServeCursor) -> None:
    client = serve(arrivals=1)
    quiet = serve().events(**window(DAY))
    pages = client.event_pages(**window(DAY), pageSize=50)
    counts = [page["totalUsageEventsCount"] for page in pages]
    assert counts == [len(quiet)] + [len(quiet) + 1] * (len(pages) - 1)
    told = [event for page in pages for event in page["usageEvents"]]
    assert told[50] == told[49]
    (arrived,) = client.server.arrived
    again = client.events(**window(DAY))
    assert again[1:] == quiet
    assert again[0]["timestamp"] == str(arrived.instant) == str(window(DAY)["endDate"])


def test_display_variant(serve: ServeCursor) -> None:
    answer = serve(variant="display").post(EVENTS, **window(DAY), pageSize=1000)
    assert set(answer) == {"totalUsageEventsCount", "usageEventsDisplay"}
    kinds = {event["kind"] for event in answer["usageEventsDisplay"]}
    assert {"USAGE_EVENT_KIND_USAGE_BASED", "USAGE_EVENT_KIND_INCLUDED_IN_BUSINESS"} <= kinds
    assert "Usage-based" not in kinds
    assert any(event.get("userId", "").isdigit() for event in answer["usageEventsDisplay"])


def test_variant_of_2025(serve: ServeCursor) -> None:
    events = serve(variant="2025").events(**window(DAY))
    assert all("kindLabel" in event and "kind" not in event for event in events)
    assert not any({"chargedCents", "isChargeable", "isHeadless"} & set(event) for event in events)


def test_unknown_field_and_changed_type(serve: ServeCursor) -> None:
    client = serve(unknown_field=True, changed_type="userEmail")
    first, second, *_ = client.events(**window(DAY))
    assert first["newSignalCount"] == 7
    assert isinstance(first["userEmail"], dict)
    assert isinstance(second["userEmail"], str)
    assert client.days(DAY, DAY)["data"][0]["newSignal"] == {"seen": True}


def test_server_errors(serve: ServeCursor) -> None:
    assert statuses(serve(server_errors=3), 4) == [500, 502, 503, 200]


@pytest.mark.parametrize(
    ("what", "problem"),
    [("request", requests.ConnectionError), ("answer", requests.exceptions.ChunkedEncodingError)],
)
def test_dropped_connection(serve: ServeCursor, what: str, problem: type[Exception]) -> None:
    client = serve(drop_connection_once=what)
    with pytest.raises(problem):
        client.ask("GET", "/teams/members")
    assert statuses(client, 1) == [200]
