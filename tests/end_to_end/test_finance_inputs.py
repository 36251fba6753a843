"""The inputs of finance: rows of seeds and of dropped files count alike; a row with a mistake stops the build and is
told by file, line, field and remedy, on DuckDB and on PostgreSQL."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dlt_pipelines.pipelines import postgres_credentials
from tests.end_to_end.postgres_server import PostgresMissing, postgres_server
from tests.end_to_end.workbench import NO_UNIT_TESTS, PROJECT, Workbench

TODAY = date(2026, 10, 17)
KEY = {"AGENT_SPEND_PSEUDONYM_KEY": "a key of tests that is long enough to be one"}
# What makes a dbt project of a folder.
PARTS = (
    "dbt_project.yml",
    "vars.yml",
    "profiles.yml",
    "macros",
    "seeds",
    "tests/dbt/generic",
    "tests/dbt/intermediate",
)
# Of its models those of finance's inputs, which read no others: a project of these alone is parsed in no time.
MODELS = ("models/staging/finance", "models/intermediate/finance")
PERSON = "robin.sample@example.com"

# A good row of each input, whose key is made unique by {n}.
GOOD = {
    "billing_accounts": "anthropic,console/{n},Anthropic,console/{n},USD,,,",
    "invoices": "Anthropic,console/a,INV-{n},invoice,,open,,,2026-09-01,2026-09-30,USD,0.00,,,,",
    "invoice_lines": "Anthropic,INV-OPEN,{n},anthropic,machine_usage,Usage,tokens,,,,,0.00,,",
    "seat_plans": "K-1,Anthropic,account/{n},anthropic,team,25,USD,,,daily,,2026-01-01,",
    "contract_terms": "K-1,Anthropic,account/{n},anthropic,discount,10,,,,2026-01-01,,",
    "tolerances": "Issuer {n},USD,5.00,0.5,250.00,2026-01-01",
    "gl_accounts": "{n},6000,Expense",
    "dispute_decisions": "Anthropic,INV-{n},disputed,,,controller,2026-10-05,too much",
    "fx_rates": "EUR,{day},0.92,bank",
    "prepaid_lots": "LOT-{n},OpenAI,organization/a,purchased,100,USD,2026-01-01,,,",
    "allocation_rules": "{n},2026-01-01,other,none,",
    "workflows": "workflow-{n},bot-*,,acme/*,platform,update,pull_request_merged,12.5,no,",
    "task_outcomes": "workflow-a,task/{n},completed,2026-10-05,checked by hand,controller",
    "incidents": "acme/shop,2026-09-14T05:02:{n:02}Z,2026-09-14T07:40:00+02:00,7700040,high,",
}
LIST_OF_PURPOSES = (
    "ai_usage_expense, ai_seat_expense, accrued_liabilities, accounts_payable, prepaid_expense, input_tax,"
    " expired_credits, fx_difference, rounding"
)
LIST_OF_SERIES = "human_seat_fee, human_usage, machine_usage, tax, credit, other"
AMOUNT, DAY = "not an amount; write it like 1234.56", "not a day of the calendar; write it like 2026-09-30"
MOMENT = "not a moment with its zone; write it like 2026-09-30T14:05:00Z"
BLANK, CURRENCY = "blank; fill it in", "not a currency; write three capital letters such as USD"


@dataclass
class Sheet:
    """A CSV of an input that is being written, and what has to be said of its lines."""

    name: str
    header: list[str]
    lines: list[list[str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def add(self, problem: str | None = None, **cells: str) -> None:
        """A good row with these cells instead; `problem` is what follows 'field '."""
        number = len(self.lines) + 2
        text = GOOD[self.name.partition("-")[0]].format(n=number, day=f"2026-01-{number:02}")
        row = dict(zip(self.header, text.split(","), strict=True)) | cells
        self.lines.append([row[name] for name in self.header])
        if problem:
            self.told.append(f"{self.source} line {number}, field {problem}")

    @property
    def source(self) -> str:
        return f"{self.name}.csv" if "-" in self.name else f"seeds/own/{self.name}.csv"

    def write(self, folder: Path) -> None:
        with (folder / f"{self.name}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([self.header, *self.lines])


def sheet(name: str) -> Sheet:
    header = (PROJECT / "seeds" / "own" / f"{name.partition('-')[0]}.csv").read_text().splitlines()[0]
    return Sheet(name, header.split(","))


def good_sheets() -> list[Sheet]:
    """An invoice in the seeds with its lines, and one in the folder."""
    seeded, seeded_lines, dropped, dropped_lines = map(
        sheet, ("invoices", "invoice_lines", "invoices-2026-09", "invoice_lines-2026-09")
    )
    issued = {"status": "issued", "issue_date": "2026-10-01"}
    seeded.add(invoice_id="INV-A", net="1000.00", tax="190", **issued)
    seeded_lines.add(invoice_id="INV-A", line_no="1", amount="899.995")
    seeded_lines.add(invoice_id="INV-A", line_no="2", amount="100.005", service_start="2025-08-01")
    seeded_lines.add(invoice_id="INV-A", line_no="3", amount="190", series="tax", charge_category="Tax")
    dropped.add(invoice_id="INV-B", net=" 12.5 ", **issued)
    dropped_lines.add(invoice_id="INV-B", line_no="1", amount="+12.500000000")
    dropped.add(invoice_id="INV-OPEN")
    return [seeded, seeded_lines, dropped, dropped_lines]


def bad_sheets() -> list[Sheet]:
    """The good ones, and rows with each kind of mistake."""
    seeded, seeded_lines, dropped, dropped_lines = good_sheets()
    open_, issued = {"status": "open"}, {"status": "issued", "issue_date": "2026-10-01"}
    seeded.add(f"net: {AMOUNT}", net="1.234,56")
    seeded.add("issuer: " + BLANK, issuer=" ")
    seeded.add("invoice_type: not one of invoice, credit_note; write one of these words", invoice_type="Invoice")
    seeded.add("status: not one of open, issued, voided; write one of these words", status="open, issued")
    seeded.add(f"due_date: {DAY}", due_date="2026-02-30")
    seeded.add(f"period_end: {DAY}", period_end="30.09.2026")
    seeded.add(f"period_start: {DAY}", period_start="1926-02-29")
    seeded.add(f"currency: {CURRENCY}", currency="usd")
    seeded.add(f"tax: {AMOUNT}", tax="1e3")
    seeded.add("fx_rate: not above zero; write a number that is above zero", fx_rate="0.00")
    seeded.add(
        "period_end: before period_start; write the last day of the period, or its first one anew",
        period_end="2026-08-31",
    )
    seeded.add(
        "reference_invoice_id: blank; name the invoice that the credit note corrects", invoice_type="credit_note"
    )
    seeded.add(
        "reference_invoice_id: no other invoice of this issuer has this number; write the number of the invoice that"
        " it corrects, or add that invoice",
        invoice_type="credit_note",
        reference_invoice_id="INV-NOBODY-KNOWS",
    )
    seeded.add(
        "net: above zero on a credit note; write what you get back with a minus sign, in its lines too",
        invoice_id="INV-PLUS",
        invoice_type="credit_note",
        reference_invoice_id="INV-A",
        net="45.00",
    )
    seeded_lines.add(invoice_id="INV-PLUS", amount="45.00")
    seeded.add(
        "issue_date: blank; write the day on the invoice, or the status open", invoice_id="INV-UNDATED", status="issued"
    )
    seeded_lines.add(invoice_id="INV-UNDATED")
    seeded.add("invoice_id: the invoice has no lines; add them to invoice_lines", **issued)
    dropped.add(
        "net: the lines without tax sum to 0.51, not to 0.499; mend the amount or its lines",
        invoice_id="INV-SUM",
        net="0.499",
        **open_,
    )
    dropped_lines.add(invoice_id="INV-SUM", amount="0.51")
    dropped.add(
        "tax: the tax lines sum to 19.00, not to 0.00; mend the amount or its lines", invoice_id="INV-TAX", **issued
    )
    dropped_lines.add(invoice_id="INV-TAX", amount="19", series="tax", charge_category="Tax")
    dropped.add(
        "net: the lines without tax sum to 100.01, not to 100.00; mend the amount or its lines",
        invoice_id="INV-CENT",
        net="100.00",
        **issued,
    )
    dropped_lines.add(invoice_id="INV-CENT", amount="100.01")
    # A line that cannot be read is told of, not the sum that it spoils.
    dropped.add(invoice_id="INV-SPOILT", net="7", **issued)
    dropped_lines.add(f"amount: {AMOUNT}", invoice_id="INV-SPOILT", amount="seven")
    # The same number twice: in a seed and in a file.
    seeded.add(
        "issuer, invoice_id: the same as in invoices-2026-09.csv line 2; keep one of the two", invoice_id="INV-B"
    )
    dropped_lines.add(
        "issuer, invoice_id, line_no: the same as in invoice_lines-2026-09.csv line 2; keep one of the two",
        invoice_id="INV-B",
        line_no="01",
        amount="12.50",
    )
    seeded.add(
        "period_end: the period has more than 35 days; split it by month, or give the service period on the lines",
        period_start="2025-10-01",
    )
    seeded.add("invoice_id: holds a |; write it without: it parts ids from each other", invoice_id="INV|2")
    seeded.add(
        "currency: the invoice that it corrects is in USD; write the credit note in the currency of its invoice",
        invoice_type="credit_note",
        reference_invoice_id="INV-A",
        currency="EUR",
    )
    tax = "give a tax line the series tax and the category Tax"
    dropped_lines.add(f"charge_category: not Tax, though the series is tax; {tax}", series="tax")
    dropped_lines.add(f"charge_category: Tax, though the series is not tax; {tax}", charge_category="Tax")
    dropped_lines.add("line_no: not a whole number; write it like 12", line_no="1.5")
    dropped_lines.add(f"series: not one of {LIST_OF_SERIES}; write one of these words", series="usage")
    dropped_lines.add(
        "charge_category: not one of Usage, Purchase, Tax, Credit, Adjustment; write one of these words",
        charge_category="usage",
    )
    dropped_lines.add(
        "invoice_id: no invoice of this issuer has this number; add the invoice to invoices, or mend the number",
        invoice_id="INV-MISSING",
    )
    anew = "; write the last day of the period, or its first one anew"
    dropped_lines.add(f"service_end: before service_start{anew}", service_start="2026-09-02", service_end="2026-09-01")
    dropped_lines.add(
        f"service_end: before the period of its invoice, which begins the service{anew}", service_end="2026-08-31"
    )
    dropped_lines.add(
        f"service_start: after the period of its invoice, which ends the service{anew}", service_start="2026-10-01"
    )
    return [seeded, seeded_lines, dropped, dropped_lines, *_bad_contracts(), *_bad_rules(), *_bad_work()]


def _bad_contracts() -> Iterator[Sheet]:
    accounts = sheet("billing_accounts")
    accounts.add("cycle_day: not from 1 to 28; write a number that is from 1 to 28", cycle_day="29")
    accounts.add("cycle_day: not from 1 to 28; write a number that is from 1 to 28", cycle_day="0")
    accounts.add("payment_model: not one of invoice, prepaid; write one of these words", payment_model="card")
    accounts.add(f"billing_currency: {CURRENCY}", billing_currency="US Dollar")
    yield accounts
    plans = sheet("seat_plans")
    plans.add(billing_account_id="a", valid_to="2026-06-30")
    plans.add(billing_account_id="a", valid_from="2026-07-01")
    plans.add(
        "valid_from: the period overlaps that of seeds/own/seat_plans.csv line 3; end the earlier one on the day"
        " before",
        billing_account_id="a",
        valid_from="2027-01-01",
        contract_id="K-2",
    )
    plans.add(
        "valid_to: before valid_from; write the last day of the period, or its first one anew", valid_to="2025-12-31"
    )
    plans.add(
        "credit_unit: blank; name what the credits are counted in, as credit_unit of fct_credits_daily does",
        included_credits_per_seat="150",
    )
    plans.add("proration: not one of daily, none; write one of these words", proration="monthly")
    plans.add("seat_price: not zero or more; write a number that is zero or more", seat_price="-1")
    yield plans
    terms = sheet("contract_terms-2026")
    terms.add(billing_account_id="a", valid_to="2026-09-15")
    terms.add(billing_account_id="a", valid_from="2026-09-16")
    terms.add(
        "valid_from: the period overlaps that of contract_terms-2026.csv line 3; end the earlier one on the day before",
        billing_account_id="a",
        valid_from="2026-09-30",
    )
    terms.add("percent: blank; write the percent off list, such as 15", percent="")
    terms.add("percent: not from 0 to 100; write a number that is from 0 to 100", percent="101")
    terms.add(
        "credits_per_seat: blank; write the credits that each seat gets more", term="promotion_credits", percent=""
    )
    terms.add("currency: blank; write the currency of the amount", term="minimum_fee", percent="", amount="500")
    terms.add("term: not one of discount, promotion_credits, minimum_fee; write one of these words", term="rebate")
    yield terms


def _bad_rules() -> Iterator[Sheet]:
    tolerances = sheet("tolerances")
    tolerances.add(issuer="")
    tolerances.add(
        "issuer, currency, valid_from: the same as in seeds/own/tolerances.csv line 2; keep one of the two", issuer=""
    )
    yield tolerances
    ledger = sheet("gl_accounts")
    ledger.add(purpose="rounding")
    ledger.add(f"purpose: not one of {LIST_OF_PURPOSES}; write one of these words")
    yield ledger
    decisions = sheet("dispute_decisions-q3")
    decisions.add(f"decided_on: {DAY}", decided_by=PERSON, decided_on=PERSON)
    decisions.add("currency: blank; write the currency of the amount", amount="5")
    decisions.add("decision: not one of disputed, written_off; write one of these words", decision="ignored")
    yield decisions
    rates = sheet("fx_rates")
    rates.add("rate: not above zero; write a number that is above zero", rate="-0.92")
    rates.add(valid_from="2024-02-29")
    yield rates
    lots = sheet("prepaid_lots")
    lots.add(
        "expires_on: before purchased_on; write the last day of the period, or its first one anew",
        expires_on="2025-12-31",
    )
    lots.add("kind: not one of purchased, granted; write one of these words", kind="gift")
    yield lots
    rules = sheet("allocation_rules")
    rules.add("basis: not one of usage_value, seats, none; write one of these words", basis="headcount")
    yield rules


def _bad_work() -> Iterator[Sheet]:
    workflows = sheet("workflows")
    workflows.add(service_name="", agent_name="", repository="", owner="", minutes_saved="", is_protected="")
    workflows.add(
        "completed_when: not one of evaluation, pull_request_merged, ci_success, outcome_file; write one of these"
        " words",
        completed_when="merged",
    )
    workflows.add("minutes_saved: not zero or more; write a number that is zero or more", minutes_saved="-0.5")
    workflows.add(f"minutes_saved: {AMOUNT}", minutes_saved="1:30")
    workflows.add("is_protected: not one of yes, no; write one of these words", is_protected="true")
    workflows.add(
        "workflow_id: the same as in seeds/own/workflows.csv line 2; keep one of the two", workflow_id="workflow-2"
    )
    workflows.add(f"workflow_id: {BLANK}", workflow_id="")
    yield workflows
    outcomes = sheet("task_outcomes-2026-10")
    outcomes.add(task_id="task/a")
    outcomes.add("outcome: not one of completed, failed, abandoned; write one of these words", outcome="done")
    outcomes.add(f"decided_on: {DAY}", decided_on="2026-10-05T09:00:00Z", decided_by=PERSON)
    outcomes.add(
        "workflow_id, task_id, decided_on: the same as in task_outcomes-2026-10.csv line 2; keep one of the two",
        task_id="task/a",
        outcome="failed",
    )
    yield outcomes
    incidents = sheet("incidents")
    incidents.add(opened_at="2026-09-14T05:02:00Z", resolved_at="", deployment_id="")
    incidents.add(f"opened_at: {MOMENT}", opened_at="2026-09-14 05:02")
    incidents.add(f"resolved_at: {MOMENT}", resolved_at="2026-09-31T05:02:00Z")
    incidents.add(
        "resolved_at: before opened_at; write when it was over, or when it began anew",
        resolved_at="2026-09-14T05:02:00+02:00",
    )
    incidents.add("deployment_id: not a whole number; write it like 12", deployment_id="release-7")
    # The same moment, as another clock shows it.
    incidents.add(
        "repository, opened_at: the same as in seeds/own/incidents.csv line 2; keep one of the two",
        opened_at="2026-09-14 07:02:00+02:00",
    )
    incidents.add(f"repository: {BLANK}", repository="")
    yield incidents


@dataclass(frozen=True)
class Finance:
    """A copied project, a folder of dropped files, and a warehouse."""

    bench: Workbench
    ask: Callable[[str], list[tuple[Any, ...]]]

    @property
    def project(self) -> Path:
        return self.bench.folder / "project"

    @property
    def dropped(self) -> Path:
        return self.bench.folder / "finance"

    def write(self, sheets: list[Sheet]) -> None:
        """Writes the sheets in place of those that were there, and loads the folder."""
        shutil.rmtree(self.dropped, ignore_errors=True)
        self.dropped.mkdir()
        for each in sheets:
            each.write(self.dropped if "-" in each.name else self.project / "seeds" / "own")
        variables = {**KEY, "SOURCES__FINANCE__BUCKET_URL": str(self.dropped)}
        outcome = self.bench.extract(variables, TODAY, None, "finance")
        assert not outcome.problems

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs dbt in the copied project."""
        folders = ["--target-path", str(self.bench.folder / "target"), "--log-path", str(self.bench.logs)]
        dbt = shutil.which("dbt", path=str(Path(sys.executable).parent)) or "dbt"
        with self.bench.environment({}, TODAY):
            return subprocess.run(
                [dbt, "--no-use-colors", *arguments, "--target", self.bench.target, *folders],
                capture_output=True,
                text=True,
                check=False,
                cwd=self.project,
                env=os.environ.copy(),
            )


