{#
    What completed, failed, abandoned and unknown tasks cost is the spend of the week, and with a ratio the spend is the
    ratio times the completed tasks, but for what cutting off after nine decimals leaves.
#}
select
    iso_week,
    workflow_id,
    spend_usd,
    cost_per_completed_task
from {{ ref('fct_cost_per_completed_task') }}
where
    coalesce(completed_spend_usd, 0)
    + coalesce(failed_spend_usd, 0)
    + coalesce(abandoned_spend_usd, 0)
    + coalesce(unknown_outcome_spend_usd, 0)
    <> coalesce(spend_usd, 0)
    or spend_usd - cost_per_completed_task * tasks_completed < 0
    or (spend_usd - cost_per_completed_task * tasks_completed) * 1000000000 >= tasks_completed
