"""The key of every pseudonym in these tests, and what it makes of an identifier."""

from __future__ import annotations

from dlt_pipelines.identifiers import Namespace, Pseudonymizer

KEY = "a pseudonym key for tests, long enough"


def key(namespace: Namespace, identifier: str | int) -> str:
    return str(Pseudonymizer(KEY).key(namespace, identifier))
