"""What of a trace is never loaded: prompts, code, messages, arguments and results of tools, names of persons."""

from __future__ import annotations

import re

from dlt_pipelines.identifiers import NAMES_A_PERSON_INSIDE, may_name_a_person
from dlt_pipelines.sql import literal

# Words that, alone or as a part between dots and underscores, say that an attribute holds what somebody wrote or read.
CONTENT_WORDS = (
    *("message", "messages", "prompt", "prompts", "completion", "completions", "content", "contents", "text", "body"),
    *("input", "output", "argument", "arguments", "args", "parameters", "parameter", "result", "results", "response"),
    *("instructions", "definition", "definitions", "description", "documents", "document", "query", "statement"),
    *("command", "commands", "code", "diff", "patch", "snippet", "file", "files", "path", "paths", "directory", "cwd"),
    *("stacktrace", "exception", "error", "reasoning", "thinking", "thought", "thoughts", "summary", "title", "value"),
    *(
        "request",
        "explanation",
        "header",
        "headers",
        "cookie",
        "token",
        "secret",
        "password",
        "key",
        "ip",
        "address",
        "url",
        "uri",
    ),
)
CONTENT = re.compile(rf"(?:^|[._-])(?:{'|'.join(CONTENT_WORDS)})(?:$|[._-])", re.IGNORECASE)
# Attributes that say what they need in a number or a word, though a word of theirs is among the above.
HARMLESS = re.compile(
    r"^(?:gen_ai\.request\.(?:max_tokens|temperature|top_p|top_k|seed|stream|choice\.count|service_tier)"
    r"|gen_ai\.response\.(?:time_to_first_chunk|service_tier)|http\.(?:request\.method|response\.status_code)"
    r"|gen_ai\.(?:output|token)\.type|github\.copilot\.cost|.*\.turn_count|.*_ms|.*_count|.*_bytes|.*\.count)$"
)
# Places of the resource that say where a process runs, not what it is for.
MACHINERY = (
    "telemetry.",
    "process.",
    "os.",
    "host.",
    "container.",
    "k8s.",
    "cloud.",
    "device.",
    "service.",
    "webengine.",
)
# A longer value is likelier to be content than a property.
LONGEST_VALUE = 200


def is_content(name: str) -> bool:
    """Whether an attribute's name says that it holds what somebody wrote or read."""
    return CONTENT.search(name) is not None and HARMLESS.match(name) is None


def is_kept(name: str) -> bool:
    """Whether an attribute that no column has may be loaded among the `extra` ones."""
    if HARMLESS.match(name):
        return True
    return not (name.startswith(MACHINERY) or may_name_a_person(name) or is_content(name))


def harmless_value(text: str) -> str:
    """SQL: whether a value may be loaded: it names nobody, lies in nobody's home and is short."""
    return (
        f"length({text}) <= {LONGEST_VALUE} and not contains({text}, '@')"
        f" and not contains({text}, '/home/') and not contains({text}, '/Users/') and not contains({text}, '\\Users\\')"
        f" and not (left({text}, 1) in ('{{', '[')"
        f" and regexp_matches({text}, {literal(NAMES_A_PERSON_INSIDE)}, 'i'))"
    )
