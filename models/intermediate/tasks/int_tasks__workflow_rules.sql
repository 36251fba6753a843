{#
    One row per workflow of your own that recognises its calls by at least one pattern, in the order in which the rules
    are tried. An asterisk stands for any text and case does not count. A blank pattern fits anything, but a row of blanks
    is no rule: it describes the workflow that the traces themselves name so.
#}
with

workflows as (
    select * from {{ ref('int_finance__workflows') }}
),

patterns as (
    select
        workflow_id,
        coalesce(lower(trim(service_name)), '') as service_name,
        coalesce(lower(trim(agent_name)), '') as agent_name,
        coalesce(lower(trim(repository)), '') as repository
    from workflows
),

measured as (
    select
        *,
        case when service_name = '' then 0 else 1 end
        + case when agent_name = '' then 0 else 1 end
        + case when repository = '' then 0 else 1 end as filled,
        case when service_name like '%*%' then 1 else 0 end
        + case when agent_name like '%*%' then 1 else 0 end
        + case when repository like '%*%' then 1 else 0 end as open_ended,
        length(replace(service_name || agent_name || repository, '*', '')) as letters
    from patterns
    where service_name <> '' or agent_name <> '' or repository <> ''
)

select
    workflow_id,
    row_number() over (
        order by
            filled desc nulls last,
            open_ended asc,
            letters desc nulls last,
            {{ binary_order('workflow_id') }}
    ) as rule_order,
    {{ like_pattern('service_name') }} as service_pattern,
    {{ like_pattern('agent_name') }} as agent_pattern,
    {{ like_pattern('repository') }} as repository_pattern
from measured