def copied_project(folder: Path) -> None:
    for part in (*PARTS, *MODELS):
        source, copy = PROJECT / part, folder / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def finance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finance]:
    """An empty warehouse and a project of its own."""
    bench = Workbench(tmp_path_factory.mktemp(f"finance_on_{request.param}"), request.param)
    copied_project(bench.folder / "project")
    if request.param == "duckdb":

        def ask(sql: str) -> list[tuple[Any, ...]]:
            with duckdb.connect(str(bench.warehouse), read_only=True) as connection:
                return connection.execute(sql).fetchall()

        yield Finance(bench, ask)
        return
    psycopg2 = pytest.importorskip("psycopg2", reason="the PostgreSQL extra is not installed")
    try:
        server = postgres_server()
        variables = server.__enter__()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**variables, "PGDATABASE": "postgres"}.items():
            patch.setenv(name, value)

        def ask_postgres(sql: str) -> list[tuple[Any, ...]]:
            with closing(psycopg2.connect(postgres_credentials())) as connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())

        try:
            yield Finance(bench, ask_postgres)
        finally:
            server.__exit__(None, None, None)


@dataclass(frozen=True)
class Builds:
    """A build of good rows (on DuckDB) and one of bad ones, after each other."""

    finance: Finance
    good: subprocess.CompletedProcess[str] | None
    bad: subprocess.CompletedProcess[str]
    sheets: list[Sheet]


