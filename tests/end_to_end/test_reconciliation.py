"""September's bills against the ground truth: every planted difference is found, under its name, with its amount.

The demo closes September as of its first day and builds as of its second, when late use has come.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from demo import billing_contracts as b
from demo import constants as c
from demo.billing_contracts import BillingAccount
from demo.billing_truth import BillingTruth, InvoiceTruth
from demo.company import Company
from demo.github_billing_use import github_billing
from demo.openai_workloads import FINE_TUNED, VOICE
from tests.end_to_end.workbench import Ask, Row, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")

SEPTEMBER, OCTOBER = b.PLANTED_MONTH, b.OPEN_MONTH
# Vendors' own decimals beyond the ninth are rounded when they are loaded, each row by itself.
LOADED = Decimal("0.000001")
EXACT = Decimal("0.00000001")


@pytest.fixture(scope="module")
def now(company: Company) -> BillingTruth:
    """What finance must find as of the demo's last day."""
    return BillingTruth(company)


@pytest.fixture(scope="module")
def at_closing(company: Company) -> BillingTruth:
    """What finance must have found when September was closed."""
    return BillingTruth(company, c.FIRST_AS_OF)


def tolerance(account: BillingAccount) -> Decimal:
    """How far amounts may be off: Cursor's and OpenAI's have more decimals than a warehouse keeps."""
    return LOADED if account.vendor in ("cursor", "openai") else EXACT


def bridge(ask: Ask, invoice_id: str) -> dict[str, Decimal]:
    """The reasons of an invoice that are not zero."""
    return dict(
        ask(f"""
            select variance_reason, amount from finance.fct_reconciliation_bridge
            where invoice_id = '{invoice_id}' and amount <> 0
        """)
    )


def reason(ask: Ask, account: BillingAccount, name: str, month: date = SEPTEMBER) -> Decimal:
    """The amount of a reason on the account's invoice of a month."""
    return bridge(ask, account.invoice_id(month)).get(name, Decimal(0))


def details(ask: Ask, account: BillingAccount, name: str, month: date = SEPTEMBER) -> list[Row]:
    """The rows that a reason comes down to: subject, day, amount."""
    return ask(f"""
        select subject, subject_date, amount from finance.fct_reconciliation_details
        where invoice_id = '{account.invoice_id(month)}' and variance_reason = '{name}' and amount <> 0
        order by subject nulls last, subject_date nulls last
    """)


def close_to(amount: Decimal, account: BillingAccount) -> object:
    return pytest.approx(amount, abs=tolerance(account))


def test_every_invoice_has_its_figures_and_its_status(ask: Ask, now: BillingTruth) -> None:
    found = {
        row[0]: row[1:]
        for row in ask("""
            select invoice_id, issuer, billing_account_id, billing_month, currency, invoiced_net, invoiced_tax,
                metered_value, coalesce(exported_billed, 0), coalesce(contract_fees, 0), variance, match_status
            from finance.fct_reconciliation_monthly where invoice_id is not null
        """)
    }
    assert found.keys() == now.invoices.keys()
    for invoice_id, one in now.invoices.items():
        account, invoice = one.invoice.account, one.invoice
        about, amounts, status = found[invoice_id][:6], found[invoice_id][6:10], found[invoice_id][-1]
        expected = (account.issuer, account.account_id, invoice.month, account.currency, invoice.net, invoice.tax)
        assert (*about, status) == (*expected, one.status), invoice_id
        if invoice.status == "issued":
            figures = (one.metered, one.exported, one.contract_fees, one.variance)
            assert amounts == pytest.approx(figures, abs=LOADED), invoice_id


