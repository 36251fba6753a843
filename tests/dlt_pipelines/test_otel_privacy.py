"""What of a record is never loaded: what people wrote, who they are, and credentials in addresses and names."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.dlt_pipelines import otlp_bench
from tests.dlt_pipelines.otlp_bench import (
    START,
    TELLING,
    Json,
    Reader,
    Row,
    attributes,
    log,
    logs,
    reader,
    span,
    traces,
)
from tests.dlt_pipelines.pseudonyms import KEY, key

__all__ = ["reader"]


# --- people and content ---


def test_nothing_that_somebody_wrote_and_no_name_is_loaded(reader: Reader) -> None:
    telling: Json = {
        name: f"{TELLING} {name}"
        for name in (
            *(
                "gen_ai.input.messages",
                "gen_ai.output.messages",
                "gen_ai.prompt",
                "gen_ai.completion",
                "gen_ai.prompt.0.content",
            ),
            *(
                "gen_ai.system_instructions",
                "gen_ai.tool.call.arguments",
                "gen_ai.tool.call.result",
                "gen_ai.tool.definitions",
            ),
            *("input.value", "output.value", "user_prompt", "prompt", "tool_parameters", "tool_input", "full_command"),
            *(
                "error",
                "exception.message",
                "exception.stacktrace",
                "db.query.text",
                "url.full",
                "file_path",
                "host.name",
            ),
            *(
                "user.name",
                "git.author",
                "copilot_chat.reasoning_content",
                "code.function",
                "langfuse.observation.input",
            ),
        )
    }
    telling["vendor.note"] = f"{TELLING}@example.com"
    telling["vendor.place"] = f"/home/{TELLING}/work"
    telling["vendor.object"] = json.dumps({"userName": TELLING})
    telling["vendor.long"] = TELLING * 100
    telling["user.email"] = f"{TELLING}@example.com"
    telling["user.id"] = TELLING
    said = {"stringValue": TELLING}
    reader.lines(
        traces(span(telling, status={"code": 2, "message": TELLING}), resource=telling),
        logs(log({**telling, "event.name": "claude_code.user_prompt"}, body=said), log(telling, body=said)),
        traces(span(events=[{"timeUnixNano": str(START), "name": "exception", "attributes": attributes(telling)}])),
    )
    assert len(reader.table("spans")) == 2
    assert TELLING not in json.dumps(reader.rows, default=str)
    assert TELLING.lower() not in json.dumps(reader.rows, default=str)


def test_the_digest_and_the_size_of_what_was_said_are_kept(reader: Reader) -> None:
    text = "Größe: three lines\nof input"
    row = reader.lines(traces(span({"gen_ai.input.messages": text, "gen_ai.output.messages": "fünf"}))).span
    key = hmac.digest(KEY.encode(), b"key:content_hash", "sha256")
    assert row["content_hash"] == hmac.digest(key, text.encode(), "sha256").hex()
    assert (row["input_bytes"], row["output_bytes"]) == (len(text.encode()), 5)


def test_without_the_key_no_prompt_can_be_tried(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [
        traces(span({name: text}, spanId=number * 16))
        for number, name, text in (("1", "gen_ai.prompt", "yes"), ("2", "input.value", "yes"), ("3", "prompt", "no"))
    ]
    yes, again, no = (row["content_hash"] for row in _by_span(reader.lines(*documents)))
    assert yes == again != no
    assert yes not in {hashlib.sha256(tried).hexdigest() for tried in (b"yes", b"key:yes", KEY.encode() + b"yes")}
    monkeypatch.setattr(otlp_bench, "KEY", KEY[::-1])
    assert {row["content_hash"] for row in reader.lines(*documents).table("spans")}.isdisjoint({yes, no})


def _by_span(reader: Reader) -> list[Row]:
    return sorted(reader.table("spans"), key=lambda row: str(row["span_id"]))


def test_content_is_loaded_where_it_is_asked_for(reader: Reader) -> None:
    said = 'please mail a@b.c the "file"\n' + "x" * 500
    document = traces(span({"gen_ai.input.messages": said, "user.name": TELLING}))
    row = reader.lines(document, keep_content=True).span
    assert json.loads(row["extra"]) == {"gen_ai.input.messages": said}
    assert row["input_bytes"] == len(said)


@pytest.mark.parametrize(
    ("values", "namespace", "identifier"),
    [
        ({"user.email": "Ada@Example.com"}, "email", "ada@example.com"),
        ({"user.id": "device-1", "user.email": "ada@example.com"}, "email", "ada@example.com"),
        ({"user.account_id": "user_01BWBeN28abcdefghijklmn"}, "anthropic_user", "user_01bwben28abcdefghijklmn"),
        ({"user.account_uuid": "123e4567"}, "otel_user", "123e4567"),
        ({"enduser.id": "ada@example.com"}, "email", "ada@example.com"),
    ],
)
@pytest.mark.parametrize("place", ["span", "resource"])
def test_people_are_pseudonyms(reader: Reader, values: Json, namespace: Any, identifier: str, place: str) -> None:
    reader.lines(traces(span(values)) if place == "span" else traces(span(), resource=values))
    assert reader.span["user_key"] == key(namespace, identifier)
    assert reader.span["user_namespace"] == namespace


# --- credentials in columns ---

SECRET = "ghs-TELLING-77"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"https://x-access-token:{SECRET}@localhost:8080/quill/a.git", "quill/a"),
        (f"https://{SECRET}@git/quill/a", "quill/a"),
        (f"{SECRET}@git:quill/a.git", "quill/a"),
        (f"user:{SECRET}@git:quill/a.git", "quill/a"),
        (f"user:{SECRET}@github.com/quill/a", "quill/a"),
        ("localhost:8080/quill/a", "quill/a"),
        ("git@git:2222/quill/a", "quill/a"),
        (f"https://git/quill/a?token={SECRET}", "quill/a"),
        (f"https://git/quill/a.git#{SECRET}", "quill/a"),
        (f"quill/a?private_token={SECRET}", "quill/a"),
        ("ssh://git@git:22/group/sub/a.git", "group/sub/a"),
        ("quill/.github", "quill/.github"),
        (f"https://user:a#{SECRET}@git/quill/a", None),
        (f"https://git/{SECRET}", None),
        (f"{SECRET}", None),
        ("a sentence / of somebody", None),
        ("~/work/a", None),
        ("../work/a", None),
        ("d:/work/a", None),
    ],
)
def test_a_repository_holds_no_credential(reader: Reader, written: str, expected: str | None) -> None:
    row = reader.lines(traces(span({"vcs.repository.url.full": written}))).span
    assert row["repository"] == expected
    assert SECRET.lower() not in json.dumps(row, default=str).lower()


@pytest.mark.parametrize("column", ["session_url", "logs_url"])
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            f"https://ada:{SECRET}@logs.example.com:8443/runs/7?sig={SECRET}#{SECRET}",
            "https://logs.example.com:8443/runs/7",
        ),
        ("http://localhost/x y", None),
        ("HTTPS://logs.example.com", "HTTPS://logs.example.com"),
        (f"file:///home/{SECRET}", None),
        (f"https://ada:p/{SECRET}@logs.example.com/", None),
        (f"ask ada for {SECRET}", None),
    ],
)
def test_addresses_hold_no_credential(reader: Reader, column: str, written: str, expected: str | None) -> None:
    name = {"session_url": "agent_spend.session.url", "logs_url": "agent_spend.logs.url"}[column]
    row = reader.lines(traces(span({name: written}))).span
    assert row[column] == expected
    assert SECRET not in json.dumps(row, default=str)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("chat claude-opus-4-5", "chat claude-opus-4-5"),
        (f"GET /runs?token={SECRET}", "GET /runs"),
        (f"GET https://ada:{SECRET}@git/x", ""),
        (f"read /home/{SECRET}/a", ""),
        ("w" * 200, "w" * 200),
        ("w" * 201, ""),
    ],
)
def test_a_span_s_name_holds_nothing_that_somebody_wrote(reader: Reader, written: str, expected: str) -> None:
    assert reader.lines(traces(span(name=written))).span["span_name"] == expected


# --- what is in extra ---


@pytest.mark.parametrize(
    "name",
    [
        *("toolInput", "inputText", "promptText", "codeSnippet", "bashCommand", "requestBody", "filePath", "filepath"),
        *("instruction", "question", "answer", "stdout", "stderr", "old_string", "new_string", "pattern", "goal"),
        *("new_context", "comment", "http.target", "url", "developer", "committer", "reviewer", "engineer", "employee"),
        *("principal", "identity", "uid", "machine", "vendor.host", "net.peer.ip", "client.addr", "user", "owner"),
        *("author", "vendor.HTTPUrl", "vendor.toolArgs", "arg0.prompt1", "codeReviewers"),
    ],
)
def test_a_name_that_tells_of_content_or_a_person_is_not_in_extra(reader: Reader, name: str) -> None:
    row = reader.lines(traces(span({name: "TELLING"}), resource={f"vendor.{name}": "TELLING"})).span
    assert row["extra"] is None


@pytest.mark.parametrize("many", [0, 50], ids=["few names", "many names"])
def test_extra_holds_numbers_booleans_and_tokens_whatever_their_names(reader: Reader, many: int) -> None:
    kept = {"vendor.a": "7", "vendor.b": "true", "vendor.c": "claude-opus-4-5", "vendor.d": "1.5e-7", "e": "x" * 64}
    more = {f"vendor.n{number}": "x" for number in range(many)}
    left = {
        "vendor.zig": "Please fix the login of Ada",
        "vendor.zag": "src/checkout/pay.py",
        "vendor.zog": "C:\\work",
        "vendor.zug": "ada@example.com",
        "vendor.zeg": '{"a":1}',
        "vendor.zyg": "x" * 65,
        "vendor.zaa": "ada,bob",
        "vendor.zab": "Größe",
        "vendor.zac": "10.1.2.3",
        "vendor.zad": "sk-ant-api03-abc",
        "vendor.tool_count": "ls the folder",
        "what did Ada say": "yes",
    }
    row = reader.lines(traces(span({**kept, **left, **more}))).span
    assert json.loads(row["extra"]) == {**kept, **more}
