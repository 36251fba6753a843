{#
    One row per cell of an input of finance that cannot be read as what its column says. No cell is quoted.

    A vertical bar parts the ids in the subjects of closed figures and in keys of reconciliations, so none may hold one.
#}
with

input_cells as (
    select * from {{ ref('int_finance__input_cells') }}
),

cells_read as (
    select
        *,
        {{ as_amount('cell') }} as amount,
        {{ as_whole('cell') }} as whole,
        {{ as_day('cell') }} as calendar_day,
        {{ as_moment('cell') }} as moment,
        {{ matches_regex('cell', "'^[A-Z]{3}$'") }} as is_currency,
        position(', ' || cell || ',' in ', ' || words || ',') > 0
        and cell not like '%,%' as is_a_word,
        field in (
            'issuer',
            'billing_account_id',
            'invoice_id',
            'reference_invoice_id',
            'vendor',
            'account_id',
            'contract_id',
            'lot_id'
        ) as is_id
    from input_cells
),

problems as (
    select
        *,
        case
            when cell is null and is_required then 'blank'
            when form = 'amount' and amount is null then 'not an amount'
            when form = 'whole' and whole is null then 'not a whole number'
            when form = 'day' and calendar_day is null then 'not a day of the calendar'
            when form = 'moment' and moment is null then 'not a moment with its zone'
            when form = 'currency' and not is_currency then 'not a currency'
            when is_id and cell like '%|%' then 'holds a |'
            when not is_a_word then 'not one of ' || words
            when amount < lowest or amount > highest or (is_above_zero and amount <= 0)
                then 'not ' || bounds
        end as problem
    from cells_read
    where cell is not null or is_required
)

select
    input,
    source_file,
    line_number,
    field,
    problem,
    case
        when problem = 'blank' then if_blank
        when problem = 'not an amount' then 'write it like 1234.56'
        when problem = 'not a whole number' then 'write it like 12'
        when problem = 'not a day of the calendar' then 'write it like 2026-09-30'
        when problem = 'not a moment with its zone' then 'write it like 2026-09-30T14:05:00Z'
        when problem = 'not a currency' then 'write three capital letters such as USD'
        when problem = 'holds a |' then 'write it without: it parts ids from each other'
        when not is_a_word then 'write one of these words'
        else 'write a number that is ' || bounds
    end as remedy
from problems
where problem is not null
