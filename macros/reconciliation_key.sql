{# One text for what is reconciled as one: an invoice, or an account's month that has none. #}
{% macro reconciliation_key(issuer, billing_account_id, billing_month, invoice_id) -%}
    {{ issuer }} || '|' || {{ billing_account_id }} || '|'
    || cast({{ billing_month }} as {{ dbt.type_string() }}) || '|' || coalesce({{ invoice_id }}, '')
{%- endmacro %}
