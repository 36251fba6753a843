{#
    One row per piece of evidence for a burn pattern of a week and subject: the rows that show it. No person is in it.
#}
with

evidence as (
    select * from {{ ref('int_tasks__burn_evidence') }}
)

select
    iso_week,
    subject_kind,
    subject,
    pattern,
    evidence_kind,
    evidence_id,
    workflow_id,
    repository,
    session_id,
    pull_request_key,
    model_key,
    compared_with,
    happened_at,
    quantity,
    quantity_unit,
    estimated_spend_usd
from evidence
