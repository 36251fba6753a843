{{ config(materialized='table', enabled=var('anthropic_enabled')) }}

{#
    One row per row of a report that tells of a day's tokens or credits, with the principal that it is counted under:
    key before user, for a key is never pinned on a person.
#}
with

analytics_usage as (
    select * from {{ ref('stg_anthropic__analytics_usage') }}
),

analytics_costs as (
    select * from {{ ref('stg_anthropic__analytics_costs') }}
),

messages_usage as (
    select * from {{ ref('stg_anthropic__messages_usage') }}
),

user_usage as (
    select * from {{ ref('stg_anthropic__user_usage') }}
),

spend_report_rows as (
    select * from {{ ref('stg_anthropic__spend_report_rows') }}
),

spend_reports as (
    select * from {{ ref('int_usage__anthropic_spend_reports') }}
),

days as (
    select * from {{ ref('int_usage__anthropic_days') }}
),

users as (
    select * from {{ ref('int_identity__anthropic_users') }}
),

{# An e-mail that only one user has ever had stands for him. #}
users_by_email as (
    select account_id, email_key, min(user_key) as user_key
    from users
    where email_key is not null and user_key is not null
    group by account_id, email_key
    having count(distinct user_key) = 1
),

reported as (
    select
        'analytics-usage' as report,
        report_load_key,
        record_ordinal,
        account_id,
        scope,
        coalesce(api_key_id, actor_api_key_id) as api_key_id,
        actor_service_account_id as service_account_id,
        actor_federated_key as federated_key,
        user_key,
        email_key,
        cast(null as {{ dbt.type_string() }}) as workspace_id,
        product,
        model_name,
        service_tier,
        context_window,
        inference_geo,
        speed,
        uncached_input_tokens,
        cache_read_input_tokens,
        cache_write_5m_input_tokens,
        cache_write_1h_input_tokens,
        output_tokens,
        {{ money('null') }} as value_usd,
        usage_date
    from analytics_usage

    union all

    select
        'analytics-cost' as report,
        report_load_key,
        record_ordinal,
        account_id,
        scope,
        coalesce(api_key_id, actor_api_key_id) as api_key_id,
        actor_service_account_id as service_account_id,
        actor_federated_key as federated_key,
        user_key,
        email_key,
        workspace_id,
        product,
        model_name,
        null as service_tier,
        null as context_window,
        null as inference_geo,
        null as speed,
        null as uncached_input_tokens,
        null as cache_read_input_tokens,
        null as cache_write_5m_input_tokens,
        null as cache_write_1h_input_tokens,
        null as output_tokens,
        list_amount_usd as value_usd,
        usage_date
    from analytics_costs

    union all

    select
        'messages-usage' as report,
        report_load_key,
        record_ordinal,
        account_id,
        scope,
        api_key_id,
        service_account_id,
        null as federated_key,
        user_key,
        null as email_key,
        workspace_id,
        'messages_api' as product,
        model_name,
        service_tier,
        context_window,
        inference_geo,
        speed,
        uncached_input_tokens,
        cache_read_input_tokens,
        cache_write_5m_input_tokens,
        cache_write_1h_input_tokens,
        output_tokens,
        {{ money('null') }} as value_usd,
        usage_date
    from messages_usage

    union all

    select
        'user-usage' as report,
        report_load_key,
        record_ordinal,
        account_id,
        scope,
        null as api_key_id,
        null as service_account_id,
        null as federated_key,
        user_key,
        email_key,
        null as workspace_id,
        product,
        model_name,
        null as service_tier,
        context_window,
        inference_geo,
        speed,
        uncached_input_tokens,
        cache_read_input_tokens,
        cache_write_5m_input_tokens,
        cache_write_1h_input_tokens,
        output_tokens,
        {{ money('null') }} as value_usd,
        usage_date
    from user_usage

    union all

    {# A report over a period has no days: it stands on its last one. #}
    select
        'spend-report-csv' as report,
        spend_report_rows.report_load_key,
        spend_report_rows.record_ordinal,
        spend_report_rows.account_id,
        spend_report_rows.scope,
        null as api_key_id,
        null as service_account_id,
        null as federated_key,
        spend_report_rows.user_key,
        spend_report_rows.email_key,
        null as workspace_id,
        'team_spend_report' as product,
        spend_report_rows.model_name,
        null as service_tier,
        null as context_window,
        null as inference_geo,
        null as speed,
        spend_report_rows.uncached_input_tokens,
        spend_report_rows.cache_read_input_tokens,
        spend_report_rows.cache_write_5m_input_tokens,
        spend_report_rows.cache_write_1h_input_tokens,
        spend_report_rows.output_tokens,
        coalesce(
            spend_report_rows.gross_spend_usd,
            spend_report_rows.net_spend_usd
        ) as value_usd,
        spend_report_rows.period_end as usage_date
    from spend_report_rows
    inner join spend_reports
        on
            spend_report_rows.report_load_key = spend_reports.report_load_key
            and spend_reports.is_counted
)

select
    reported.report,
    reported.report_load_key,
    reported.record_ordinal,
    reported.account_id,
    reported.scope,
    case
        when reported.api_key_id is not null then reported.api_key_id
        when reported.service_account_id is not null then reported.service_account_id
        when reported.federated_key is not null then 'federated:' || reported.federated_key
        when reported.user_key is not null then reported.user_key
        when reported.email_key is not null
            then coalesce(users_by_email.user_key, reported.email_key)
        when reported.scope = 'console' and reported.product = 'claude_console'
            then 'console_no_key'
        else 'unattributed'
    end as principal_key,
    case
        when reported.api_key_id = 'console_no_key' then 'unattributed'
        when reported.api_key_id is not null then 'machine_key'
        when coalesce(reported.service_account_id, reported.federated_key) is not null
            then 'service_account'
        when coalesce(reported.user_key, reported.email_key) is null then 'unattributed'
        when reported.scope = 'console' then 'human_api_key'
        else 'human_seat'
    end as principal_kind,
    reported.email_key,
    reported.workspace_id,
    coalesce(reported.product, 'other') as product,
    reported.model_name,
    {# The unified usage report is not grouped by tier; its batches are a product. #}
    nullif(
        lower(
            coalesce(
                reported.service_tier,
                case when reported.product = 'message_batches_api' then 'batch' end
            )
        ),
        'standard'
    ) as service_tier,
    reported.context_window,
    reported.inference_geo,
    reported.speed,
    reported.uncached_input_tokens,
    reported.cache_read_input_tokens,
    reported.cache_write_5m_input_tokens,
    reported.cache_write_1h_input_tokens,
    reported.output_tokens,
    reported.value_usd,
    reported.report = days.tokens_report as tells_tokens,
    reported.report = days.credits_report as tells_credits,
    reported.usage_date
from reported
inner join days
    on
        reported.account_id = days.account_id
        and reported.usage_date = days.usage_date
        and (reported.report = days.tokens_report or reported.report = days.credits_report)
left join users_by_email
    on
        reported.account_id = users_by_email.account_id
        and reported.email_key = users_by_email.email_key
