{{ config(materialized='table', enabled=var('cursor_enabled')) }}

{#
    One row per seat, billing group and period: the team of people whom the roster does not know.

    A member is in one group at a time, and a day belongs to the group in which it ended. The newest list that names a
    stay says when it ended; a stay that later lists no longer name (a deleted group) ended when it was last seen.
#}
with

current_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
),

billing_group_members as (
    select * from {{ ref('stg_cursor__billing_group_members') }}
),

last_readings as (
    select
        account_id,
        max(report_date) as last_reading_date
    from current_reports
    where report = 'groups'
    group by account_id
),

readings_by_age as (
    select
        *,
        row_number() over (
            partition by account_id, group_id, email_key, joined_at
            order by snapshot_date desc nulls last, is_former desc nulls last
        ) as reading_age,
        row_number() over (
            partition by account_id, group_id order by snapshot_date desc nulls last
        ) as name_age
    from billing_group_members
    where email_key is not null and group_name is not null
),

group_names as (
    select
        account_id,
        group_id,
        group_name
    from readings_by_age
    where name_age = 1
),

stays as (
    select
        readings_by_age.email_key as principal_key,
        readings_by_age.joined_at,
        readings_by_age.group_id,
        'cursor/' || {{ slug('group_names.group_name') }} as team_key,
        cast(readings_by_age.joined_at as date) as valid_from,
        case
            when readings_by_age.left_at is not null
                then cast({{ dbt.dateadd('millisecond', -1, 'readings_by_age.left_at') }} as date)
            when readings_by_age.snapshot_date < last_readings.last_reading_date
                then readings_by_age.snapshot_date
        end as left_on
    from readings_by_age
    inner join last_readings
        on readings_by_age.account_id = last_readings.account_id
    inner join group_names
        on
            readings_by_age.account_id = group_names.account_id
            and readings_by_age.group_id = group_names.group_id
    where readings_by_age.reading_age = 1
),

periods as (
    select
        *,
        {{
            add_days('lead(valid_from) over (partition by principal_key order by'
                ~ ' joined_at nulls first, ' ~ binary_order('group_id') ~ ')', -1)
        }} as day_before_next
    from stays
),

cut_periods as (
    select
        principal_key,
        team_key,
        valid_from,
        case
            when left_on > day_before_next then day_before_next
            else coalesce(left_on, day_before_next)
        end as valid_to
    from periods
)

select
    principal_key,
    team_key,
    valid_from,
    valid_to
from cut_periods
where valid_from is null or valid_to is null or valid_to >= valid_from
