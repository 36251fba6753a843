{{ config(materialized='table') }}

{#
    One row per service, agent, repository and workflow name that calls and tool calls have: the workflow that it is. The
    first of your own rules that fits, else the name in the trace, else the service.
#}
with

usage as (
    select * from {{ ref('int_tasks__call_usage') }}
),

tool_uses as (
    select * from {{ ref('int_tasks__tool_uses') }}
),

workflow_rules as (
    select * from {{ ref('int_tasks__workflow_rules') }}
),

combinations as (
    {% for source in ['usage', 'tool_uses'] -%}
    select
        nullif(service_name, '') as service_name,
        nullif(agent_name, '') as agent_name,
        nullif(repository, '') as repository,
        nullif(workflow_name, '') as workflow_name
    from {{ source }}
    {% if not loop.last %}
    union
    {% endif %}
    {% endfor %}
),

rule_matches as (
    select
        combinations.service_name,
        combinations.agent_name,
        combinations.repository,
        combinations.workflow_name,
        workflow_rules.workflow_id,
        row_number() over (
            partition by
                combinations.service_name,
                combinations.agent_name,
                combinations.repository,
                combinations.workflow_name
            order by workflow_rules.rule_order nulls last
        ) as choice
    from combinations
    left join workflow_rules
        on {{ workflow_rule_fits('workflow_rules', 'combinations') }}
)

select
    service_name,
    agent_name,
    repository,
    workflow_name,
    coalesce(workflow_id, workflow_name, service_name) as workflow_id,
    case
        when workflow_id is not null then 'rule'
        when workflow_name is not null then 'trace'
        when service_name is not null then 'service'
        else 'none'
    end as matched_by
from rule_matches
where choice = 1
