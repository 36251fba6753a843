{#
    One row per snapshot day, account and external identity (SAML, SCIM). Rows of current loads
    only.
#}
with

source as (
    select * from {{ source('github_copilot', 'identities') }}
),

current_reports as (
    select * from {{ ref('stg_github_copilot__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    snapshot_date,
    identity_ordinal,
    user_key,
    login_key,
    saml_name_id_key,
    saml_email_key,
    scim_username_key,
    scim_email_key,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