def test_months_without_an_invoice_say_why(ask: Ask) -> None:
    """June began before the invoices do, October is running, and Codex credits are paid in advance."""
    found = ask("""
        select billing_account_id, billing_month, match_status from finance.fct_reconciliation_monthly
        where invoice_id is null
    """)
    by_status: dict[str, set[tuple[str, date]]] = defaultdict(set)
    for account, month, status in found:
        by_status[status].add((account, month))
    assert set(by_status) == {"missing_invoice", "not_due"}
    assert {month for _, month in by_status["missing_invoice"]} == {date(2026, 6, 1)}
    workspace = b.OPENAI_WORKSPACE.account_id
    assert {month for account, month in by_status["not_due"] if account != workspace} == {OCTOBER}
    assert (workspace, SEPTEMBER) in by_status["not_due"]


def test_what_is_unknown_is_not_zero(ask: Ask) -> None:
    found = ask(f"""
        select metered_value, exported_billed, invoiced_net, variance, unexplained
        from finance.fct_reconciliation_monthly where billing_account_id = '{b.OPENAI_WORKSPACE.account_id}'
    """)
    assert found
    assert {value for row in found for value in row} == {None}


def test_every_bridge_adds_up_exactly(ask: Ask) -> None:
    found = ask("""
        select m.invoice_id, m.variance, sum(b.amount)
        from finance.fct_reconciliation_monthly as m
        inner join finance.fct_reconciliation_bridge as b
            on m.issuer = b.issuer and m.billing_account_id = b.billing_account_id
            and m.billing_month = b.billing_month and m.invoice_id = b.invoice_id and m.currency = b.currency
        group by m.invoice_id, m.variance
    """)
    assert len(found) == 20
    assert all(variance == amount for _, variance, amount in found)


@pytest.mark.parametrize("account", [a for a in b.BILLING_ACCOUNTS if a.payment_model == "invoice"], ids=str)
@pytest.mark.parametrize("month", b.INVOICED_MONTHS, ids=str)
def test_the_bridge_names_what_is_so_and_nothing_else(
    ask: Ask, now: BillingTruth, account: BillingAccount, month: date
) -> None:
    one: InvoiceTruth = now.invoice(account, month)
    found = bridge(ask, one.invoice.invoice_id)
    expected = {name: amount for name, amount in one.reasons.items() if abs(amount) > LOADED}
    assert {name: amount for name, amount in found.items() if abs(amount) > LOADED}.keys() == expected.keys()
    for name, amount in expected.items():
        assert found[name] == pytest.approx(amount, abs=LOADED), name


def test_the_details_of_a_reason_add_up_to_it(ask: Ask) -> None:
    assert (
        ask("""
            select d.invoice_id, d.variance_reason, sum(d.amount), min(b.amount)
            from finance.fct_reconciliation_details as d
            inner join finance.fct_reconciliation_bridge as b
                on d.invoice_id = b.invoice_id and d.variance_reason = b.variance_reason
            group by d.invoice_id, d.variance_reason
            having sum(d.amount) <> min(b.amount)
        """)
        == []
    )


def test_every_plant_stands_in_its_bridge(ask: Ask, now: BillingTruth) -> None:
    assert len(now.plants) == 12
    for plant in now.plants:
        assert bridge(ask, plant.invoice_id)[plant.reason] == close_to(plant.amount, plant.account), plant.name


def test_a_missing_user(ask: Ask, now: BillingTruth, company: Company) -> None:
    """Somebody uses Copilot on github.com only: her use is billed, and no usage report has it."""
    account = b.COPILOT_ENTERPRISE
    assert reason(ask, account, "coverage_gap") == now.unmetered
    key = pseudonymizer().key("github_user", company.user(b.UNMETERED_LOGIN).user_id)
    found = details(ask, account, "coverage_gap")
    assert {subject for subject, *_ in found} == {key}
    assert {amount for *_, amount in found} == {b.UNMETERED_CREDITS_A_DAY * c.CREDIT_PRICE_USD}


