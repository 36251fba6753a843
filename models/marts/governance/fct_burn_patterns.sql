{#
    One row per week, subject and pattern of use that is worth a look at the process behind it. Spend is that of the rows
    that show it: how much stands behind the signal, not what would have been saved.
#}
with

evidence as (
    select * from {{ ref('int_tasks__burn_evidence') }}
),

burn_words as (
    select * from {{ ref('int_tasks__burn_words') }}
),

last_days as (
    select * from {{ ref('int_tasks__last_day') }}
),

sums as (
    select
        iso_week,
        subject_kind,
        subject,
        pattern,
        quantity_unit,
        count(*) as evidence_rows,
        max(subject_sessions) as sessions,
        cast(sum(quantity) as bigint) as quantity,
        count(estimated_spend_usd) as priced_rows,
        {{ money('sum(estimated_spend_usd)') }} as estimated_spend_usd
    from evidence
    group by iso_week, subject_kind, subject, pattern, quantity_unit
)

select
    sums.iso_week,
    sums.subject_kind,
    sums.subject,
    sums.pattern,
    sums.evidence_rows,
    sums.sessions,
    sums.quantity,
    sums.quantity_unit,
    sums.priced_rows,
    sums.estimated_spend_usd,
    {{ add_days('sums.iso_week', 6) }} <= last_days.last_day as is_week_complete,
    burn_words.what_it_means,
    burn_words.what_to_look_at
from sums
inner join burn_words
    on sums.pattern = burn_words.pattern
cross join last_days
