{# A vendor's unit as FOCUS writes units: plural nouns with a capital, hyphens before units of time. #}
{% macro focus_unit(unit) -%}
    {% set spelled = {
        'ai-credits': 'Credits',
        'ai_credits': 'Credits',
        'credits': 'Credits',
        'requests': 'Requests',
        'tokens': 'Tokens',
        'characters': 'Characters',
        'images': 'Images',
        'seats': 'Seats',
        'users': 'Users',
        'minutes': 'Minutes',
        'duration_minutes': 'Minutes',
        'hours': 'Hours',
        'gigabytes': 'GB',
        'gigabyte-hours': 'GB-Hours',
        'gigabyte_hours': 'GB-Hours',
        'gibibyte_hours': 'GiB-Hours',
        'user-months': 'User-Months',
        'user_months': 'User-Months',
        'seat-months': 'Seat-Months',
        'seat_months': 'Seat-Months',
    } -%}
    case lower({{ unit }})
        {% for vendor_unit, focus_unit in spelled.items() -%}
        when '{{ vendor_unit }}' then '{{ focus_unit }}'
        {% endfor -%}
        else replace({{ unit }}, '_', ' ')
    end
{%- endmacro %}
