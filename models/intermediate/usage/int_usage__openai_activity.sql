{{ config(enabled=var('openai_enabled')) }}

{#
    One row per day, account and principal: model requests of the API, threads and turns of Codex.

    A model request that searched the web is counted by completions already, so what web searches say of it is left out.
    Storage, searches and sessions without a word on requests are no activity.
#}
with

results as (
    select * from {{ ref('int_usage__openai_results') }}
),

codex_days as (
    select * from {{ ref('int_usage__openai_codex_days') }}
),

activity as (
    select
        account_id,
        principal_key,
        cast(null as bigint) as interactions,
        model_requests as requests,
        cast(null as bigint) as sessions,
        cast(null as bigint) as lines_added,
        cast(null as bigint) as lines_deleted,
        is_final,
        usage_date,
        data_complete_through
    from results
    where model_requests is not null and product <> 'web_search_calls'

    union all

    select
        account_id,
        principal_key,
        turns as interactions,
        null as requests,
        threads as sessions,
        lines_added,
        lines_removed as lines_deleted,
        is_final,
        usage_date,
        data_complete_through
    from codex_days
)

select
    account_id,
    principal_key,
    cast(sum(interactions) as bigint) as interactions,
    cast(sum(requests) as bigint) as requests,
    cast(sum(sessions) as bigint) as sessions,
    cast(null as bigint) as prompts,
    cast(null as bigint) as suggestions,
    cast(null as bigint) as acceptances,
    cast(null as bigint) as lines_suggested_to_add,
    cast(null as bigint) as lines_suggested_to_delete,
    cast(sum(lines_added) as bigint) as lines_added,
    cast(sum(lines_deleted) as bigint) as lines_deleted,
    {{ money('null') }} as vendor_estimate_usd,
    case
        when sum(interactions) > 0 or sum(requests) > 0 or sum(sessions) > 0 then true
        when coalesce(sum(interactions), sum(requests), sum(sessions)) is not null then false
    end as is_active,
    min(case when is_final then 1 else 0 end) = 1 as is_final,
    usage_date,
    min(data_complete_through) as data_complete_through
from activity
group by account_id, principal_key, usage_date
