{#
    Whether a rule of int_tasks__workflow_rules fits what a call says of itself: the condition of a join between the rules
    and rows with service_name, agent_name and repository, both given by their names in the query.
#}
{% macro workflow_rule_fits(rules, calls) -%}
    coalesce(lower({{ calls }}.service_name), '') like {{ rules }}.service_pattern escape '!'
    and coalesce(lower({{ calls }}.agent_name), '') like {{ rules }}.agent_pattern escape '!'
    and coalesce(lower({{ calls }}.repository), '') like {{ rules }}.repository_pattern escape '!'
{%- endmacro %}
