{{ config(materialized='table') }}

{#
    One row per tool call: spans, and events that no span tells; who let it pass stands beside it.
#}
with

tool_uses as (
    select * from {{ ref('int_tasks__tool_uses') }}
),

workflow_matches as (
    select * from {{ ref('int_tasks__workflow_matches') }}
)

select
    tool_uses.tool_call_key,
    tool_uses.trace_id,
    tool_uses.session_id,
    workflow_matches.workflow_id,
    tool_uses.service_name,
    tool_uses.agent_name,
    tool_uses.repository,
    tool_uses.tool_name,
    tool_uses.tool_call_id,
    tool_uses.started_at,
    tool_uses.is_success,
    tool_uses.is_test_run,
    tool_uses.decision,
    tool_uses.decision_source
from tool_uses
left join workflow_matches
    on
        coalesce(tool_uses.service_name, '') = coalesce(workflow_matches.service_name, '')
        and coalesce(tool_uses.agent_name, '') = coalesce(workflow_matches.agent_name, '')
        and coalesce(tool_uses.repository, '') = coalesce(workflow_matches.repository, '')
        and coalesce(tool_uses.workflow_name, '') = coalesce(workflow_matches.workflow_name, '')
