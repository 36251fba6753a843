{#
    GitHub writes one thing in several ways: 'Copilot AI Credits', 'copilot_ai_credits', 'copilot_ai_credit'. These give the
    one in lower case, with underscores: a SKU in the singular, a unit in the plural.
#}
{% macro github_word(name) -%}
    nullif(replace(replace(lower(trim({{ name }})), ' ', '_'), '-', '_'), '')
{%- endmacro %}

{% macro github_sku(name) -%}
    regexp_replace({{ github_word(name) }}, '(credit|request)s$', '\1')
{%- endmacro %}

{% macro github_unit(name) -%}
    case {{ github_word(name) }}
        when 'credits' then 'ai_credits'
        when 'credit' then 'ai_credits'
        when 'ai_credit' then 'ai_credits'
        when 'request' then 'requests'
        when 'user_month' then 'user_months'
        when 'minute' then 'minutes'
        else {{ github_word(name) }}
    end
{%- endmacro %}
