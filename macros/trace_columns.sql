{#
    The columns of a span, and of an event, as the intermediate models have them: all of staging's but where they were
    read. Names in the order of the tables; types by name where they are no text.
#}
{% macro span_columns() %}
    {{ return(
        [
            'trace_id', 'span_id', 'parent_span_id', 'span_name', 'span_kind', 'started_at', 'ended_at',
            'duration_ns', 'status_code',
        ] + shared_trace_columns()
    ) }}
{% endmacro %}

{% macro event_columns() %}
    {{ return(
        [
            'event_source', 'event_name', 'occurred_at', 'trace_id', 'span_id', 'event_sequence', 'prompt_id',
            'evaluation_name', 'evaluation_label', 'evaluation_score', 'decision', 'decision_source',
        ] + shared_trace_columns()
    ) }}
{% endmacro %}

{% macro shared_trace_columns() %}
    {{ return([
        'service_name', 'service_version', 'deployment_environment', 'scope_name', 'scope_version',
        'operation_name', 'provider_name', 'request_model', 'response_model', 'input_tokens',
        'input_tokens_attribute', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
        'cache_write_5m_tokens', 'cache_write_1h_tokens', 'reasoning_tokens', 'reported_cost',
        'reported_cost_currency', 'reported_cost_source', 'reported_cost_attribute', 'nano_aiu', 'session_id',
        'agent_id', 'agent_name', 'agent_version', 'parent_agent_id', 'workflow_name', 'workflow_run_id', 'task_id',
        'tool_name', 'tool_call_id', 'request_id', 'response_id', 'attempt', 'is_success', 'finish_reason',
        'error_type', 'effort', 'query_source', 'initiator', 'repository', 'branch', 'commit_sha', 'change_id',
        'change_state', 'issue_id', 'pipeline_result', 'pipeline_run_id', 'session_url', 'logs_url', 'user_key',
        'user_namespace', 'team_name', 'cost_center', 'content_hash', 'input_bytes', 'output_bytes',
    ]) }}
{% endmacro %}

{# A row of no rows, with these columns and their types: what is left of traces where they are switched off. #}
{% macro no_traces(columns) -%}
    {% set types = {} -%}
    {% for column in [
        'started_at', 'ended_at', 'occurred_at',
    ] -%}
        {% do types.update({column: dbt.type_timestamp()}) -%}
    {% endfor -%}
    {% for column in [
        'duration_ns', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens',
        'cache_write_5m_tokens', 'cache_write_1h_tokens', 'reasoning_tokens', 'nano_aiu', 'attempt', 'input_bytes',
        'output_bytes', 'event_sequence',
    ] -%}
        {% do types.update({column: 'bigint'}) -%}
    {% endfor -%}
    {% for column in [
        'reported_cost', 'evaluation_score',
    ] -%}
        {% do types.update({column: 'decimal(38, 9)'}) -%}
    {% endfor -%}
    {% for column in [
        'is_success',
    ] -%}
        {% do types.update({column: dbt.type_boolean()}) -%}
    {% endfor -%}
select
    {% for column in columns -%}
    cast(null as {{ types.get(column, dbt.type_string()) }}) as {{ column }}{{ ',' if not loop.last }}
    {% endfor -%}
where 1 = 0
{%- endmacro %}

{# Columns, none of which may be confused with another's value, as one text; NULL and empty are alike. #}
{% macro joined_text(columns) -%}
    {% for column in columns -%}
    coalesce(cast({{ column }} as {{ dbt.type_string() }}), ''){{ " || '|' || " if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# By what model_providers knows the provider that a trace names. #}
{% macro trace_model_vendor(provider_name) -%}
    case
        when {{ provider_name }} is null then 'otel'
        else 'otel:' || lower({{ provider_name }})
    end
{%- endmacro %}
