{# One row per trailer of a commit of a pull request in one reading. Rows of current loads only. #}
with

source as (
    select * from {{ source('github_delivery', 'commit_trailers') }}
),

current_reports as (
    select * from {{ ref('stg_github_delivery__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    repository,
    number,
    sha,
    ordinal,
    trailer_key,
    trailer_value,
    agent,
    model_named,
    person_key,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
