"""Anthropic's result objects made flat and safe to load; what is not changed stays the vendor's own text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

import msgspec

from dlt_pipelines.errors import RequestFailed

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


class _Actor(msgspec.Struct):
    type: str | None = None
    id: str | None = None
    provider: str | None = None
    subject: str | None = None


_AMOUNTS = msgspec.json.Decoder(_Amounts)
_ACTOR = msgspec.json.Decoder(_Actor)


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
    actor = _ACTOR.decode(raw)
    identity = f"{actor.provider}/{actor.subject}" if actor.type == "federated_actor" else None
    return msgspec.Raw(_ENCODE({**fields_of(raw), "federated_identity": identity}))


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
    if principal and _ACTOR.decode(found["principal"]).type == "user":
        found["principal"] = msgspec.Raw(_ENCODE({**principal, "user_id": principal["id"]}))
    return msgspec.Raw(_ENCODE(found))


def _changed(what: str) -> RequestFailed:
    return RequestFailed(f"Anthropic's answer cannot be read: {what}", "The vendor changed its API; report this.")
