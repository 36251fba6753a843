{#
    The error that a trace tells; NULL for what is none. Where a name such as status_code is read as the error, it may hold
    what came of the call instead: a status of HTTP below 400, 0, or a word such as ok.
#}
{% macro told_error(error_type) -%}
    case
        when
            not {{ matches_regex(
                "lower(trim(" ~ error_type ~ "))", "'^(0|[1-3][0-9][0-9]|none|null|ok|success|unset)?$'"
            ) }}
            then {{ error_type }}
    end
{%- endmacro %}