def test_late_use_after_the_closing(ask: Ask, now: BillingTruth, at_closing: BillingTruth) -> None:
    """Closed without it, known now with it, posted in October, and invoiced there for September."""
    account = b.COPILOT_ENTERPRISE
    then, later = at_closing.billed(account), now.billed(account)
    assert later - then == now.late > 0
    assert reason(ask, account, "cutoff_timing") == -now.late
    assert reason(ask, account, "prior_period", OCTOBER) == now.late
    key = f"{account.issuer}|{account.account_id}|{account.invoice_id(SEPTEMBER)}|USD"
    corrected = ask(f"""
        select posting_month, corrected_month, as_closed, as_known_now, amount from finance.fct_close_corrections
        where figure = 'reconciliation.exported_billed' and subject = '{key}'
    """)
    close = pytest.approx((then, later, now.late), abs=LOADED)
    assert [row[:2] for row in corrected] == [(OCTOBER, SEPTEMBER)]
    assert corrected[0][2:] == close
    spent = ask("""
        select sum(amount) from finance.fct_close_corrections
        where figure = 'spend.billed_usd' and subject = 'github_copilot|human_usage'
    """)
    assert spent == [(now.late,)]


def test_what_changed_after_the_closing(ask: Ask) -> None:
    """Copilot's late use; and Cursor forgot whose a removed user's use was, which moves it and adds nothing."""
    found = ask("""
        select corrected_month, split_part(subject, '|', 1), figure, sum(amount) from finance.fct_close_corrections
        where figure like 'spend.%' or figure like 'reconciliation.%' group by 1, 2, 3
    """)
    assert {month for month, *_ in found} == {SEPTEMBER}
    moved = {(vendor, figure) for _, vendor, figure, amount in found if amount}
    assert {vendor for vendor, _ in moved} == {"github_copilot", b.GITHUB}
    assert {vendor for _, vendor, *_ in found} - {vendor for vendor, _ in moved} == {"cursor"}


def test_a_price_that_changes_in_the_middle_of_the_month(ask: Ask, now: BillingTruth) -> None:
    """Ten percent off list, and from the 16th on five percent more."""
    for account in (b.CLAUDE_CONSOLE, b.CLAUDE_ENTERPRISE):
        discount, change = now.discount(account)
        assert reason(ask, account, "discount") == close_to(discount, account)
        assert reason(ask, account, "price_difference") == close_to(change, account)
        days = {day for _, day, _ in details(ask, account, "price_difference")}
        assert min(days) >= b.DISCOUNTS[1][0]
        assert max(days) <= account.period(SEPTEMBER)[1]


def test_included_credits_a_promotion_and_the_use_beyond_the_pool(ask: Ask, now: BillingTruth) -> None:
    for account, billed in ((c.ENTERPRISE, b.COPILOT_ENTERPRISE), (c.LANTERN, b.COPILOT_LANTERN)):
        pool = now.pool(account)
        found = ask(f"""
            select seats, included_quantity, promotion_quantity, pool_quantity, consumed_quantity, covered_quantity,
                remainder_quantity, overage_quantity, discount_exported, discount_expected
            from finance.fct_included_allowances
            where billing_account_id = '{billed.account_id}' and billing_month = date '{SEPTEMBER}'
        """)
        covered = pool.covered * c.CREDIT_PRICE_USD
        quantities = (
            pool.included,
            pool.promotion,
            pool.size,
            pool.consumed,
            pool.covered,
            pool.remainder,
            pool.overage,
        )
        assert found == [(pool.seats, *quantities, covered, covered)]
        assert reason(ask, billed, "included_allowance") == -pool.included * c.CREDIT_PRICE_USD
        assert reason(ask, billed, "promotion") == -pool.promotion * c.CREDIT_PRICE_USD
    assert now.pool(c.ENTERPRISE).overage > 0


