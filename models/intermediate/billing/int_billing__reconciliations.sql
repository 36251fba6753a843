{{ config(materialized='table') }}

{#
    One row per invoice or credit note, and per account's month without one: the three figures side by side, what the
    invoice should say, what is explained, and the status. Metered value is what was used at list price, exported what the
    vendor's billing data charges, invoiced what the invoice asks for; the variance is from the first to the last, the
    data variance from what is expected to the last.

    What the parts of the bridge leave over is rounding, as far as FOCUS's tolerance goes, and unexplained beyond it: the
    whole of it, not what exceeds. An invoice that bills no use has a metered value of zero, for the use belongs to another
    invoice or there was none; use of which nothing has a value is unknown, and so is all that would rest on it.

    Status, the first that holds: voided; not due; missing invoice; missing usage; matched exactly, within rounding,
    within the business tolerance (percent and cap, or the floor); explained; exception. No header matches and none is
    explained over a line that is an exception, and none matches while more than the business tolerance is unexplained:
    an invoice can repeat what is wrong in the vendor's own billing data. Charges whose amount the vendor does not tell
    count in no sum; with one of them nothing matches exactly. A decision about an invoice stands over its status, and
    over no amount.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

compared as (
    select * from {{ ref('int_billing__usage_comparison') }}
),

expected_items as (
    select * from {{ ref('int_billing__expected_items') }}
),

bridge_parts as (
    select * from {{ ref('int_billing__bridge_parts') }}
),

lines_judged as (
    select * from {{ ref('int_billing__lines_judged') }}
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

tolerances as (
    select * from {{ ref('int_billing__unit_tolerances') }}
),

dispute_decisions as (
    select * from {{ ref('int_finance__dispute_decisions') }}
),

metered as (
    select
        reconciliation_key,
        sum(metered_amount) as metered_amount,
        sum(records) as records,
        sum(unpriced_records) as unpriced_records,
        max(case when is_metered and not is_period_exported then 1 else 0 end)
            as accounts_without_export
    from compared
    group by reconciliation_key
),

expected as (
    select
        reconciliation_key,
        sum(case when basis = 'exported' then amount end) as exported_amount,
        sum(case when basis = 'contract_fee' then amount end) as contract_fees,
        sum(amount) as expected_amount,
        {# Without an amount: a fee, or all that a vendor charges. #}
        sum(case when basis <> 'exported' and amount is null then 1 else 0 end) as unknown_items,
        max(case when basis = 'exported' then 1 else 0 end) as is_exported,
        sum(unknown_charges) as unknown_charges,
        sum(charges) as charges,
        sum(usage_charges) as usage_charges
    from expected_items
    group by reconciliation_key
),

explained as (
    select
        issuer,
        billing_account_id,
        billing_month,
        invoice_id,
        sum(amount) as amount
    from bridge_parts
    group by issuer, billing_account_id, billing_month, invoice_id
),

line_exceptions as (
    select
        reconciliation_key,
        sum(case when line_match_status = 'exception' then 1 else 0 end) as exceptions
    from lines_judged
    group by reconciliation_key
),

{# Whether an invoice bills use of its own period. #}
usage_lines as (
    select distinct
        units.reconciliation_key
    from units
    inner join invoice_lines
        on
            units.issuer = invoice_lines.issuer
            and units.invoice_id = invoice_lines.invoice_id
    where
        invoice_lines.series in ('human_usage', 'machine_usage')
        and invoice_lines.service_end >= units.period_start
),

decisions_by_age as (
    select
        issuer,
        invoice_id,
        decision,
        row_number() over (
            partition by issuer, invoice_id
            order by decided_on desc nulls last, line_number desc nulls last
        ) as decision_age
    from dispute_decisions
),

figures as (
    select
        units.reconciliation_key,
        units.issuer,
        units.billing_account_id,
        units.billing_month,
        units.invoice_id,
        units.currency,
        units.invoice_status,
        units.is_credit_note,
        units.payment_model,
        units.period_end,
        units.booked_fx_rate,
        units.invoiced_net,
        units.invoiced_tax,
        case
            when units.is_credit_note or units.invoice_status = 'voided' then 0
            when metered.records is null and units.invoice_id is null then null
            when coalesce(metered.records, 0) = 0 then 0
            else metered.metered_amount
        end as metered_value,
        metered.records,
        metered.unpriced_records,
        expected.exported_amount as exported_billed,
        expected.contract_fees,
        case
            when units.invoice_status = 'voided' then 0
            when expected.unknown_items > 0 or metered.accounts_without_export = 1 then null
            when expected.is_exported = 1 and expected.exported_amount is null then null
            when units.is_credit_note then coalesce(expected.expected_amount, 0)
            else expected.expected_amount
        end as expected_net,
        coalesce(expected.charges, 0) as charges,
        coalesce(expected.unknown_charges, 0) as unknown_charges,
        coalesce(expected.usage_charges, 0) as usage_charges,
        coalesce(explained.amount, 0) as explained_amount,
        tolerances.tolerance_rounding,
        tolerances.tolerance_business,
        coalesce(line_exceptions.exceptions, 0) as line_exceptions,
        usage_lines.reconciliation_key is not null as bills_usage,
        decisions_by_age.decision
    from units
    left join metered
        on units.reconciliation_key = metered.reconciliation_key
    left join expected
        on units.reconciliation_key = expected.reconciliation_key
    left join explained
        on
            units.issuer = explained.issuer
            and units.billing_account_id = explained.billing_account_id
            and units.billing_month = explained.billing_month
            and units.invoice_id = explained.invoice_id
    left join tolerances
        on units.reconciliation_key = tolerances.reconciliation_key
    left join line_exceptions
        on units.reconciliation_key = line_exceptions.reconciliation_key
    left join usage_lines
        on units.reconciliation_key = usage_lines.reconciliation_key
    left join decisions_by_age
        on
            units.issuer = decisions_by_age.issuer
            and units.invoice_id = decisions_by_age.invoice_id
            and decisions_by_age.decision_age = 1
),

differences as (
    select
        *,
        invoiced_net - metered_value as variance,
        invoiced_net - expected_net as data_variance,
        invoiced_net - metered_value - explained_amount as residual
    from figures
),

residuals as (
    select
        *,
        case
            when abs(residual) <= tolerance_rounding then residual
            when residual is not null then 0
        end as rounding,
        case when abs(residual) <= tolerance_rounding then 0 else residual end as unexplained
    from differences
),

judged as (
    select
        *,
        case
            when invoice_status = 'voided' then 'voided'
            when invoice_id is null and payment_model = 'prepaid' then 'not_due'
            when
                invoice_id is null
                and {{ as_of_date() }} <= {{ add_days('period_end', var('invoice_due_days', 10)) }}
                then 'not_due'
            when invoice_id is null then 'missing_invoice'
            when invoice_status = 'open' then 'not_due'
            when bills_usage and coalesce(records, 0) = 0 and usage_charges = 0 then 'missing_usage'
            when line_exceptions > 0 then 'exception'
            when abs(unexplained) > tolerance_business then 'exception'
            when data_variance = 0 and unknown_charges = 0 then 'matched_exact'
            when abs(data_variance) <= tolerance_rounding then 'matched_rounding'
            when abs(data_variance) <= tolerance_business then 'matched_tolerance'
            when unexplained = 0 then 'explained'
            else 'exception'
        end as computed_status
    from residuals
)

select
    reconciliation_key,
    issuer,
    billing_account_id,
    billing_month,
    invoice_id,
    currency,
    invoice_status,
    {{ money('invoiced_net') }} as invoiced_net,
    {{ money('invoiced_tax') }} as invoiced_tax,
    {{ money('metered_value') }} as metered_value,
    {{ money('exported_billed') }} as exported_billed,
    {{ money('contract_fees') }} as contract_fees,
    {{ money('expected_net') }} as expected_net,
    {{ money('variance') }} as variance,
    {{ money('data_variance') }} as data_variance,
    cast(charges as bigint) as rows_compared,
    cast(unknown_charges as bigint) as unknown_charges,
    tolerance_rounding,
    tolerance_business,
    {{ money('rounding') }} as rounding,
    {{ money('unexplained') }} as unexplained,
    computed_status,
    case
        when computed_status <> 'voided' and decision is not null then decision
        else computed_status
    end as match_status,
    case
        when computed_status <> 'voided' and decision is not null
            then decision || ' by decision; ' || computed_status || ' by the figures'
        when computed_status = 'voided' then 'the invoice is void'
        when invoice_id is null and payment_model = 'prepaid'
            then 'paid in advance: no invoice is due'
        when computed_status = 'not_due' and invoice_id is null
            then 'no invoice yet, and none is due'
        when computed_status = 'not_due' then 'the invoice is provisional'
        when computed_status = 'missing_invoice' then 'used or charged, and no invoice is there'
        when computed_status = 'missing_usage' then 'bills use that was neither metered nor charged'
        when booked_fx_rate is null
            then 'no booked rate of ' || currency || ' for the period''s last day'
        when computed_status = 'exception' and line_exceptions > 0
            then
                cast(line_exceptions as {{ dbt.type_string() }})
                || ' of its lines differ from what is expected'
        when computed_status = 'exception' and metered_value is null
            then 'nothing of the metered use has a value'
        when
            computed_status = 'exception'
            and abs(data_variance) <= tolerance_business
            then 'what the billing data charges, but a part of the variance has no reason'
        when computed_status = 'exception' then 'a part of the variance has no reason'
        when computed_status = 'explained' and expected_net is null
            then 'no billing data; every part of the variance has a reason'
        when computed_status = 'explained' then 'every part of the variance has a reason'
        when computed_status = 'matched_tolerance'
            then 'within floor, or percent and cap, of the tolerance'
        when computed_status = 'matched_rounding' then 'within rounding of what is expected'
        else 'exactly what is expected'
    end
    || case
        when unknown_charges > 0
            then
                '; charges of unknown amount: '
                || cast(unknown_charges as {{ dbt.type_string() }})
        else ''
    end as status_reason,
    {{ proportion('1', 'records - unpriced_records', 'records') }} as metered_coverage
from judged
