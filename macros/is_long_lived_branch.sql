{#
    Whether a branch is one on which everybody's work ends up, by its name: it never tells whose pull request a session
    worked on. HEAD is what git calls a checkout without a branch.
#}
{% macro is_long_lived_branch(branch) -%}
    lower({{ branch }}) in ('main', 'master', 'trunk', 'develop', 'development', 'head')
{%- endmacro %}
