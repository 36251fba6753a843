{#
    Whether a tool only looks, by the first word of its name: it cannot have changed the code. Whatever else a name says may
    have, a shell for example.
#}
{% macro is_reading_tool(tool_name) -%}
    coalesce(
        {{ matches_regex(
            'lower(' ~ tool_name ~ ')',
            "'^(mcp__[a-z0-9-]+__)?(read|view|list|ls|glob|grep|search|find|fetch|web|todo)(_|-|$|[a-z])'"
        ) }},
        false
    )
{%- endmacro %}
