{{ config(materialized='table') }}

{#
    One row per span that has spans below it: where the way up from a span leads through. A span that names itself as its
    parent is a root.
#}
{% set columns = [
    'role', 'session_id', 'agent_name', 'agent_version', 'workflow_name', 'user_key', 'repository', 'branch',
    'commit_sha', 'change_id', 'issue_id', 'task_id', 'session_url', 'logs_url',
] -%}
with

spans as (
    select * from {{ ref('int_tasks__spans') }}
),

parents as (
    select distinct
        trace_id,
        parent_span_id as span_id
    from spans
    where parent_span_id <> span_id
)

select
    {% for column in columns -%}
    spans.{{ column }},
    {% endfor -%}
    spans.trace_id,
    spans.span_id,
    nullif(spans.parent_span_id, spans.span_id) as parent_span_id
from spans
inner join parents
    on
        spans.trace_id = parents.trace_id
        and spans.span_id = parents.span_id
