"""What of a trace is never loaded: prompts, code, messages, arguments and results of tools, names of persons."""

from __future__ import annotations

import re

from duckdb import DuckDBPyConnection

from dlt_pipelines.identifiers import Pseudonymizer, may_name_a_person
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
    *("instruction", "question", "answer", "goal", "comment", "note", "stdout", "stderr", "string", "pattern"),
    *("context", "target", "filepath", "filename", "bash", "shell", "script", "sql", "regex"),
    *("authorization", "auth", "bearer", "credential", "signature"),
)
# Words that say so of a person, or of a machine that is somebody's.
PERSON_WORDS = (
    *("developer", "committer", "reviewer", "engineer", "employee", "principal", "identity", "uid", "user", "owner"),
    *("author", "approver", "reporter", "requester", "manager", "operator", "nick", "handle", "profile", "phone"),
    *("machine", "host", "hostname", "peer", "addr", "who"),
)


def _with_a_word_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """A name in which one of the words stands by itself, in the singular or the plural."""
    return re.compile(rf"(?:^|[^A-Za-z])(?:{'|'.join(words)})s?(?:$|[^A-Za-z])", re.IGNORECASE)


CONTENT = _with_a_word_of(CONTENT_WORDS)
PERSON = _with_a_word_of(PERSON_WORDS)
# toolInput is tool_input, and HTTPUrl is HTTP_Url.
WORD_IN_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Of other names nobody knows what they say themselves.
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:/+-]{1,100}")
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
# What a property's value looks like: a number, true or false, or one token. Whoever writes, writes blanks or slashes.
TOKEN = "[A-Za-z0-9_.:+-]{1,64}"
# Tokens for all that: an address of a machine, and how providers begin their credentials.
TELLING_TOKEN = r"^(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$|gh[pousr]_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA|eyJ)"
# A longer name of a span is likelier to be content than a name.
LONGEST_NAME = 200


def is_content(name: str) -> bool:
    """Whether an attribute's name says that it holds what somebody wrote or read."""
    return CONTENT.search(_parted(name)) is not None and HARMLESS.match(name) is None


def is_kept(name: str) -> bool:
    """Whether an attribute that no column has may be loaded among the `extra` ones, if its value is harmless too."""
    if not PLAIN_NAME.fullmatch(name):
        return False
    if HARMLESS.match(name):
        return True
    names_a_person = may_name_a_person(name) or PERSON.search(_parted(name)) is not None
    return not (name.startswith(MACHINERY) or names_a_person or is_content(name))


def _parted(name: str) -> str:
    return WORD_IN_CAMEL_CASE.sub("_", name)


def harmless_value(text: str) -> str:
    """SQL: whether a value may be loaded: a number, a boolean or one token, which holds no sentence, path or address.

    Nobody knows all names that content comes under: this decides where they do not.
    """
    return f"(regexp_full_match({text}, '{TOKEN}') and not regexp_matches({text}, {literal(TELLING_TOKEN)}))"


def harmless_name(text: str) -> str:
    """SQL: a span's name without a query; blank where it is long, names somebody or lies in somebody's home."""
    bad = " or ".join(f"contains({text}, {literal(part)})" for part in ("@", "/home/", "/Users/", "\\Users\\"))
    return (
        f"case when length({text}) > {LONGEST_NAME} or {bad} then '' else regexp_replace({text}, '\\?.*$', '', 's') end"
    )


def set_digest_key(connection: DuckDBPyConnection, pseudonymizer: Pseudonymizer) -> None:
    """Gives a connection what `keyed_digest` needs: the two halves of HMAC, by a key made of the pseudonym key."""
    key = bytes.fromhex(pseudonymizer.digest("key", "content_hash")).ljust(64, b"\0")
    for name, pad in (("inner", 0x36), ("outer", 0x5C)):
        connection.execute(f"set variable digest_{name} = ?", [bytes(byte ^ pad for byte in key)])


def keyed_digest(text: str) -> str:
    """SQL: the HMAC-SHA-256 of a text: equal texts are equal, and without the key no text can be tried."""
    inner = f"sha256(getvariable('digest_inner') || encode({text}))"
    return f"sha256(getvariable('digest_outer') || unhex({inner}))"


def without_nul(text: str) -> str:
    """SQL: the text without the character that JSON may write and PostgreSQL cannot hold."""
    return f"replace({text}, chr(0), '')"
