{#
    The series that use belongs to: people's or machines'. The principal decides. Where nobody is named the product does:
    Cursor's events lose their e-mail when somebody leaves, so they are people's; Claude's seats and the surfaces that
    people sit before are people's, its API is not; GitHub's agents and reviews that no user asked for are machines', the
    rest of Copilot is people's; what no key of OpenAI's names (storage, searches) is machines'.
#}
{% macro usage_series(vendor, principal_kind, account_id, product) -%}
    case
        when {{ principal_kind }} in ('human_seat', 'human_api_key') then 'human_usage'
        when {{ principal_kind }} <> 'unattributed' then 'machine_usage'
        when {{ vendor }} = 'cursor' then 'human_usage'
        when
            {{ vendor }} = 'anthropic'
            and (
                {{ account_id }} like 'enterprise/%'
                or {{ product }} in (
                    'chat', 'chat_cowork_unified', 'claude_code', 'claude_console', 'claude_design',
                    'claude_in_chrome', 'claude_tag', 'cowork', 'office_agent', 'team_spend_report'
                )
            )
            then 'human_usage'
        when {{ vendor }} = 'github_copilot' and {{ product }} in ('copilot', 'spark') then 'human_usage'
        else 'machine_usage'
    end
{%- endmacro %}
