{{ config(materialized='table') }}

{#
    One row per trace: what all spans that name it name alike. Many emitters say to whom the work belongs at the root
    alone. NULL where they differ, or nobody says.
#}
{% set columns = [
    'session_id', 'agent_name', 'agent_version', 'workflow_name', 'user_key', 'repository', 'branch', 'commit_sha',
    'change_id', 'issue_id', 'task_id', 'session_url', 'logs_url',
] -%}
with

spans as (
    select * from {{ ref('int_tasks__spans') }}
)

select
    {% for column in columns -%}
    case when min({{ column }}) = max({{ column }}) then min({{ column }}) end as {{ column }},
    {% endfor -%}
    trace_id
from spans
group by trace_id
