{#
    The key of a pull request, owner/name#12 in lower case, from what a trace says of its change: a number with or without
    a hash, or the whole key. NULL where it is neither, as with other systems' changes.
#}
{% macro change_key(repository, change_id) -%}
    case
        when {{ matches_regex(change_id, "'^#?[0-9]+$'") }}
            then lower({{ repository }}) || '#' || replace({{ change_id }}, '#', '')
        when {{ matches_regex(change_id, "'^[^/#]+/[^/#]+#[0-9]+$'") }} then lower({{ change_id }})
    end
{%- endmacro %}
