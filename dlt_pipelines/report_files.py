"""Report files as they come from a vendor: their format, and in plain words what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal

# Parquet is ours: what was read from another format already, with the very columns of the structure.
Format = Literal["newline_delimited", "array", "unstructured", "parquet"]

# A structure describes a record: a SQL type, an object (dict) or an array (list with one structure).
Structure = str | dict[str, Any] | list[Any]

TAIL_BYTES = 1 << 20
LARGEST_BIGINT = 2**63
LARGEST_DECIMAL = 10**28


@dataclass(frozen=True)
class ReportFile:
    """A downloaded file: where it lies, its name in a message, its records' layout, and what is known of them all."""

    path: Path
    label: str
    format: Format
    context: dict[str, str | None] = field(default_factory=dict, hash=False)


def detect_format(path: Path) -> Format | None:
    """How a file's records are laid out: one a line, an array, or one object over many lines; None when empty."""
    with path.open("rb") as file:
        for line in file:
            text = line.strip()
            if not text:
                continue
            if text.startswith(b"["):
                return "array"
            return "newline_delimited" if _is_json(text) else "unstructured"
    return None


def ends_mid_record(path: Path, layout: Format) -> bool:
    """Whether a download was cut: the last line (or the whole document) is not complete JSON."""
    if layout != "newline_delimited":
        return not _is_json(path.read_bytes())
    size = path.stat().st_size
    tail_bytes = TAIL_BYTES
    with path.open("rb") as file:
        while True:
            file.seek(max(size - tail_bytes, 0))
            tail = file.read().rstrip()
            start = tail.rfind(b"\n") + 1
            if start or tail_bytes >= size:
                return not _is_json(tail[start:])
            tail_bytes *= 4


def first_problem(file: ReportFile, structure: dict[str, Any], most: int | None = None) -> str | None:
    """The first record that does not fit, as 'line N: …' with the field, the expected and the found type; else None.

    Reads row by row in Python: only the first `most` records, or files that the fast way has refused.
    """
    for place, text in islice(_records(file), most):
        try:
            record = json.loads(text)
        except ValueError:
            return f"{place}: not valid JSON (cut off or damaged)"
        if not isinstance(record, dict):
            return f"{place}: a record is {_kind(record)}, not an object"
        problem = _mismatch(record, structure, "")
        if problem:
            return f"{place}: {problem}"
    return None


def _records(file: ReportFile) -> Iterator[tuple[str, bytes | str]]:
    if file.format == "newline_delimited":
        with file.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"line {number}", line
        return
    text = file.path.read_text(encoding="utf-8-sig")
    try:
        document = json.loads(text)
    except ValueError as error:
        yield f"line {getattr(error, 'lineno', 1)}", ""
        return
    for number, record in enumerate(document if isinstance(document, list) else [document], 1):
        yield f"record {number}", json.dumps(record)


def _mismatch(value: Any, structure: Structure, path: str) -> str | None:
    if value is None or structure == "JSON":
        return None
    if isinstance(structure, dict):
        if not isinstance(value, dict):
            return _changed(path, "an object", value)
        found = (_mismatch(value.get(name), inner, f"{path}.{name}") for name, inner in structure.items())
    elif isinstance(structure, list):
        if not isinstance(value, list):
            return _changed(path, "an array", value)
        found = (_mismatch(item, structure[0], f"{path}[]") for item in value)
    else:
        return None if _fits(value, structure) else _changed(path, structure, value)
    return next((problem for problem in found if problem), None)


def _fits(value: Any, sql_type: str) -> bool:
    if isinstance(value, bool):
        return sql_type == "BOOLEAN"
    if sql_type == "BIGINT":
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return whole and abs(value) < LARGEST_BIGINT
    if sql_type.startswith("DECIMAL"):
        return isinstance(value, int | float) and abs(value) < LARGEST_DECIMAL
    if sql_type == "DATE":
        return isinstance(value, str) and _is_date(value)
    return sql_type == "VARCHAR" and isinstance(value, str)


def _changed(path: str, expected: str, value: Any) -> str:
    return f"field {path.removeprefix('.')} changed type: expected {expected}, found {_kind(value)}"


def _kind(value: Any) -> str:
    names = {
        bool: "a boolean",
        int: "an integer",
        float: "a fraction",
        str: "text",
        list: "an array",
        dict: "an object",
    }
    return names.get(type(value), "null")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text.decode("utf-8-sig"))
    except ValueError:
        return False
    return True
