{#
    One row per person and validity period; a person who changes team has one row per period. Rows
    of current loads only.
#}
with

source as (
    select * from {{ source('roster', 'people') }}
),

current_reports as (
    select * from {{ ref('stg_roster__current_reports') }}
)

select
    report_load_key,
    file_name,
    person_key,
    team,
    role_segment,
    cost_center,
    manager_key,
    employment_type,
    valid_from,
    valid_to,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
