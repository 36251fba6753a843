{#
    One row per line of a journal: what to book, for any ledger. No persons are in it.

    The id of a journal is made of what it is about: the entity, the period, its type and what it refers to, whether it is a
    draft, closed or closed again; so a ledger that refuses an id twice cannot book it twice. A period that is closed again
    after it was reopened has the same ids, and what changed in it has another source_hash: take the journals of the first
    closing back in the ledger, or book the difference by hand. No difference is made up here, for what of the first closing
    was booked is not known.
    Expenses of a month that reconciled are split by cost center, as fct_chargeback has it; of any other month they have
    none. Each line is rounded to the currency's smallest unit, the other side is the rounded sum, and what is between
    them is a line of its own. An account that gl_accounts does not have is NULL, never made up.
#}
with

entries as (
    select * from {{ ref('int_accounting__entries') }}
),

chargeback as (
    select * from {{ ref('fct_chargeback') }}
    where amount_usd is not null
),

gl_accounts as (
    select * from {{ ref('int_finance__gl_accounts') }}
),

periods as (
    select * from {{ ref('int_close__periods') }}
),

weights as (
    select
        billing_month,
        vendor,
        series,
        cost_center_key,
        sum(amount_usd) as weight
    from (
        select billing_month, vendor, series, cost_center_key, amount_usd
        from chargeback

        union all

        select billing_month, vendor, 'all' as series, cost_center_key, amount_usd
        from chargeback
        where series in ('human_usage', 'machine_usage')
    ) as amounts
    group by billing_month, vendor, series, cost_center_key
),

total_weights as (
    select
        *,
        sum(weight) over (partition by billing_month, vendor, series) as total_weight,
        row_number() over (
            partition by billing_month, vendor, series
            order by abs(weight) desc nulls last, {{ binary_order('cost_center_key') }}
        ) as weight_rank
    from weights
),

splits as (
    select * from total_weights
    where total_weight <> 0
),

split_entries as (
    select
        entries.*,
        splits.cost_center_key as split_cost_center_key,
        splits.weight_rank,
        case
            when splits.cost_center_key is null then entries.amount
            else {{ proportion('entries.amount', 'splits.weight', 'splits.total_weight') }}
        end as share_amount
    from entries
    left join splits
        on
            entries.billing_month = splits.billing_month
            and entries.vendor = splits.vendor
            and entries.series = splits.series
            and entries.cost_center_key is null
            and entries.gl_purpose in ('ai_usage_expense', 'ai_seat_expense')
            and entries.journal_type <> 'correction'
),

exact_entries as (
    select
        *,
        case
            when weight_rank = 1
                then
                    share_amount + amount - sum(share_amount) over (
                        partition by
                            posting_period, journal_type, reference, vendor, series, gl_purpose,
                            currency
                    )
            else share_amount
        end as exact_amount
    from split_entries
),

expense_lines as (
    select
        *,
        case
            when {{ currency_subunit('currency') }} = 1
                then {{ money('round(exact_amount, 0)') }}
            else {{ money('round(exact_amount, 2)') }}
        end as rounded_amount
    from exact_entries
),

journals as (
    select
        posting_period,
        journal_type,
        reference,
        posting_date,
        document_date,
        issuer,
        billing_account_id,
        invoice_id,
        counter_purpose,
        currency,
        fx_rate,
        case
            when {{ currency_subunit('currency') }} = 1
                then {{ money('round(sum(exact_amount), 0)') }}
            else {{ money('round(sum(exact_amount), 2)') }}
        end as total_amount,
        sum(rounded_amount) as lines_amount
    from expense_lines
    group by
        posting_period,
        journal_type,
        reference,
        posting_date,
        document_date,
        issuer,
        billing_account_id,
        invoice_id,
        counter_purpose,
        currency,
        fx_rate
),

{# What the rounded lines lack of the rounded sum, and the other side of the journal. #}
closing_sides as (
    select 2 as line_group
    union all
    select 3 as line_group
),

lines as (
    select
        posting_period,
        journal_type,
        reference,
        posting_date,
        document_date,
        issuer,
        billing_account_id,
        invoice_id,
        vendor,
        series,
        coalesce(cost_center_key, split_cost_center_key) as cost_center_key,
        gl_purpose,
        currency,
        fx_rate,
        1 as line_group,
        rounded_amount as amount
    from expense_lines

    union all

    select
        journals.posting_period,
        journals.journal_type,
        journals.reference,
        journals.posting_date,
        journals.document_date,
        journals.issuer,
        journals.billing_account_id,
        journals.invoice_id,
        null as vendor,
        null as series,
        null as cost_center_key,
        case closing_sides.line_group
            when 2 then 'rounding'
            else journals.counter_purpose
        end as gl_purpose,
        journals.currency,
        journals.fx_rate,
        closing_sides.line_group,
        case closing_sides.line_group
            when 2 then journals.total_amount - journals.lines_amount
            else -journals.total_amount
        end as amount
    from journals
    cross join closing_sides
),

numbered as (
    select
        lines.*,
        {{ money('lines.amount') }} as line_amount,
        cast(coalesce(periods.version, 0) as bigint) as close_version,
        coalesce(periods.is_closed, false) as is_closed,
        '{{ var("journal_entity") }}|'
        || substr(cast(lines.posting_period as {{ dbt.type_string() }}), 1, 7)
        || '|' || lines.journal_type || '|' || lines.reference as journal_id,
        row_number() over (
            partition by lines.posting_period, lines.journal_type, lines.reference
            order by
                lines.line_group,
                {{ binary_order('lines.gl_purpose') }},
                {{ binary_order('lines.vendor') }} nulls last,
                {{ binary_order('lines.series') }} nulls last,
                {{ binary_order('lines.cost_center_key') }} nulls last,
                lines.amount
        ) as line_no
    from lines
    left join periods
        on lines.posting_period = periods.period
    where lines.amount <> 0
)

select
    numbered.journal_id,
    cast(numbered.line_no as bigint) as line_no,
    '{{ var("journal_entity") }}' as entity,
    numbered.posting_period,
    numbered.posting_date,
    numbered.document_date,
    numbered.journal_type,
    numbered.gl_purpose,
    gl_accounts.gl_account,
    numbered.cost_center_key,
    {{ money('case when numbered.line_amount > 0 then numbered.line_amount end') }} as amount_debit,
    {{ money('case when numbered.line_amount < 0 then -numbered.line_amount end') }}
        as amount_credit,
    numbered.currency,
    numbered.fx_rate,
    {{ proportion('1', 1, 'numbered.fx_rate') }} as usd_exchange_rate,
    {{ proportion('numbered.line_amount', 1, 'numbered.fx_rate') }} as amount_functional_usd,
    numbered.issuer,
    numbered.billing_account_id,
    numbered.invoice_id,
    numbered.vendor,
    numbered.series,
    numbered.reference,
    case numbered.journal_type
        when 'accrual'
            then
                'Accrual of '
                || substr(cast(numbered.posting_period as {{ dbt.type_string() }}), 1, 7)
        when 'reversal'
            then
                'Reversal of the accrual of '
                || substr(cast(numbered.document_date as {{ dbt.type_string() }}), 1, 7)
        when 'invoice' then 'Invoice'
        when 'credit_note' then 'Credit note'
        when 'prepaid_purchase' then 'Prepaid credits bought'
        when 'settlement' then 'Correction that was invoiced before'
        when 'prepaid_drawdown' then 'Prepaid credits drawn'
        when 'expired_credits' then 'Prepaid credits expired'
        else 'Correction of a closed month'
    end
    || ', ' || numbered.reference
    || coalesce(', ' || numbered.vendor || ' ' || numbered.series, '') as memo,
    numbered.is_closed,
    numbered.close_version,
    {{ dbt.hash("
        numbered.journal_id || '|' || cast(numbered.line_no as " ~ dbt.type_string() ~ ")
        || '|' || cast(numbered.document_date as " ~ dbt.type_string() ~ ")
        || '|' || numbered.gl_purpose || '|' || coalesce(gl_accounts.gl_account, '')
        || '|' || coalesce(numbered.cost_center_key, '')
        || '|' || cast(numbered.line_amount as " ~ dbt.type_string() ~ ")
        || '|' || numbered.currency
        || '|' || coalesce(cast(numbered.fx_rate as " ~ dbt.type_string() ~ "), '')
    ") }} as source_hash
from numbered
left join gl_accounts
    on numbered.gl_purpose = gl_accounts.purpose
