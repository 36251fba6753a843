{# The disjoint classes of tokens that the ledger knows. The list is closed: a test accepts no other. #}
{% macro token_types() %}
    {{ return(['input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'cache_write', 'output']) }}
{% endmacro %}