def test_a_promotion_that_has_ended(ask: Ask, now: BillingTruth) -> None:
    found = ask(f"""
        select billing_month, promotion_quantity from finance.fct_included_allowances
        where billing_account_id = '{c.ENTERPRISE.account_id}' and billing_month >= date '{SEPTEMBER}' order by 1
    """)
    assert found == [(SEPTEMBER, now.pool(c.ENTERPRISE).promotion), (OCTOBER, 0)]


def test_a_credit_note(ask: Ask) -> None:
    """It stands for itself beside the month's invoice, and names the one that it gives back."""
    note = b.CLAUDE_CONSOLE.invoice_id(SEPTEMBER, "-CN")
    assert bridge(ask, note) == {"credit_note": b.CREDIT_NOTE_AMOUNT}
    subjects = ask(f"select subject from finance.fct_reconciliation_details where invoice_id = '{note}'")
    assert subjects == [(b.CLAUDE_CONSOLE.invoice_id(date(2026, 8, 1)),)]


def test_exports_that_repeat_each_other(ask: Ask, now: BillingTruth) -> None:
    """The same file twice and one that overlaps, and all of it came over the API too: counted once, each set aside."""
    found = ask("""
        select file_name, sum(row_count), sum(gross_usd), sum(net_usd)
        from intermediate.int_billing__superseded_charges
        group by file_name order by file_name
    """)
    assert found == sorted((one.file_name, one.rows, one.gross, one.net) for one in now.superseded)
    assert ask(
        "select count(*) from intermediate.int_billing__superseded_charges where file_name = kept_file_name"
    ) == [(0,)]
    # The mart has the same amounts, and no file's name.
    assert ask("select sum(row_count), sum(gross_usd), sum(net_usd) from finance.fct_superseded_charges") == [
        tuple(sum(column) for column in zip(*(row[1:] for row in found), strict=True))
    ]
    twins = ask(
        "select distinct superseded_reason from intermediate.int_billing__superseded_charges"
        " where kept_file_name like '%.csv'"
    )
    assert twins == [("same_content",)]
    uses = github_billing(now.company).credit_uses(c.ENTERPRISE, c.AS_OF)
    billed = ask(f"""
        select count(*), sum(billed_cost) from finance.fct_billed_charges
        where vendor = 'github_copilot' and account_id = '{c.ENTERPRISE.account_id}'
            and charge_date between date '{SEPTEMBER}' and date '2026-09-30' and series = 'human_usage'
    """)
    own = [use.net for use in uses if use.day.month == 9]
    assert billed == [(len(own), sum(own))]


def test_a_seat_that_came_on_the_20th(ask: Ask, now: BillingTruth) -> None:
    account = b.COPILOT_ENTERPRISE
    seats = now.seats(account)
    found = ask(f"""
        select seats_assigned, full_seats, prorated_seats, prorated_seat_fee, seat_fee
        from finance.fct_seats_monthly
        where account_id = '{account.account_id}' and vendor = 'github_copilot' and billing_month = date '{SEPTEMBER}'
    """)
    assert [row[:3] for row in found] == [(seats.assigned, seats.full, seats.prorated)] == [(186, 185, 1)]
    # Eleven of thirty days of 19 dollars; the ninth decimal is cut.
    assert found[0][3] == Decimal("6.966666666")
    assert found[0][4] == close_to(seats.fee, account)
    assert reason(ask, account, "seats_and_fixed") == close_to(seats.fee, account)


def test_a_model_without_a_price(ask: Ask, now: BillingTruth) -> None:
    """What nobody can value by a list is worth what the vendor charges, and is told by model or tool."""
    account = b.OPENAI_ORGANIZATION
    assert reason(ask, account, "unpriced_usage") == close_to(now.invoice(account).reasons["unpriced_usage"], account)
    by_model: dict[str, Decimal] = defaultdict(Decimal)
    for subject, _, amount in details(ask, account, "unpriced_usage"):
        by_model[subject] += amount
    for model in (VOICE, FINE_TUNED):
        assert by_model[model] == close_to(now.model(model), account)
    metered = ask(f"""
        select count(*), sum(list_value_usd) from core.fct_tokens_daily
        where model = '{VOICE}' and usage_date between date '{SEPTEMBER}' and date '2026-09-30'
    """)
    assert metered[0][0] > 0
    assert metered[0][1] is None


