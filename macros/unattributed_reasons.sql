{# Why use may have no team. The list is closed: dim_team has a row for each, and a test accepts no other. #}
{% macro unattributed_reasons() %}
    {{ return(['unknown_user', 'no_owner_for_key', 'unmapped_team', 'left_company', 'shared_key']) }}
{% endmacro %}
