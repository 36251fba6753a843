{# One row per issuer, currency and first day of validity; rows of the input with a mistake are left out. #}
with

input_rows as (
    select * from {{ ref('int_finance__tolerances_rows') }}
),

input_problems as (
    select * from {{ ref('int_finance__input_problems') }}
    where input = 'tolerances'
)

select
    issuer,
    currency,
    {{ as_amount('absolute_floor') }} as absolute_floor,
    {{ as_amount('percent') }} as percent,
    {{ as_amount('absolute_cap') }} as absolute_cap,
    {{ as_day('valid_from') }} as valid_from,
    source_file,
    line_number
from input_rows
where not exists (
    select 1
    from input_problems
    where
        input_rows.source_file = input_problems.source_file
        and input_rows.line_number = input_problems.line_number
)
