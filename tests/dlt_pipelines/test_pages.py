"""Pages cut into records: texts stay the vendor's own, paging ends where the vendor says, and never runs for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlt_pipelines.cursor.records import USAGE_EVENTS
from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.fetched import Asked
from dlt_pipelines.http import Answer
from dlt_pipelines.paged_extraction import Endpoint, NamedAccount
from dlt_pipelines.pages import Envelope, Page, PageFiles, after_pages, envelope, records_of, token_pages, value_of

ASKED = Asked(NamedAccount("team", "test"), Endpoint("events", USAGE_EVENTS, lambda _: iter(())), None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def page_of(body: Any) -> Envelope:
    return envelope(json.dumps(body).encode())


def written(folder: Path, *pages: Page) -> list[bytes]:
    files = PageFiles(folder, ASKED)
    for page in pages:
        files.add(page)
    return [line for file in files.files for line in file.path.read_bytes().splitlines()]


@given(st.lists(st.dictionaries(st.text(), JSON), max_size=5), st.sampled_from([None, 2]))
def test_every_record_is_one_line_that_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], indent: int | None
) -> None:
    found = envelope(json.dumps({"data": records}, indent=indent).encode())
    lines = written(tmp_path_factory.mktemp("pages"), Page(records_of(found["data"])))
    assert [json.loads(line) for line in lines] == records


def test_digits_are_the_vendors(tmp_path: Path) -> None:
    found = envelope(b'{"data": [{"amount": 1.10000000000000000001e2}]}')
    assert written(tmp_path, Page(records_of(found["data"]))) == [b'{"amount": 1.10000000000000000001e2}']


def test_a_file_for_each_context_and_one_digest_of_all(tmp_path: Path) -> None:
    files = PageFiles(tmp_path, ASKED)
    for project in ("a", "b", "a"):
        files.add(Page(records_of(page_of({"data": [{"x": 1}]})["data"]), {"project_id": project}))
    assert [(file.context["project_id"], file.path.read_bytes().count(b"\n")) for file in files.files] == [
        ("a", 2),
        ("b", 1),
    ]
    again = PageFiles(tmp_path, ASKED)
    again.add(Page(records_of(page_of({"data": [{"x": 1}, {"x": 1}, {"x": 1}]})["data"])))
    assert again.sha256 == files.sha256, "how records are cut into pages is not part of what they say"


def test_a_window_without_records_has_no_file_and_a_digest(tmp_path: Path) -> None:
    files = PageFiles(tmp_path, ASKED)
    files.add(Page(records_of(page_of({"data": None})["data"])))
    assert not files.files
    assert len(files.sha256) == 64


@pytest.mark.parametrize("body", [b"[1]", b"<html>", b'{"data": [', b"3"])
def test_what_is_no_object_is_no_page(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        envelope(body)


def test_a_list_that_is_none_is_refused() -> None:
    with pytest.raises(RequestFailed):
        records_of(page_of({"data": {"a": 1}})["data"])


class Vendor:
    """Answers with prepared pages and remembers what was asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.asked: list[dict[str, Any]] = []

    def __call__(self, parameters: Mapping[str, Any]) -> Answer:
        self.asked.append(dict(parameters))
        return Answer(200, {}, page_of(self.pages[len(self.asked) - 1]), "/")  # type: ignore[arg-type]


def accept(answer: Answer) -> Envelope:
    found: Envelope = answer.body
    return found


def test_pages_by_token_keep_all_other_parameters() -> None:
    vendor = Vendor({"data": [1], "has_more": True, "next_page": "p2"}, {"data": [2], "has_more": False})
    found = [value_of(page["data"]) for page in token_pages(vendor, {"limit": 7}, accept)]
    assert found == [[1], [2]]
    assert vendor.asked == [{"limit": 7}, {"limit": 7, "page": "p2"}]


def test_more_without_saying_where_is_an_error() -> None:
    with pytest.raises(RequestFailed, match="not where"):
        list(token_pages(Vendor({"has_more": True, "next_page": None}), {}, accept))


def test_a_page_that_is_named_twice_is_an_error() -> None:
    page = {"has_more": True, "next_page": "same"}
    with pytest.raises(RequestFailed, match="twice"):
        list(token_pages(Vendor(page, page, page), {}, accept))


def test_lists_stop_at_has_more_although_the_last_page_has_a_last_id() -> None:
    vendor = Vendor({"has_more": True, "last_id": "b"}, {"has_more": False, "last_id": "d"})
    assert len(list(after_pages(vendor, {}, accept))) == 2
    assert vendor.asked == [{}, {"after_id": "b"}]


def test_a_list_that_does_not_move_on_is_an_error() -> None:
    page = {"has_more": True, "last_id": "b"}
    with pytest.raises(RequestFailed, match="not where"):
        list(after_pages(Vendor(page, page), {}, accept))


def test_a_list_that_goes_in_circles_is_an_error() -> None:
    a, b = {"has_more": True, "last_id": "a"}, {"has_more": True, "last_id": "b"}
    with pytest.raises(RequestFailed, match="not where"):
        list(after_pages(Vendor(a, b, a), {}, accept))