def test_an_invoice_at_another_rate_than_the_books(ask: Ask, now: BillingTruth) -> None:
    account = b.CURSOR_TEAM
    fx = now.invoice(account).reasons["fx"]
    assert reason(ask, account, "fx") == close_to(fx, account)
    assert fx > 5
    for month in b.INVOICED_MONTHS[:2]:
        assert reason(ask, account, "fx", month) == 0


def test_a_tax_line(ask: Ask, now: BillingTruth) -> None:
    """It is the invoice's, in a series of its own, and in no comparison."""
    invoice = now.invoice(b.COPILOT_ENTERPRISE).invoice
    assert invoice.tax == Decimal("317.88")
    assert ask(f"""
        select invoiced_net, invoiced_tax from finance.fct_reconciliation_monthly
        where invoice_id = '{invoice.invoice_id}'
    """) == [(invoice.net, invoice.tax)]
    assert ask(f"""
        select invoiced_usd, billed_usd from finance.fct_spend_monthly
        where billing_month = date '{SEPTEMBER}' and vendor = 'github_copilot' and series = 'tax'
    """) == [(invoice.tax, None)]


def test_a_plain_overcharge_is_the_only_exception(ask: Ask, now: BillingTruth) -> None:
    account = b.OPENAI_ORGANIZATION
    unexplained = reason(ask, account, "unexplained")
    assert unexplained == close_to(now.invoice(account).unexplained, account)
    assert abs(unexplained - b.OVERCHARGE) < Decimal("0.01")
    assert ask("select invoice_id from finance.fct_reconciliation_monthly where match_status = 'exception'") == [
        (account.invoice_id(SEPTEMBER),)
    ]
    lines = ask("""
        select invoice_id, series, variance from finance.fct_reconciliation_lines
        where line_match_status = 'exception'
    """)
    assert [row[:2] for row in lines] == [(account.invoice_id(SEPTEMBER), "machine_usage")]
    assert lines[0][2] == pytest.approx(b.OVERCHARGE, abs=Decimal("0.005"))


def test_every_other_line_is_what_was_expected(ask: Ask) -> None:
    """Taxes are compared with nothing; a line of Cursor's has the use of people that was a machine's when invoiced."""
    found: dict[str, set[str]] = defaultdict(set)
    for status, invoice_id in ask("select line_match_status, invoice_id from finance.fct_reconciliation_lines"):
        found[status].add(invoice_id)
    assert found.pop("exception") == {b.OPENAI_ORGANIZATION.invoice_id(SEPTEMBER)}
    assert found.pop("not_due") == {b.COPILOT_ENTERPRISE.invoice_id(OCTOBER)}
    assert found.pop("not_compared") == {b.COPILOT_ENTERPRISE.invoice_id(month) for month in b.INVOICED_MONTHS}
    assert found.pop("explained") | found.pop("matched_tolerance") == {b.CURSOR_TEAM.invoice_id(SEPTEMBER)}
    assert set(found) <= {"matched_exact", "matched_rounding"}


def test_signals_bills_and_invoices_stay_apart(ask: Ask, now: BillingTruth) -> None:
    """September's spend of a vendor, side by side: used at list, exported, invoiced."""
    account = b.OPENAI_ORGANIZATION
    found = ask(f"""
        select sum(estimated_usd), sum(billed_usd), sum(invoiced_usd) from finance.fct_spend_monthly
        where billing_month = date '{SEPTEMBER}' and vendor = 'openai'
    """)
    amounts = (now.metered(account), now.billed(account), now.invoice(account).invoice.net)
    assert found[0] == pytest.approx(amounts, abs=LOADED)
