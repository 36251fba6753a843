{# One row per pull request and issue that it closes or is named after, in its newest reading. #}
{% if var('github_delivery_enabled') %}
with

pull_requests as (
    select * from {{ ref('int_delivery__github_pull_requests') }}
),

pull_request_issues as (
    select * from {{ ref('stg_github_delivery__pull_request_issues') }}
)

select
    pull_requests.repository,
    pull_requests.number,
    pull_requests.pull_request_key,
    pull_request_issues.issue_number,
    pull_requests.repository || '#'
    || cast(pull_request_issues.issue_number as {{ dbt.type_string() }}) as issue_key,
    {# A closing keyword is the better evidence. #}
    case
        when count(case when pull_request_issues.evidence = 'closing_keyword' then 1 end) > 0
            then 'closing_keyword'
        else 'branch_name'
    end as evidence
from pull_requests
inner join pull_request_issues
    on
        pull_requests.report_load_key = pull_request_issues.report_load_key
        and pull_requests.number = pull_request_issues.number
group by
    pull_requests.repository,
    pull_requests.number,
    pull_requests.pull_request_key,
    pull_request_issues.issue_number
{% else %}
select
    cast(null as {{ dbt.type_string() }}) as repository,
    cast(null as bigint) as number,
    cast(null as {{ dbt.type_string() }}) as pull_request_key,
    cast(null as bigint) as issue_number,
    cast(null as {{ dbt.type_string() }}) as issue_key,
    cast(null as {{ dbt.type_string() }}) as evidence
where 1 = 0
{% endif %}
