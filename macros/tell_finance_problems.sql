{#
    Prints each mistake in the inputs of finance as one line, at the end of a run in which their test has failed, and
    does nothing in any other run. Gives no SQL to run.
#}
{% macro tell_finance_problems(results) %}
    {% if execute %}
        {% set failed = [] %}
        {% for result in results if result.node.name == 'assert_finance_inputs_are_good' and result.status == 'fail' %}
            {% do failed.append(result.node) %}
        {% endfor %}
        {% if failed %}
            {% set node = graph.nodes.values() | selectattr('name', 'equalto', 'int_finance__input_problems') | first %}
            {% set problems = api.Relation.create(node.database, node.schema, node.alias) %}
            {% set told = run_query(
                'select source_file, line_number, field, problem, remedy from ' ~ problems
                ~ ' order by source_file, line_number, field, problem'
            ) %}
            {% for row in told.rows %}
                {% do print(row[0] ~ ' line ' ~ row[1] ~ ', field ' ~ row[2] ~ ': ' ~ row[3] ~ '; ' ~ row[4]) %}
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}
