{{ config(materialized='table', enabled=var('anthropic_enabled')) }}

{#
    One row per account, user id and e-mail that any report or list has named together; either may be missing. A deleted
    account keeps its id and loses its e-mail.
#}
with

{% set sources = {
    'stg_anthropic__users': 'snapshot_date',
    'stg_anthropic__spend_limits': 'snapshot_date',
    'stg_anthropic__analytics_usage': 'usage_date',
    'stg_anthropic__analytics_costs': 'usage_date',
    'stg_anthropic__user_usage': 'usage_date',
    'stg_anthropic__user_costs': 'usage_date',
    'stg_anthropic__users_activity': 'usage_date',
    'stg_anthropic__spend_report_rows': 'period_end',
} %}
sightings as (
    {% for source, day in sources.items() %}
    select account_id, scope, user_key, email_key, {{ day }} as seen_date
    from {{ ref(source) }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
)

select
    account_id,
    scope,
    user_key,
    email_key,
    min(seen_date) as first_seen_date,
    max(seen_date) as last_seen_date
from sightings
where user_key is not null or email_key is not null
group by account_id, scope, user_key, email_key
