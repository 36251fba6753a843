{# One row per person and identifier (login or e-mail) of the roster. Rows of current loads only. #}
with

source as (
    select * from {{ source('roster', 'person_identifiers') }}
),

current_reports as (
    select * from {{ ref('stg_roster__current_reports') }}
)

select
    report_load_key,
    file_name,
    person_key,
    namespace,
    identifier_key,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
