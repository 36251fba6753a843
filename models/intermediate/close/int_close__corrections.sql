{{ config(materialized='table') }}

{#
    One row per posting month, corrected month, figure and subject: what has changed in months after they were closed.

    is_posted: the posting month is closed too, and its snapshot carries the correction; it stands as it is. Otherwise
    it is what has changed and is posted nowhere yet, and lies in the first month after the corrected one that is not
    closed. So, of every figure, the months as they are shown and their corrections add up to what is known now.

    A month that was reopened shows what is known now. What months closed since have taken for it is turned back.
#}
with

periods as (
    select * from {{ ref('int_close__periods') }}
),

closed_figures as (
    select * from {{ ref('int_close__closed_figures') }}
),

known_figures as (
    select * from {{ ref('int_close__known_figures') }}
    where figure <> 'chargeback.rule_version'
),

closed_periods as (
    select
        period,
        cast({{ dbt.dateadd('month', 1, 'period') }} as date) as next_month
    from periods
    where is_closed
),

{# In a snapshot such a figure is called corrections.<figure>, and its subject starts with the corrected month. #}
posted as (
    select
        period as posting_month,
        cast(substr(subject, 1, 7) || '-01' as date) as corrected_month,
        substr(figure, 13) as figure,
        substr(subject, 9) as subject,
        unit,
        amount
    from closed_figures
    where figure like 'corrections.%'
),

posted_totals as (
    select
        corrected_month,
        figure,
        subject,
        max(unit) as unit,
        sum(amount) as amount
    from posted
    group by corrected_month, figure, subject
),

as_closed as (
    select * from closed_figures
    where figure not like 'corrections.%' and figure <> 'chargeback.rule_version'
),

subjects as (
    select
        period as corrected_month,
        figure,
        subject
    from as_closed
    union distinct
    select
        known_figures.period as corrected_month,
        known_figures.figure,
        known_figures.subject
    from known_figures
    inner join closed_periods
        on known_figures.period = closed_periods.period
    union distinct
    select
        corrected_month,
        figure,
        subject
    from posted_totals
),

compared as (
    select
        subjects.corrected_month,
        subjects.figure,
        subjects.subject,
        coalesce(known_figures.unit, as_closed.unit, posted_totals.unit) as unit,
        {# A figure that is gone has become 0; one that is new was 0. #}
        case
            when closed_periods.period is not null then coalesce(as_closed.amount, 0)
            else coalesce(known_figures.amount, 0)
        end as as_closed,
        coalesce(known_figures.amount, 0) as as_known_now,
        coalesce(posted_totals.amount, 0) as already_posted
    from subjects
    left join closed_periods
        on subjects.corrected_month = closed_periods.period
    left join as_closed
        on
            subjects.corrected_month = as_closed.period
            and subjects.figure = as_closed.figure
            and subjects.subject = as_closed.subject
    left join known_figures
        on
            subjects.corrected_month = known_figures.period
            and subjects.figure = known_figures.figure
            and subjects.subject = known_figures.subject
    left join posted_totals
        on
            subjects.corrected_month = posted_totals.corrected_month
            and subjects.figure = posted_totals.figure
            and subjects.subject = posted_totals.subject
),

{# The first open month after a month is the one after it, or the one after a closed month. #}
months_to_post_in as (
    select next_month as posting_month
    from closed_periods
    union distinct
    select cast({{ dbt.dateadd('month', 1, 'corrected_month') }} as date) as posting_month
    from compared
),

open_months as (
    select months_to_post_in.posting_month
    from months_to_post_in
    left join closed_periods
        on months_to_post_in.posting_month = closed_periods.period
    where closed_periods.period is null
),

posting_months as (
    select
        corrected_months.corrected_month,
        min(open_months.posting_month) as posting_month
    from (select distinct corrected_month from compared) as corrected_months
    inner join open_months
        on corrected_months.corrected_month < open_months.posting_month
    group by corrected_months.corrected_month
)

select
    posted.posting_month,
    posted.corrected_month,
    posted.figure,
    posted.subject,
    posted.unit,
    true as is_posted,
    {{ money('compared.as_closed') }} as as_closed,
    {{ money('compared.as_known_now') }} as as_known_now,
    {{ money('coalesce(
        sum(posted.amount) over (
            partition by posted.corrected_month, posted.figure, posted.subject
            order by posted.posting_month
            rows between unbounded preceding and 1 preceding
        ),
        0
    )') }} as already_posted,
    {{ money('posted.amount') }} as amount
from posted
inner join compared
    on
        posted.corrected_month = compared.corrected_month
        and posted.figure = compared.figure
        and posted.subject = compared.subject

union all

select
    posting_months.posting_month,
    compared.corrected_month,
    compared.figure,
    compared.subject,
    compared.unit,
    false as is_posted,
    {{ money('compared.as_closed') }} as as_closed,
    {{ money('compared.as_known_now') }} as as_known_now,
    {{ money('compared.already_posted') }} as already_posted,
    {{ money('compared.as_known_now - compared.as_closed - compared.already_posted') }} as amount
from compared
inner join posting_months
    on compared.corrected_month = posting_months.corrected_month
where compared.as_known_now - compared.as_closed - compared.already_posted <> 0
