{# A session's id without the day, such as 2026-01-20-, that some tools put before it. #}
{% macro undated_session_id(session_id) -%}
    case
        when {{ matches_regex(session_id, "'^[0-9]{4}-[0-9]{2}-[0-9]{2}-'") }}
            then substring({{ session_id }}, 12)
        else {{ session_id }}
    end
{%- endmacro %}
