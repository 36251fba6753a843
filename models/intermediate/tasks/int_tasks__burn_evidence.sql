{{ config(materialized='table') }}

{#
    One row per piece of evidence for a burn pattern, of weeks and subjects that have as many as the pattern's rule wants.
    Subjects are workflows; large changes that were never merged are told by repository as well.
#}
{% set sources = {
    'retries_without_acceptance': 'int_tasks__burn_retries',
    'large_output_unmerged': 'int_tasks__burn_unmerged',
    'off_hours': 'int_tasks__burn_off_hours',
    'duplicate_requests': 'int_tasks__burn_duplicates',
    'largest_model_small_tasks': 'int_tasks__burn_large_models',
    'full_suite_reruns': 'int_tasks__burn_reruns',
} -%}
{% set columns -%}
iso_week,
        workflow_id,
        repository,
        evidence_id,
        session_id,
        pull_request_key,
        model_key,
        compared_with,
        happened_at,
        quantity,
        estimated_spend_usd
{%- endset -%}
with

rules as (
    select * from {{ ref('burn_pattern_rules') }}
),

evidence as (
    {% for pattern, model in sources.items() -%}
    select
        '{{ pattern }}' as pattern,
        'workflow' as subject_kind,
        workflow_id as subject,
        {{ columns }}
    from {{ ref(model) }}

    union all

    {% endfor -%}
    select
        'large_output_unmerged' as pattern,
        'repository' as subject_kind,
        repository as subject,
        {{ columns }}
    from {{ ref('int_tasks__burn_unmerged') }}
    where repository is not null
),

counted as (
    select
        *,
        count(*) over (partition by pattern, subject_kind, subject, iso_week) as evidence_rows
    from evidence
)

select
    counted.pattern,
    counted.subject_kind,
    counted.subject,
    rules.evidence_kind,
    rules.quantity_unit,
    counted.iso_week,
    counted.workflow_id,
    counted.repository,
    counted.evidence_id,
    counted.session_id,
    counted.pull_request_key,
    counted.model_key,
    counted.compared_with,
    counted.happened_at,
    counted.quantity,
    counted.estimated_spend_usd
from counted
inner join rules
    on counted.pattern = rules.pattern
where counted.evidence_rows >= rules.rows_from
