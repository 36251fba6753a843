"""What every vendor's local server has in common."""

from __future__ import annotations

import pytest
import requests

from demo.local_server import LocalServer, Request, Response, json_response


class Echo(LocalServer):
    def answer(self, request: Request) -> Response | None:
        if request.path == "/gone":
            return None
        said = {"query": request.query, "lists": request.query_lists, "header": request.headers.get("x-demo")}
        return json_response(said)


def test_repeated_and_bracketed_parameters_and_headers_are_seen() -> None:
    with Echo() as server:
        url = f"{server.url}/any?group_by[]=a&group_by%5B%5D=b&limit=7&empty="
        said = requests.get(url, headers={"X-Demo": "Yes"}, timeout=5).json()
    assert said["query"] == {"group_by[]": "b", "limit": "7"}
    assert said["lists"] == {"group_by[]": ["a", "b"], "limit": ["7"], "empty": [""]}
    assert said["header"] == "Yes"


def test_requests_are_recorded_with_their_bodies() -> None:
    with Echo() as server:
        requests.post(f"{server.url}/any", data=b"{}", timeout=5)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/gone", auth=("key", ""), timeout=5)
        first, second = server.requests
    assert (first.method, first.path, first.status, first.body, first.had_authorization) == (
        *("POST", "/any", 200, b"{}", False),
    )
    assert (second.status, second.had_authorization) == (0, True)
