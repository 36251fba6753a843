{{ config(materialized='table') }}

{#
    One row per posting period, journal type, reference and line: what is to be booked, before it is split by cost center
    and rounded. A positive amount is a debit; the credit side of a journal is one account, the counter_purpose.

    accrual and reversal: int_accounting__accrual_entries. invoice and credit_note: int_accounting__document_entries.
    prepaid_purchase, prepaid_drawdown and expired_credits: int_accounting__prepaid_entries. correction and settlement:
    int_accounting__correction_entries.

    A correction credits the liability, and no cost is expensed twice: what an invoice bills of a closed month, in a later
    month's invoice or in its own beyond what the month was closed with, settles the liability up to what corrections of
    that month, vendor and series have credited, and the rest is an expense.

    Limits. Draws, expired credits and what a contract adds to an accrual are as known now, in a closed month too, and so
    is a document that comes late with an early date. What another rate than the booked one makes is in the expense of the
    invoice, and never a line of its own.
#}
{% for entries in [
    'int_accounting__accrual_entries',
    'int_accounting__document_entries',
    'int_accounting__prepaid_entries',
    'int_accounting__correction_entries',
] %}
select
    posting_period,
    journal_type,
    reference,
    posting_date,
    document_date,
    issuer,
    billing_account_id,
    invoice_id,
    billing_month,
    vendor,
    series,
    cost_center_key,
    gl_purpose,
    counter_purpose,
    currency,
    fx_rate,
    amount
from {{ ref(entries) }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
