{{ config(materialized='table') }}

{#
    One row per invoice line, with what it should say. Expected items go to the line of their vendor, series and SKU in
    whose service dates they fall. Lines of one SKU whose dates overlap, and the lines of a series that do not all carry
    SKUs that the billing data knows, share what is expected in proportion to their amounts. Use of people and of machines stand in for each other
    where the invoice has lines for one of them only. A line for days before the period is expected as far as the charges
    of those days back it, or like any other where the period's own charges correct earlier ones; a credit note's lines as far as the invoice it names does. Taxes are not compared.
#}
with

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
    where invoice_id is not null
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines') }}
),

expected_items as (
    select * from {{ ref('int_billing__expected_items') }}
),

late_billed as (
    select * from {{ ref('int_billing__late_billed') }}
),

compared as (
    select * from {{ ref('int_billing__usage_comparison') }}
),

corrected_charges as (
    select * from {{ ref('int_billing__reconciliation_charges') }}
    where charge_class = 'Correction'
),

corrections as (
    select distinct
        reconciliation_key,
        vendor
    from corrected_charges
),

{# Use that the vendor's billing data leaves out as a whole: what a line of it should say is not known. #}
vendors_without_export as (
    select distinct
        reconciliation_key,
        vendor
    from compared
    where is_metered and not is_period_exported
),

credit_notes as (
    select
        credit_notes.reconciliation_key,
        credit_notes.backed_amount,
        units.invoiced_net as invoiced_amount
    from {{ ref('int_billing__credit_notes') }} as credit_notes
    inner join units
        on credit_notes.reconciliation_key = units.reconciliation_key
),

lines as (
    select
        units.reconciliation_key,
        units.issuer,
        units.invoice_id,
        units.invoice_status,
        units.fx_rate - units.booked_fx_rate as fx_difference,
        invoice_lines.line_no,
        invoice_lines.vendor,
        invoice_lines.series,
        coalesce(invoice_lines.sku, '') as sku,
        case when units.invoice_status = 'voided' then 0 else invoice_lines.amount end
            as invoiced_amount,
        invoice_lines.service_start,
        invoice_lines.service_end,
        case
            when invoice_lines.series = 'tax' or invoice_lines.charge_category = 'Tax' then 'tax'
            when units.invoice_status = 'voided' then 'voided'
            when units.is_credit_note then 'credit_note'
            when
                invoice_lines.service_end < units.period_start
                and corrections.vendor is null
                then 'prior_period'
            else 'own'
        end as line_kind
    from units
    inner join invoice_lines
        on
            units.issuer = invoice_lines.issuer
            and units.invoice_id = invoice_lines.invoice_id
    left join corrections
        on
            units.reconciliation_key = corrections.reconciliation_key
            and invoice_lines.vendor = corrections.vendor
),

own_lines as (
    select * from lines
    where line_kind = 'own'
),

items as (
    select
        reconciliation_key,
        vendor,
        series,
        sku,
        amount,
        fx_base_usd,
        charges,
        unknown_charges,
        subject_date
    from expected_items
    where basis not in ('prior_period', 'credit_note')
),

item_skus as (
    select distinct
        reconciliation_key,
        vendor,
        series,
        sku
    from items
    where sku <> ''
),

{# Whether every line of a series has a SKU that the billing data knows; the only line of a series needs none. #}
series_lines as (
    select
        own_lines.reconciliation_key,
        own_lines.vendor,
        own_lines.series,
        min(own_lines.line_no) as first_line,
        count(*) > 1 and count(*) = count(item_skus.sku) as is_by_sku
    from own_lines
    left join item_skus
        on
            own_lines.reconciliation_key = item_skus.reconciliation_key
            and own_lines.vendor = item_skus.vendor
            and own_lines.series = item_skus.series
            and own_lines.sku = item_skus.sku
    group by own_lines.reconciliation_key, own_lines.vendor, own_lines.series
),

usage_lines as (
    select
        reconciliation_key,
        vendor,
        min(series) as series
    from series_lines
    where series in ('human_usage', 'machine_usage', 'other')
    group by reconciliation_key, vendor
),

items_by_series as (
    select
        items.reconciliation_key,
        items.vendor,
        coalesce(
            series_lines.series,
            case
                when items.series in ('human_usage', 'machine_usage', 'other')
                    then usage_lines.series
            end
        ) as series,
        items.sku,
        items.amount,
        items.fx_base_usd,
        items.charges,
        items.unknown_charges,
        items.subject_date
    from items
    left join series_lines
        on
            items.reconciliation_key = series_lines.reconciliation_key
            and items.vendor = series_lines.vendor
            and items.series = series_lines.series
    left join usage_lines
        on
            items.reconciliation_key = usage_lines.reconciliation_key
            and items.vendor = usage_lines.vendor
),

line_periods as (
    select
        reconciliation_key,
        vendor,
        series,
        sku,
        line_no,
        max(service_end) over (
            partition by reconciliation_key, vendor, series, sku
            order by service_start, line_no
            rows between unbounded preceding and 1 preceding
        ) as end_before
    from own_lines
),

overlapping_skus as (
    select distinct
        own_lines.reconciliation_key,
        own_lines.vendor,
        own_lines.series,
        own_lines.sku
    from own_lines
    inner join line_periods
        on
            own_lines.reconciliation_key = line_periods.reconciliation_key
            and own_lines.line_no = line_periods.line_no
    where own_lines.service_start <= line_periods.end_before
),

{# Lines that share what is expected have one group; a SKU's lines for days of their own have one each. #}
grouped_lines as (
    select
        own_lines.*,
        series_lines.is_by_sku,
        case when series_lines.is_by_sku then own_lines.sku else '' end as group_sku,
        series_lines.is_by_sku and overlapping_skus.sku is null as is_by_day
    from own_lines
    inner join series_lines
        on
            own_lines.reconciliation_key = series_lines.reconciliation_key
            and own_lines.vendor = series_lines.vendor
            and own_lines.series = series_lines.series
    left join overlapping_skus
        on
            own_lines.reconciliation_key = overlapping_skus.reconciliation_key
            and own_lines.vendor = overlapping_skus.vendor
            and own_lines.series = overlapping_skus.series
            and own_lines.sku = overlapping_skus.sku
),

line_groups as (
    select
        reconciliation_key,
        vendor,
        series,
        is_by_sku,
        group_sku,
        case when is_by_day then service_start end as group_start,
        max(case when is_by_day then service_end end) as group_end,
        min(line_no) as first_line,
        count(*) as lines,
        sum(invoiced_amount) as invoiced_amount
    from grouped_lines
    group by
        reconciliation_key,
        vendor,
        series,
        is_by_sku,
        group_sku,
        case when is_by_day then service_start end
),

item_choices as (
    select
        items_by_series.reconciliation_key,
        items_by_series.vendor,
        items_by_series.series,
        items_by_series.amount,
        items_by_series.fx_base_usd,
        items_by_series.charges,
        items_by_series.unknown_charges,
        line_groups.first_line,
        row_number() over (
            partition by
                items_by_series.reconciliation_key,
                items_by_series.vendor,
                items_by_series.series,
                items_by_series.item_number
            order by
                case
                    when
                        items_by_series.subject_date >= line_groups.group_start
                        and items_by_series.subject_date <= line_groups.group_end
                        then 0
                    else 1
                end,
                line_groups.first_line
        ) as choice
    from (
        select
            *,
            row_number() over (
                partition by reconciliation_key, vendor, series
                order by sku asc, subject_date asc nulls last, amount asc nulls last
            ) as item_number
        from items_by_series
        where series is not null
    ) as items_by_series
    inner join line_groups
        on
            items_by_series.reconciliation_key = line_groups.reconciliation_key
            and items_by_series.vendor = line_groups.vendor
            and items_by_series.series = line_groups.series
            and (not line_groups.is_by_sku or items_by_series.sku in (line_groups.group_sku, ''))
),

group_expectations as (
    select
        reconciliation_key,
        vendor,
        series,
        first_line,
        sum(amount) as expected_amount,
        sum(fx_base_usd) as fx_base_usd,
        sum(charges) as charges,
        sum(unknown_charges) as unknown_charges,
        count(*) - count(amount) as unknown_items
    from item_choices
    where choice = 1
    group by reconciliation_key, vendor, series, first_line
),

lines_in_groups as (
    select
        grouped_lines.reconciliation_key,
        grouped_lines.line_no,
        grouped_lines.invoiced_amount,
        line_groups.first_line,
        line_groups.lines,
        line_groups.invoiced_amount as group_invoiced_amount,
        case
            when group_expectations.unknown_items > 0 then null
            when
                vendors_without_export.vendor is not null
                and grouped_lines.series in ('human_usage', 'machine_usage', 'other')
                then null
            else coalesce(group_expectations.expected_amount, 0)
        end as group_expected_amount,
        coalesce(group_expectations.fx_base_usd, 0) as group_fx_base_usd,
        coalesce(group_expectations.charges, 0) as charges,
        coalesce(group_expectations.unknown_charges, 0) as unknown_charges
    from grouped_lines
    inner join line_groups
        on
            grouped_lines.reconciliation_key = line_groups.reconciliation_key
            and grouped_lines.vendor = line_groups.vendor
            and grouped_lines.series = line_groups.series
            and grouped_lines.group_sku = line_groups.group_sku
            and coalesce(line_groups.group_start, grouped_lines.service_start)
            = grouped_lines.service_start
    left join group_expectations
        on
            line_groups.reconciliation_key = group_expectations.reconciliation_key
            and line_groups.vendor = group_expectations.vendor
            and line_groups.series = group_expectations.series
            and line_groups.first_line = group_expectations.first_line
    left join vendors_without_export
        on
            grouped_lines.reconciliation_key = vendors_without_export.reconciliation_key
            and grouped_lines.vendor = vendors_without_export.vendor
),

shared as (
    select
        *,
        case
            when lines = 1 then group_expected_amount
            when group_invoiced_amount = 0 then 0
            else {{ proportion(
                'group_expected_amount', 'invoiced_amount', 'group_invoiced_amount'
            ) }}
        end as share,
        case
            when lines = 1 then group_fx_base_usd
            when group_invoiced_amount = 0 then 0
            else {{ proportion('group_fx_base_usd', 'invoiced_amount', 'group_invoiced_amount') }}
        end as fx_base_usd
    from lines_in_groups
),

{# What cutting off leaves over is on the first line of the group. #}
shared_exactly as (
    select
        reconciliation_key,
        line_no,
        charges,
        unknown_charges,
        fx_base_usd,
        share + case
            when line_no = first_line
                then
                    group_expected_amount
                    - sum(share) over (partition by reconciliation_key, first_line)
            else 0
        end as expected_amount
    from shared
),

expected_lines as (
    select
        lines.*,
        case lines.line_kind
            when 'own' then shared_exactly.expected_amount
            when 'prior_period' then coalesce(late_billed.backed_amount, 0)
            when 'credit_note'
                then coalesce({{ proportion(
                    'lines.invoiced_amount',
                    'credit_notes.backed_amount',
                    'credit_notes.invoiced_amount'
                ) }}, 0)
            when 'voided' then 0
        end as expected_amount,
        {{ money('coalesce(shared_exactly.fx_base_usd * lines.fx_difference, 0)') }} as fx_amount,
        coalesce(shared_exactly.charges, 0) as charges,
        coalesce(shared_exactly.unknown_charges, 0) as unknown_charges
    from lines
    left join shared_exactly
        on
            lines.reconciliation_key = shared_exactly.reconciliation_key
            and lines.line_no = shared_exactly.line_no
    left join late_billed
        on
            lines.reconciliation_key = late_billed.reconciliation_key
            and lines.line_no = late_billed.line_no
    left join credit_notes
        on lines.reconciliation_key = credit_notes.reconciliation_key
)

select
    reconciliation_key,
    issuer,
    invoice_id,
    line_no,
    line_kind,
    {{ money('invoiced_amount') }} as invoiced_amount,
    {{ money('expected_amount') }} as expected_amount,
    {{ money('fx_amount') }} as fx_amount,
    cast(charges as bigint) as charges,
    cast(unknown_charges as bigint) as unknown_charges
from expected_lines
