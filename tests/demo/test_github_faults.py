"""Every fault of the demo server happens as described, and only then."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
import requests
from demo_client import Client, Serve

from demo import constants as c

DAY = date(2026, 10, 14)
APPS = c.APPS.account_id


def statuses(client: Client, number: int) -> list[int]:
    return [client.get("/user").status_code for _ in range(number)]


def test_expired_links_once(serve: Serve) -> None:
    client = serve(expired_links_once=frozenset({"users-1-day"}))

    def downloads(report: str) -> list[int]:
        links = client.report(c.ENTERPRISE, report, DAY).json()["download_links"]
        return [client.download(link).status_code for link in links]

    assert downloads("users-1-day") == [403, 403]
    assert downloads("users-1-day") == [200, 200]
    assert set(downloads("repos-1-day")) == {200}


def test_truncated_file(serve: Serve) -> None:
    client = serve(truncated_file=("users-1-day", APPS, DAY))
    *whole, cut = client.files(c.APPS, "users-1-day", DAY)[0].splitlines()
    assert [json.loads(line)["day"] for line in whole]
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut)
    assert client.records(c.ENTERPRISE, "users-1-day", DAY)


def test_changed_type(serve: Serve) -> None:
    client = serve(changed_type=("users-1-day", APPS, DAY, "user_login"))
    first, second, *_ = client.records(c.APPS, "users-1-day", DAY)
    assert isinstance(first["user_login"], dict)
    assert isinstance(second["user_login"], str)


def test_unknown_field(serve: Serve) -> None:
    client = serve(unknown_field=("users-1-day", APPS, DAY))
    records = client.records(c.APPS, "users-1-day", DAY)
    assert all("new_signal_count" in record for record in records)
    assert all("new_feature_signal" in item for record in records for item in record["totals_by_feature"])


@pytest.mark.parametrize(("fault", "content"), [("empty_day", b""), ("no_rows_day", b"\n")])
def test_file_without_rows(serve: Serve, fault: str, content: bytes) -> None:
    client = serve(**{fault: (APPS, DAY)})
    assert client.files(c.APPS, "users-1-day", DAY) == [content]


def test_not_available(serve: Serve) -> None:
    client = serve(not_available=frozenset({(APPS, DAY), (c.ENTERPRISE.account_id, DAY)}))
    assert client.report(c.APPS, "users-1-day", DAY).status_code == 204
    assert client.report(c.ENTERPRISE, "users-1-day", DAY).status_code == 404
    assert client.report(c.DATA, "users-1-day", DAY).status_code == 200


def test_policy_off(serve: Serve) -> None:
    client = serve(policy_off=frozenset({APPS}))
    answer = client.report(c.APPS, "users-1-day", DAY)
    assert answer.status_code == 403
    assert int(answer.headers["x-ratelimit-remaining"]) > 0
    assert "retry-after" not in answer.headers
    assert client.get("/orgs/quill-harbor-apps/copilot/billing").status_code == 200


@pytest.mark.parametrize("status", [403, 429])
def test_primary_limit(serve: Serve, status: int) -> None:
    client = serve(primary_limit_after=2, primary_limit_status=status)
    assert statuses(client, 2) == [200, 200]
    limited = client.get("/user")
    assert limited.status_code == status
    assert limited.headers["x-ratelimit-remaining"] == "0"
    assert int(limited.headers["x-ratelimit-reset"]) <= time.time() + 2
    assert statuses(client, 3) == [200, 200, 200]


@pytest.mark.parametrize("without", [False, True])
def test_secondary_limit(serve: Serve, without: bool) -> None:
    client = serve(secondary_limit_after=1, secondary_without_retry_after=without)
    assert statuses(client, 1) == [200]
    limited = client.get("/user")
    assert limited.status_code == 403
    assert "secondary rate limit" in limited.json()["message"]
    assert limited.headers.get("retry-after") == (None if without else "1")
    assert int(limited.headers["x-ratelimit-remaining"]) > 0
    assert statuses(client, 2) == [200, 200]


def test_both_limits(serve: Serve) -> None:
    assert statuses(serve(primary_limit_after=1, secondary_limit_after=2), 5) == [200, 403, 200, 403, 200]


def test_server_errors(serve: Serve) -> None:
    assert statuses(serve(server_errors=4), 5) == [500, 502, 503, 500, 200]


def test_dropped_api_connection(serve: Serve) -> None:
    client = serve(drop_connection_once="api")
    with pytest.raises(requests.ConnectionError):
        client.get("/user")
    assert statuses(client, 1) == [200]
    assert [record.status for record in client.server.requests] == [0, 200]


def test_dropped_download(serve: Serve) -> None:
    client = serve(drop_connection_once="download")
    (link,) = client.report(c.LANTERN, "users-1-day", DAY).json()["download_links"]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.download(link)
    assert client.download(link).status_code == 200


@pytest.mark.parametrize("style", ["crlf", "array"])
def test_formats_hold_the_same_records(serve: Serve, style: str) -> None:
    (body,) = serve(format=style).files(c.LANTERN, "users-1-day", DAY)
    records = json.loads(body) if style == "array" else [json.loads(line) for line in body.split(b"\r\n") if line]
    (plain,) = serve().files(c.LANTERN, "users-1-day", DAY)
    assert records == [json.loads(line) for line in plain.splitlines()]


def test_object_over_several_lines(serve: Serve) -> None:
    (body,) = serve(format="object").files(c.LANTERN, "organization-1-day", DAY)
    assert body.count(b"\n") > 10
    assert json.loads(body)["day"] == DAY.isoformat()
