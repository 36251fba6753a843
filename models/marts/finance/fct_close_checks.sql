{#
    One row per period, check and subject: what stands against closing a billing month, and what does not.

    A month that is not over is never closed; every other check that fails may be accepted with a reason, which is
    recorded. Sources are asked for the days of the account's own billing period.
#}
with

figures as (
    select * from {{ ref('int_close__figures') }}
),

close_periods as (
    select * from {{ ref('int_close__periods') }}
),

reconciliation as (
    select * from {{ ref('fct_reconciliation_monthly') }}
),

bridge as (
    select * from {{ ref('fct_reconciliation_bridge') }}
),

accounts as (
    select * from {{ ref('int_billing__accounts') }}
),

loads as (
    select * from {{ ref('int_reports__loads_unioned') }}
),

report_days as (
    select * from {{ ref('int_reports__days') }}
),

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

known_periods as (
    select distinct period from figures
    union distinct
    select distinct billing_month as period from reconciliation
    union distinct
    select period from close_periods
),

periods as (
    select
        period,
        substr(cast(period as {{ dbt.type_string() }}), 1, 7) as period_name,
        cast({{ dbt.dateadd('month', 1, 'period') }} as date) as next_period,
        cast({{ dbt.dateadd('month', -1, 'period') }} as date) as previous_period
    from known_periods
),

period_over as (
    select
        period,
        'period_over' as check_name,
        period_name as subject,
        next_period <= {{ as_of_date() }} as is_ok,
        'built as of ' || cast({{ as_of_date() }} as {{ dbt.type_string() }}) as detail
    from periods
),

{# Of the reports of an account that tell of the same, one that speaks for a day is enough. #}
reports as (
    select
        loads.source,
        loads.account_id,
        loads.report,
        loads.tells_of,
        {# Copilot's billing data is of the same accounts as its usage. #}
        coalesce(max(accounts.cycle_day), 1) as cycle_day,
        max(loads.final_after_days) as final_after_days,
        {# What the vendor had before its first report is no gap. #}
        min(loads.window_start) as first_day
    from loads
    left join accounts
        on
            replace(loads.source, 'github_billing', 'github_copilot') = accounts.vendor
            and loads.account_id = accounts.account_id
    where loads.is_dated and loads.status in ('loaded', 'rejected')
    group by loads.source, loads.account_id, loads.report, loads.tells_of
),

subjects_told as (
    select
        source,
        account_id,
        tells_of,
        max(cycle_day) as cycle_day,
        max(final_after_days) as final_after_days,
        min(first_day) as first_day
    from reports
    group by source, account_id, tells_of
),

days_told as (
    select
        reports.source,
        reports.account_id,
        reports.tells_of,
        report_days.report_date,
        max(case when report_days.is_final then 1 else 0 end) as is_final
    from report_days
    inner join reports
        on
            report_days.source = reports.source
            and report_days.account_id = reports.account_id
            and report_days.report = reports.report
    group by reports.source, reports.account_id, reports.tells_of, report_days.report_date
),

days_expected as (
    select
        subjects_told.source,
        subjects_told.account_id,
        subjects_told.tells_of,
        subjects_told.final_after_days,
        calendar_days.date_day,
        {{ billing_month('calendar_days.date_day', 'subjects_told.cycle_day') }} as period
    from subjects_told
    inner join calendar_days
        on subjects_told.first_day <= calendar_days.date_day
),

source_months as (
    select
        days_expected.period,
        days_expected.source,
        days_expected.account_id,
        days_expected.tells_of,
        count(*) as days_of_month,
        count(days_told.report_date) as days_loaded,
        coalesce(sum(days_told.is_final), 0) as days_final,
        {{ add_days('max(days_expected.date_day)', 'max(days_expected.final_after_days)') }}
            as final_from
    from days_expected
    left join days_told
        on
            days_expected.source = days_told.source
            and days_expected.account_id = days_told.account_id
            and days_expected.tells_of = days_told.tells_of
            and days_expected.date_day = days_told.report_date
    group by
        days_expected.period, days_expected.source, days_expected.account_id, days_expected.tells_of
),

sources_complete as (
    select
        period,
        'sources_complete' as check_name,
        source || '|' || account_id || '|' || tells_of as subject,
        days_loaded = days_of_month and days_final = days_of_month as is_ok,
        cast(days_loaded as {{ dbt.type_string() }}) || ' of '
        || cast(days_of_month as {{ dbt.type_string() }}) || ' days are loaded, '
        || cast(days_final as {{ dbt.type_string() }}) || ' final'
        || case
            when days_final < days_of_month
                then '; read on ' || cast(final_from as {{ dbt.type_string() }}) || ' they will be'
            else ''
        end as detail
    from source_months
),

{# An account can be billed for several vendors; that all of them are paid in advance is what lets it go without. #}
payment_models as (
    select
        issuer,
        billing_account_id,
        max(case when payment_model = 'prepaid' then 0 else 1 end) as is_invoiced
    from accounts
    group by issuer, billing_account_id
),

invoice_months as (
    select
        reconciliation.issuer,
        reconciliation.billing_account_id,
        reconciliation.billing_month as period,
        coalesce(max(payment_models.is_invoiced), 1) as is_invoiced,
        max(case when reconciliation.invoice_status = 'issued' then 1 else 0 end) as is_issued,
        max(case when reconciliation.invoice_status = 'open' then 1 else 0 end) as is_provisional,
        {# Unknown is not zero: of use without a value nobody can say that an invoice is due. #}
        max(
            case
                when
                    reconciliation.metered_value <> 0
                    or reconciliation.exported_billed <> 0
                    or reconciliation.contract_fees <> 0
                    then 1
                else 0
            end
        ) as has_value
    from reconciliation
    left join payment_models
        on
            reconciliation.issuer = payment_models.issuer
            and reconciliation.billing_account_id = payment_models.billing_account_id
    group by
        reconciliation.issuer, reconciliation.billing_account_id, reconciliation.billing_month
),

invoices_issued as (
    select
        period,
        'invoices_issued' as check_name,
        issuer || '|' || billing_account_id as subject,
        is_provisional = 0 and (is_issued = 1 or is_invoiced = 0 or has_value = 0) as is_ok,
        case
            when is_provisional = 1 then 'an invoice is still open'
            when is_issued = 1 then 'issued'
            when is_invoiced = 0 then 'paid in advance'
            when has_value = 0 then 'nothing of a known value'
            else 'there is use or a charge, and no invoice'
        end as detail
    from invoice_months
),

statuses_settled as (
    select
        reconciliation.billing_month as period,
        'statuses_settled' as check_name,
        reconciliation.issuer || '|' || reconciliation.billing_account_id || '|'
        || coalesce(reconciliation.invoice_id, '') || '|' || reconciliation.currency as subject,
        reconciliation.match_status in (
            'matched_exact',
            'matched_rounding',
            'matched_tolerance',
            'explained',
            'disputed',
            'written_off',
            'voided'
        )
        or coalesce(reconciliation.invoice_status = 'voided', false)
        or (
            reconciliation.match_status = 'not_due'
            and (invoice_months.is_invoiced = 0 or invoice_months.has_value = 0)
        ) as is_ok,
        reconciliation.match_status
        || case
            when reconciliation.unexplained <> 0
                then
                    ', ' || cast(reconciliation.unexplained as {{ dbt.type_string() }})
                    || ' unexplained'
            else ''
        end as detail
    from reconciliation
    inner join invoice_months
        on
            reconciliation.issuer = invoice_months.issuer
            and reconciliation.billing_account_id = invoice_months.billing_account_id
            and reconciliation.billing_month = invoice_months.period
),

bridge_totals as (
    select
        issuer,
        billing_account_id,
        billing_month,
        coalesce(invoice_id, '') as invoice_id,
        currency,
        sum(amount) as amount
    from bridge
    group by issuer, billing_account_id, billing_month, coalesce(invoice_id, ''), currency
),

bridge_balances as (
    select
        reconciliation.billing_month as period,
        'bridge_balances' as check_name,
        reconciliation.issuer || '|' || reconciliation.billing_account_id || '|'
        || coalesce(reconciliation.invoice_id, '') || '|' || reconciliation.currency as subject,
        {# Where nothing is metered or invoiced there is no variance to explain. #}
        reconciliation.variance is null
        or coalesce(bridge_totals.amount, 0) = reconciliation.variance as is_ok,
        'reasons '
        || coalesce(cast({{ money('bridge_totals.amount') }} as {{ dbt.type_string() }}), 'none')
        || ', variance '
        || coalesce(cast(reconciliation.variance as {{ dbt.type_string() }}), 'unknown') as detail
    from reconciliation
    left join bridge_totals
        on
            reconciliation.issuer = bridge_totals.issuer
            and reconciliation.billing_account_id = bridge_totals.billing_account_id
            and reconciliation.billing_month = bridge_totals.billing_month
            and coalesce(reconciliation.invoice_id, '') = bridge_totals.invoice_id
            and reconciliation.currency = bridge_totals.currency
),

first_closed as (
    select min(period) as first_period from close_periods
),

{# Closing may start with any month; from then on one follows the other. #}
previous_period_closed as (
    select
        periods.period,
        'previous_period_closed' as check_name,
        substr(cast(periods.previous_period as {{ dbt.type_string() }}), 1, 7) as subject,
        coalesce(close_periods.is_closed, false)
        or coalesce(periods.previous_period < first_closed.first_period, true) as is_ok,
        case
            when coalesce(periods.previous_period < first_closed.first_period, true)
                then 'nothing was closed before'
            else coalesce(close_periods.period_status, 'open')
        end as detail
    from periods
    cross join first_closed
    left join close_periods
        on periods.previous_period = close_periods.period
),

checks as (
    select * from period_over
    union all
    select * from sources_complete
    union all
    select * from invoices_issued
    union all
    select * from statuses_settled
    union all
    select * from bridge_balances
    union all
    select * from previous_period_closed
)

select
    checks.period,
    checks.check_name,
    checks.subject,
    coalesce(checks.is_ok, false) as is_ok,
    checks.check_name <> 'period_over' as may_be_accepted,
    checks.detail
from checks
inner join periods
    on checks.period = periods.period
