"""Anthropic's result objects made flat and safe to load; what is not changed stays the vendor's own text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from dlt_pipelines.errors import RequestFailed
from dlt_pipelines.identifiers import WITHHELD, may_name_a_person

Fields = dict[str, msgspec.Raw]

# Columns that the loader fills by itself: a vendor's field of that name would be taken for it.
TAKEN = frozenset({"account_id", "scope", "report_load_key", "snapshot_date", "day", "window_start", "window_end"})

# More does not go into decimal(38, 9).
LARGEST_AMOUNT = 10**28

_FIELDS = msgspec.json.Decoder(Fields)
_ENCODE = msgspec.json.Encoder().encode


class _Amounts(msgspec.Struct):
    amount: str | None = None
    list_amount: str | None = None


_AMOUNTS = msgspec.json.Decoder(_Amounts)

# Tags whose key says that they name somebody, beside those that any unknown field would be withheld for.
PERSONAL_TAG = re.compile(r"owner|contact|member|holder|requested.?by", re.IGNORECASE)


def fields_of(raw: msgspec.Raw | bytes | None) -> Fields:
    """The fields of an object, unparsed; none where it is absent or null."""
    if raw is None or bytes(raw) == b"null":
        return {}
    try:
        return _FIELDS.decode(raw)
    except msgspec.MsgspecError:
        raise _changed("an object is none") from None


def flat(record: msgspec.Raw, *lifted: str) -> msgspec.Raw:
    """A record with the fields of its objects `lifted` beside its own, and names that the loader needs out of the way.

    A federated identity is one identifier: its provider and its subject.
    """
    found = fields_of(record)
    for name in lifted:
        found |= fields_of(found.pop(name, None))
    found = {f"vendor_{name}" if name in TAKEN else name: value for name, value in found.items()}
    actor = found.get("actor")
    if actor is not None and b"federated_actor" in bytes(actor):
        found["actor"] = _with_identity(actor)
    return msgspec.Raw(_ENCODE(found))


def _with_identity(raw: msgspec.Raw) -> msgspec.Raw:
    actor = fields_of(raw)
    identity = None
    if _text(actor, "type") == "federated_actor" and (subject := _text(actor, "subject")) is not None:
        identity = f"{_text(actor, 'provider')}/{subject}"
    return msgspec.Raw(_ENCODE({**actor, "federated_identity": identity}))


def _text(fields: Mapping[str, msgspec.Raw], name: str) -> str | None:
    """A field that is text; None where it is absent or null. Raises RequestFailed where it is anything else."""
    value = msgspec.json.decode(fields[name]) if name in fields else None
    if value is None or isinstance(value, str):
        return value
    raise _changed(f"the field {name} is no text")


def id_of(record: msgspec.Raw) -> str:
    """The id of an item of a list; raises RequestFailed where it has none."""
    found = _text(fields_of(record), "id")
    if not found:
        raise _changed("an item of a list has no id")
    return found


def with_exact_amounts(records: Iterable[msgspec.Raw]) -> Iterator[msgspec.Raw]:
    """The records; raises RequestFailed where an amount is not a decimal in a string. A number would be a float."""
    for record in records:
        if not _is_exact(record):
            raise _changed("an amount is not a decimal number in a string")
        yield record


def _is_exact(record: msgspec.Raw) -> bool:
    try:
        amounts = _AMOUNTS.decode(record)
        given = [Decimal(amount) for amount in (amounts.amount, amounts.list_amount) if amount is not None]
    except (msgspec.MsgspecError, InvalidOperation):
        return False
    return all(amount.is_finite() and abs(amount) < LARGEST_AMOUNT for amount in given)


def api_key(record: msgspec.Raw) -> msgspec.Raw:
    """A key of the list: a user whom it acts as is told apart from a service account, for users become pseudonyms."""
    found = fields_of(flat(record))
    principal = fields_of(found.get("principal"))
    if _text(principal, "type") == "user":
        found["principal"] = msgspec.Raw(_ENCODE({**principal, "user_id": _text(principal, "id")}))
    return msgspec.Raw(_ENCODE(found))


def workspace(record: msgspec.Raw) -> msgspec.Raw:
    """A workspace of the list without what its tags tell of persons."""
    found = fields_of(flat(record))
    if "tags" in found:
        tags = msgspec.json.decode(found["tags"])
        # Anything but an object of them is of an unknown form, and not loaded.
        is_known = isinstance(tags, dict)
        safe = {key: _safe_tag(key, value) for key, value in tags.items() if "@" not in key} if is_known else None
        found["tags"] = msgspec.Raw(_ENCODE(safe))
    return msgspec.Raw(_ENCODE(found))


def _safe_tag(key: str, value: Any) -> Any:
    """A tag's value; withheld where its key or an address in it points to a person, and where it is no plain value."""
    is_personal = may_name_a_person(key) or PERSONAL_TAG.search(key) is not None
    is_plain = value is None or isinstance(value, str | int | float)
    return WITHHELD if is_personal or not is_plain or "@" in str(value) else value


def _changed(what: str) -> RequestFailed:
    return RequestFailed(f"Anthropic's answer cannot be read: {what}", "The vendor changed its API; report this.")
