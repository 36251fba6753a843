{{ config(enabled=var('anthropic_enabled')) }}

{#
    One row per account and workspace that a list, key or report names. The vendor's list leaves the default workspace
    out: it is the one that the older reports leave blank (default_workspace), and the id that only the newer ones know.
#}
with

workspaces as (
    select * from {{ ref('stg_anthropic__workspaces') }}
),

api_keys as (
    select * from {{ ref('stg_anthropic__api_keys') }}
),

analytics_costs as (
    select * from {{ ref('stg_anthropic__analytics_costs') }}
),

messages_usage as (
    select * from {{ ref('stg_anthropic__messages_usage') }}
),

cost_report as (
    select * from {{ ref('stg_anthropic__cost_report') }}
),

named as (
    select account_id, workspace_id from api_keys
    union
    select account_id, workspace_id from analytics_costs
    union
    select account_id, workspace_id from messages_usage
    union
    select account_id, workspace_id from cost_report
    union
    select account_id, workspace_id from workspaces
),

listed as (
    select
        account_id,
        workspace_id,
        name,
        row_number() over (
            partition by account_id, workspace_id
            order by snapshot_date desc nulls last, record_ordinal asc
        ) as age
    from workspaces
),

accounts_with_list as (
    select distinct account_id from workspaces
)

select
    named.account_id,
    named.workspace_id,
    case
        when listed.name is not null then listed.name
        when named.workspace_id = 'default_workspace' then 'Default'
        {# Archived ones are listed too, so nothing but the default one can be missing. #}
        when accounts_with_list.account_id is not null then 'Default'
    end as workspace_name
from named
left join listed
    on
        named.account_id = listed.account_id
        and named.workspace_id = listed.workspace_id
        and listed.age = 1
left join accounts_with_list
    on named.account_id = accounts_with_list.account_id
where named.workspace_id is not null
