{#
    SQL that creates, empty, every raw table that no extraction has written yet, with the types that its source declares.
    Runs at the start of every build, so that `dbt build` works on whatever has been extracted, one source or none.
    A table that exists gets the declared columns that it lacks, for a warehouse of an older version; nothing else is
    touched. Sources that are switched off are not in the graph.
#}
{% macro create_missing_raw_tables() %}
    {% set statements = [] %}
    {% if execute %}
        {% set known_schemas = [] %}
        {% for table in graph.sources.values() | sort(attribute='unique_id') %}
            {% set relation = source(table.source_name, table.name) %}
            {% if not load_relation(relation) %}
                {# Asked for first: PostgreSQL wants a privilege for "if not exists" even where the schema exists. #}
                {% if table.schema not in known_schemas %}
                    {% do known_schemas.append(table.schema) %}
                    {% if not adapter.check_schema_exists(table.database, table.schema) %}
                        {% do statements.append('create schema if not exists ' ~ adapter.quote(table.schema)) %}
                    {% endif %}
                {% endif %}
                {% set columns = [] %}
                {% for column in table.columns.values() %}
                    {% do columns.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) %}
                {% endfor %}
                {% do statements.append(
                    'create table if not exists ' ~ relation ~ ' (' ~ columns | join(', ') ~ ')'
                ) %}
            {% else %}
                {# A table of an older version lacks the columns that came since, until rows arrive in it. #}
                {% set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
                {% for column in table.columns.values() if column.name not in existing %}
                    {% do statements.append(
                        'alter table ' ~ relation ~ ' add column ' ~ adapter.quote(column.name) ~ ' ' ~ column.data_type
                    ) %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {# The look-ups above have opened a transaction, which dbt rolls back at the end of its hooks. #}
    {% if statements %}
        {% do statements.append('commit') %}
    {% endif %}
    {{ return(statements | join(';\n')) }}
{% endmacro %}
