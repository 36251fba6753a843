{# Whoever has written down accounts has one for every purpose that is booked; without any, journals are not used yet. #}
with

gl_accounts as (
    select * from {{ ref('int_finance__gl_accounts') }}
)

select distinct gl_purpose
from {{ ref('fct_journal_lines') }}
where
    gl_account is null
    and (select count(*) from gl_accounts) > 0
