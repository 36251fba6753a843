{#
    One row per vendor, account, day of a list of seats, plan and principal who held a seat in it; a list of nobody has
    one row without a principal. Vendors meet here. The first arm has no rows; it names and types the columns.

    GitHub names a user once for every organization and team that grants the seat: it is one seat, of the oldest grant.
    An organization's own list repeats what its enterprise lists. Cursor does not say since when.
#}
{% if var('github_copilot_enabled') or var('cursor_enabled') %}
with
{% endif %}

{% if var('github_copilot_enabled') %}
github_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
    where report = 'seats'
),

github_seats as (
    select * from {{ ref('stg_github_copilot__seats') }}
),

repeated_organizations as (
    select distinct 'organization/' || organization as account_id
    from github_seats
    where account_id like 'enterprise/%' and organization is not null
),

github_grants as (
    select
        account_id,
        snapshot_date,
        user_key,
        nullif(plan_type, 'unknown') as plan_name,
        cast(min(created_at) over (
            partition by account_id, snapshot_date, user_key
        ) as date) as seat_since_date,
        cast(max(last_activity_at) over (
            partition by account_id, snapshot_date, user_key
        ) as date) as last_activity_date,
        row_number() over (
            partition by account_id, snapshot_date, user_key
            order by created_at nulls last, {{ binary_order('plan_type') }} nulls last
        ) as grant_age
    from github_seats
    where user_key is not null
){{ ',' if var('cursor_enabled') }}
{% endif %}

{% if var('cursor_enabled') %}
cursor_reports as (
    select * from {{ ref('stg_cursor__current_reports') }}
    where report = 'members'
),

{# An owner who is no member works in nobody's seat; somebody who was removed is sometimes still listed. #}
cursor_members as (
    select distinct
        account_id,
        snapshot_date,
        email_key
    from {{ ref('stg_cursor__members') }}
    where
        email_key is not null
        and not coalesce(is_removed, false)
        and coalesce(role, 'member') not in ('free-owner', 'removed')
)
{% endif %}

select
    cast(null as {{ dbt.type_string() }}) as vendor,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_string() }}) as plan_name,
    cast(null as {{ dbt.type_string() }}) as principal_key,
    cast(null as date) as list_date,
    cast(null as date) as seat_since_date,
    cast(null as date) as last_activity_date
where 1 = 0

{% if var('github_copilot_enabled') %}
union all

select
    'github_copilot' as vendor,
    github_reports.account_id,
    github_grants.plan_name,
    github_grants.user_key as principal_key,
    github_reports.report_date as list_date,
    github_grants.seat_since_date,
    github_grants.last_activity_date
from github_reports
left join github_grants
    on
        github_reports.account_id = github_grants.account_id
        and github_reports.report_date = github_grants.snapshot_date
        and github_grants.grant_age = 1
left join repeated_organizations
    on github_reports.account_id = repeated_organizations.account_id
where repeated_organizations.account_id is null
{% endif %}

{% if var('cursor_enabled') %}
union all

select
    'cursor' as vendor,
    cursor_reports.account_id,
    null as plan_name,
    cursor_members.email_key as principal_key,
    cursor_reports.report_date as list_date,
    cast(null as date) as seat_since_date,
    cast(null as date) as last_activity_date
from cursor_reports
left join cursor_members
    on
        cursor_reports.account_id = cursor_members.account_id
        and cursor_reports.report_date = cursor_members.snapshot_date
{% endif %}
