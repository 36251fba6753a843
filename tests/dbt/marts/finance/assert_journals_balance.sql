{# Debits equal credits in every journal and currency, and rounding is at most one smallest unit for each other line. #}
with

journal_lines as (
    select * from {{ ref('fct_journal_lines') }}
)

select
    journal_id,
    currency,
    sum(coalesce(amount_debit, 0)) as debits,
    sum(coalesce(amount_credit, 0)) as credits,
    sum(case when gl_purpose = 'rounding' then coalesce(amount_debit, amount_credit) else 0 end)
        as rounding
from journal_lines
group by journal_id, currency
having
    sum(coalesce(amount_debit, 0)) <> sum(coalesce(amount_credit, 0))
    or sum(case when gl_purpose = 'rounding' then coalesce(amount_debit, amount_credit) else 0 end)
    > count(*) * {{ currency_subunit('currency') }}
