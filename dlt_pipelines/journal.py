"""Writes the journal lines of a period to a CSV file for the ledger: what dbt has worked out, as most ledgers read it.

Nothing is computed here. The same lines give the same bytes, so a file can be written again and compared, and the
External ID of a journal is made of what it is about, so a ledger that knows it books it once.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dlt_pipelines.errors import AgentSpendError
from dlt_pipelines.pipelines import Warehouse

BUILD_FIRST = "Run dbt build first."
CENT = Decimal("0.01")

HEADER = (
    "External ID",
    "Line",
    "Subsidiary",
    "Date",
    "Posting Period",
    "Document Date",
    "Journal Type",
    "Account",
    "Department",
    "Debit",
    "Credit",
    "Currency",
    "Exchange Rate",
    "Vendor",
    "Document Number",
    "Memo",
    "Source Hash",
)

LINES = """
    select
        journal_id, line_no, entity, posting_date, document_date, journal_type, gl_purpose, gl_account, cost_center_key,
        amount_debit, amount_credit, currency, usd_exchange_rate, issuer, invoice_id, memo, source_hash, is_closed
    from {schema}.fct_journal_lines
    where posting_period = cast('{period}' as date)
"""

PERIOD = "select is_closed from {schema}.int_close__periods where period = cast('{period}' as date)"


@dataclass(frozen=True)
class Line:
    """One row of finance.fct_journal_lines."""

    journal_id: str
    line_no: int
    entity: str
    posting_date: date
    document_date: date
    journal_type: str
    gl_purpose: str
    gl_account: str | None
    cost_center_key: str | None
    amount_debit: Decimal | None
    amount_credit: Decimal | None
    currency: str
    usd_exchange_rate: Decimal | None
    issuer: str | None
    invoice_id: str | None
    memo: str
    source_hash: str
    is_closed: bool


@dataclass(frozen=True)
class Total:
    """What a file holds in one currency."""

    currency: str
    journals: int
    lines: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True)
class Written:
    """What was written, or was there already byte for byte."""

    path: Path
    totals: tuple[Total, ...]
    is_new: bool


def write_journal(
    period: date,
    to: Path,
    *,
    target: str = "duckdb",
    draft: bool = False,
    force: bool = False,
    schema_prefix: str = "",
) -> Written:
    """Writes the period's lines to a file; a file with other content is left alone unless `force`.

    Only a closed period is written, for the lines of an open one still change; `draft` writes it all the same. Raises
    AgentSpendError where nothing is built, an account is missing, or a journal does not balance.
    """
    lines = _lines(Warehouse(target), period, draft, schema_prefix)
    _check(lines)
    content = as_csv(lines, period)
    is_new = not to.exists()
    if not is_new and to.read_bytes() != content and not force:
        raise AgentSpendError(f"{to} is there with other content", "Take another name, or --force to replace it.")
    if is_new or force:
        _write_whole(to, content)
    return Written(to, _totals(lines), is_new or force)


def _write_whole(to: Path, content: bytes) -> None:
    """Writes a file that is there whole or as it was before, whatever ends the writing half way."""
    half = to.with_name(f".{to.name}.{uuid.uuid4().hex}")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        half.write_bytes(content)
        half.replace(to)
    except OSError as error:
        raise AgentSpendError(f"{to} cannot be written: {error.strerror}", "Check the folder and its space.") from None
    finally:
        half.unlink(missing_ok=True)


def _lines(warehouse: Warehouse, period: date, draft: bool, schema_prefix: str) -> list[Line]:
    if not warehouse.exists():
        raise AgentSpendError(f"there is no warehouse {warehouse.path}", BUILD_FIRST)
    closed = warehouse.built(PERIOD.format(schema=f"{schema_prefix}intermediate", period=period))
    rows = warehouse.built(LINES.format(schema=f"{schema_prefix}finance", period=period))
    if closed is None or rows is None:
        raise AgentSpendError("the journal lines are not built", BUILD_FIRST)
    month = f"{period:%Y-%m}"
    if not draft and not any(is_closed for (is_closed,) in closed):
        raise AgentSpendError(
            f"{month} is not closed, so its lines still change",
            f"Close it with agent-spend close {month} and run dbt build, or look at them with --draft.",
        )
    lines = sorted((Line(*row) for row in rows), key=lambda line: (line.journal_id, line.line_no))
    if not draft and not all(line.is_closed for line in lines):
        raise AgentSpendError(f"the journal lines of {month} were built before it was closed", BUILD_FIRST)
    return lines


def _check(lines: list[Line]) -> None:
    """What no ledger may get: a line without an account, a journal that does not balance."""
    missing = sorted({line.gl_purpose for line in lines if not line.gl_account})
    if missing:
        raise AgentSpendError(
            f"there is no account for {', '.join(missing)}", "Add the purpose to gl_accounts and run dbt build."
        )
    balances: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        balances[line.journal_id, line.currency] += (line.amount_debit or Decimal()) - (line.amount_credit or Decimal())
    for (journal_id, _), balance in balances.items():
        if balance != 0:
            raise AgentSpendError(f"journal {journal_id} does not balance, by {balance}", BUILD_FIRST)


def as_csv(lines: list[Line], period: date) -> bytes:
    """The file: UTF-8, every field quoted, ISO dates, two decimals; header values repeat on each line of a journal."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in lines:
        writer.writerow(
            (
                line.journal_id,
                line.line_no,
                line.entity,
                line.posting_date.isoformat(),
                f"{period:%Y-%m}",
                line.document_date.isoformat(),
                line.journal_type,
                line.gl_account,
                line.cost_center_key or "",
                _amount(line.amount_debit),
                _amount(line.amount_credit),
                line.currency,
                _rate(line.usd_exchange_rate),
                line.issuer or "",
                line.invoice_id or "",
                line.memo,
                line.source_hash,
            )
        )
    return text.getvalue().encode()


def _amount(amount: Decimal | None) -> str:
    """Two decimals; an amount that has more was not rounded by dbt, and must not be cut here."""
    if amount is None:
        return ""
    if amount != amount.quantize(CENT):
        raise AgentSpendError(f"{amount} is no whole number of cents", "Tell the maintainers.")
    return str(amount.quantize(CENT))


def _rate(rate: Any) -> str:
    return "" if rate is None else format(Decimal(rate).quantize(Decimal("0.000000001")), "f")


def _totals(lines: list[Line]) -> tuple[Total, ...]:
    """Control totals by currency: what the ledger's import must show too."""
    totals = []
    for currency in sorted({line.currency for line in lines}):
        own = [line for line in lines if line.currency == currency]
        debit = sum((line.amount_debit or Decimal() for line in own), Decimal()).quantize(CENT)
        credit = sum((line.amount_credit or Decimal() for line in own), Decimal()).quantize(CENT)
        totals.append(Total(currency, len({line.journal_id for line in own}), len(own), debit, credit))
    return tuple(totals)
