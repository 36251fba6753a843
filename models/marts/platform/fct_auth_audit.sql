{#
    One row per vendor, account, principal and finding: use that does not fit the way in which it authenticates.

    A finding is about a seat or key, never about somebody's work, and nothing is scored or ranked. Evidence is counted,
    not weighed. A day's records and value are those of its strongest signal, over all workspaces, so that what two
    signals both saw counts once.
#}
with

principal_signals as (
    select * from {{ ref('int_audit__principal_signals') }}
),

key_environments as (
    select * from {{ ref('int_audit__key_environments') }}
),

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

principals as (
    select * from {{ ref('int_identity__principals_tagged') }}
),

signal_findings as (
    select *, 'seat_used_by_automation' as finding
    from principal_signals
    where
        principal_kind = 'human_seat'
        and signal in ('headless', 'cron_rhythm', 'ci_client', 'agent_sdk')

    union all

    select *, 'would_move_if_seat_and_sdk_billing_split' as finding
    from principal_signals
    where auth_mode = 'seat' and signal in ('headless', 'ci_client', 'agent_sdk')

    union all

    select *, 'production_traffic_on_personal_seat' as finding
    from principal_signals
    where
        principal_kind = 'human_seat'
        and (
            signal = 'server_traffic'
            or (
                signal in ('headless', 'cron_rhythm', 'ci_client', 'agent_sdk')
                and (workspace_environment = 'production' or principal_environment = 'production')
            )
        )

    union all

    select *, 'production_key_used_interactively' as finding
    from principal_signals
    where
        auth_mode <> 'seat'
        and signal = 'interactive_client'
        and (principal_environment = 'production' or workspace_environment = 'production')
),

{# Workspaces are parts of a day and add up; signals are views of the same use. #}
signal_sums as (
    select
        vendor,
        account_id,
        principal_key,
        finding,
        signal,
        usage_date,
        sum(records) as records,
        sum(usage_value_usd) as usage_value_usd
    from signal_findings
    group by vendor, account_id, principal_key, finding, signal, usage_date
),

signal_days as (
    select
        vendor,
        account_id,
        principal_key,
        finding,
        usage_date,
        max(records) as records,
        max(usage_value_usd) as usage_value_usd
    from signal_sums
    group by vendor, account_id, principal_key, finding, usage_date
),

signal_counts as (
    select
        vendor,
        account_id,
        principal_key,
        finding,
        signal,
        signal || ': records ' || cast(cast(sum(records) as bigint) as {{ dbt.type_string() }})
        || ', days ' || cast(count(distinct usage_date) as {{ dbt.type_string() }}) as evidence
    from signal_findings
    group by vendor, account_id, principal_key, finding, signal
),

signal_evidence as (
    select
        vendor,
        account_id,
        principal_key,
        finding,
        {{ dbt.listagg('evidence', "'; '", 'order by signal') }} as evidence
    from signal_counts
    group by vendor, account_id, principal_key, finding
),

environment_evidence as (
    select
        vendor,
        account_id,
        principal_key,
        'key_in_several_environments' as finding,
        'environments ' || cast(count(*) as {{ dbt.type_string() }}) || ': '
        || {{ dbt.listagg('environment', "', '", 'order by environment') }} as evidence
    from key_environments
    group by vendor, account_id, principal_key
    having count(*) > 1
),

credit_days as (
    select
        vendor,
        account_id,
        principal_key,
        usage_date,
        sum(records) as records,
        sum(usage_value_usd) as usage_value_usd
    from credits
    group by vendor, account_id, principal_key, usage_date
),

principal_sums as (
    select
        vendor,
        account_id,
        principal_key,
        signal,
        usage_date,
        sum(records) as records,
        sum(usage_value_usd) as usage_value_usd
    from principal_signals
    group by vendor, account_id, principal_key, signal, usage_date
),

{# All use of such a key is in question; a key that has signals but no credits has the days of its signals. #}
environment_days as (
    select
        environment_evidence.vendor,
        environment_evidence.account_id,
        environment_evidence.principal_key,
        environment_evidence.finding,
        principal_sums.usage_date,
        max(coalesce(credit_days.records, principal_sums.records)) as records,
        max(coalesce(credit_days.usage_value_usd, principal_sums.usage_value_usd))
            as usage_value_usd
    from environment_evidence
    inner join principal_sums
        on
            environment_evidence.vendor = principal_sums.vendor
            and environment_evidence.account_id = principal_sums.account_id
            and environment_evidence.principal_key = principal_sums.principal_key
    left join credit_days
        on
            principal_sums.vendor = credit_days.vendor
            and principal_sums.account_id = credit_days.account_id
            and principal_sums.principal_key = credit_days.principal_key
            and principal_sums.usage_date = credit_days.usage_date
    group by
        environment_evidence.vendor,
        environment_evidence.account_id,
        environment_evidence.principal_key,
        environment_evidence.finding,
        principal_sums.usage_date
),

finding_days as (
    select * from signal_days
    union all
    select * from environment_days
),

all_evidence as (
    select * from signal_evidence
    union all
    select * from environment_evidence
),

findings as (
    select
        vendor,
        account_id,
        principal_key,
        finding,
        count(distinct usage_date) as days,
        cast(sum(records) as bigint) as records,
        {{ money(
            'sum(case when usage_date between ' ~ add_days(as_of_date(), -28)
            ~ ' and ' ~ add_days(as_of_date(), -1) ~ ' then usage_value_usd end)'
        ) }} as monthly_value_usd,
        min(usage_date) as first_seen_date,
        max(usage_date) as last_seen_date
    from finding_days
    group by vendor, account_id, principal_key, finding
)

select
    findings.vendor,
    findings.account_id,
    findings.principal_key,
    findings.finding,
    principals.principal_kind,
    principals.auth_mode,
    principals.environment,
    principals.environment_source,
    all_evidence.evidence,
    findings.days,
    findings.records,
    findings.monthly_value_usd,
    findings.first_seen_date,
    findings.last_seen_date
from findings
inner join all_evidence
    on
        findings.vendor = all_evidence.vendor
        and findings.account_id = all_evidence.account_id
        and findings.principal_key = all_evidence.principal_key
        and findings.finding = all_evidence.finding
inner join principals
    on
        findings.vendor = principals.vendor
        and findings.principal_key = principals.principal_key