@pytest.fixture(scope="module")
def builds(finance: Finance) -> Builds:
    inputs = ["+int_finance__input_problems", *(f"int_finance__{name}" for name in GOOD)]
    # Tests that also read what is not selected are none of ours.
    selected = ("build", *NO_UNIT_TESTS, "--indirect-selection", "cautious", "--select", *inputs)
    good = None
    if finance.bench.target == "duckdb":
        finance.write(good_sheets())
        good = finance.dbt(*selected)
    sheets = bad_sheets()
    finance.write(sheets)
    return Builds(finance, good, finance.dbt(*selected), sheets)


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines that tell of a mistake."""
    return [line for line in done.stdout.splitlines() if " line " in line and ", field " in line]


def test_good_rows_build_and_nothing_is_told(builds: Builds) -> None:
    if builds.good is None:
        pytest.skip("built on DuckDB alone; the good rows among the bad ones are seen on both")
    assert builds.good.returncode == 0, builds.good.stdout[-4000:]
    assert told(builds.good) == []


def test_every_mistake_is_told_by_file_line_field_and_remedy(builds: Builds) -> None:
    expected = sorted(line for each in builds.sheets for line in each.told)
    assert sorted(told(builds.bad)) == expected
    assert "seeds/own/invoices.csv line 3, field net: not an amount; write it like 1234.56" in told(builds.bad)


def test_mistakes_end_the_build_and_nothing_that_reads_the_inputs_is_built(builds: Builds) -> None:
    assert builds.bad.returncode == 1
    assert "FAIL" in builds.bad.stdout
    for name in GOOD:
        assert f"SKIP relation intermediate.int_finance__{name} " in builds.bad.stdout


def test_no_name_is_told(builds: Builds) -> None:
    assert PERSON not in builds.bad.stdout + builds.bad.stderr


def test_every_reader_of_the_inputs_waits_for_the_test(builds: Builds) -> None:
    manifest = json.loads((builds.finance.bench.folder / "target" / "manifest.json").read_text())
    parents: dict[str, list[str]] = manifest["parent_map"]
    # Nothing else of the whole project reads rows as written.
    readers_of_rows = {
        file.parent.relative_to(PROJECT).as_posix()
        for file in (PROJECT / "models").rglob("*.sql")
        if re.search(r"int_finance__[^)]*_rows", file.read_text())
    }
    assert readers_of_rows == {"models/intermediate/finance"}
    problems = "model.agent_spend.int_finance__input_problems"
    for name in GOOD:
        assert problems in parents[f"model.agent_spend.int_finance__{name}"]
        rows = f"model.agent_spend.int_finance__{name}_rows"
        readers = {node.split(".")[2] for node, of in parents.items() if rows in of and node.startswith("model.")}
        own = {f"int_finance__{kind}" for kind in ("input_cells", "key_problems", "period_problems")}
        assert readers <= {*own, "int_finance__invoice_problems", f"int_finance__{name}"}


def test_good_rows_stay_visible(builds: Builds) -> None:
    if builds.finance.bench.target == "postgres":
        # There is no good build before, and a view would go with the views that it reads.
        done = builds.finance.dbt("run", "--select", "int_finance__invoices", "int_finance__invoice_lines")
        assert done.returncode == 0, done.stdout[-4000:]
    ask = builds.finance.ask
    amounts = ask(
        "select invoice_id, cast(net as decimal(10, 2)), cast(tax as decimal(10, 2)), source_file, line_number"
        " from intermediate.int_finance__invoices where invoice_id in ('INV-A', 'INV-B', 'INV-CENT', 'INV-SUM')"
        " order by 1"
    )
    assert [(number, str(net), str(tax), *place) for number, net, tax, *place in amounts] == [
        ("INV-A", "1000.00", "190.00", "seeds/own/invoices.csv", 2),
        ("INV-B", "12.50", "0.00", "invoices-2026-09.csv", 2),
    ]
    assert ask(
        "select line_no, service_start, service_end from intermediate.int_finance__invoice_lines"
        " where invoice_id = 'INV-A' order by 1"
    ) == [
        (1, date(2026, 9, 1), date(2026, 9, 30)),
        (2, date(2025, 8, 1), date(2026, 9, 30)),
        (3, date(2026, 9, 1), date(2026, 9, 30)),
    ]
