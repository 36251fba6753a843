{#
    One row per row of an input of finance whose period (or incident) ends before it begins, or whose period of validity
    shares a day with an earlier one of the same plan or term: a day has one price. Last days are inclusive; a blank one
    is open.

    An invoice is of the month in which its period ends, so one of more days than a month and a few has no month: what
    runs longer (seats of a year) is split, or is service of its lines.
#}
{% set longest_invoice = 35 %}
with

invoices as (
    select * from {{ ref('int_finance__invoices_rows') }}
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines_rows') }}
),

seat_plans as (
    select * from {{ ref('int_finance__seat_plans_rows') }}
),

contract_terms as (
    select * from {{ ref('int_finance__contract_terms_rows') }}
),

prepaid_lots as (
    select * from {{ ref('int_finance__prepaid_lots_rows') }}
),

incidents as (
    select * from {{ ref('int_finance__incidents_rows') }}
),

invoice_periods as (
    select
        issuer,
        invoice_id,
        min({{ as_day('period_start') }}) as first_day,
        max({{ as_day('period_end') }}) as last_day
    from invoices
    group by issuer, invoice_id
),

{# A line without days of its own has those of its invoice; which of the two is written is what is to be mended. #}
line_periods as (
    select
        invoice_lines.source_file,
        invoice_lines.line_number,
        coalesce({{ as_day('invoice_lines.service_start') }}, invoice_periods.first_day)
            as first_day,
        coalesce({{ as_day('invoice_lines.service_end') }}, invoice_periods.last_day) as last_day,
        invoice_lines.service_start is null as has_start_of_invoice,
        invoice_lines.service_end is null as has_end_of_invoice
    from invoice_lines
    left join invoice_periods
        on
            invoice_lines.issuer = invoice_periods.issuer
            and invoice_lines.invoice_id = invoice_periods.invoice_id
),

periods as (
    select
        cast('invoices' as {{ dbt.type_string() }}) as input,
        source_file,
        line_number,
        cast('period_end' as {{ dbt.type_string() }}) as field,
        cast('before period_start' as {{ dbt.type_string() }}) as problem,
        {{ as_day('period_start') }} as first_day,
        {{ as_day('period_end') }} as last_day
    from invoices

    union all

    select
        'invoice_lines' as input,
        source_file,
        line_number,
        case when has_end_of_invoice then 'service_start' else 'service_end' end as field,
        case
            when has_end_of_invoice then 'after the period of its invoice, which ends the service'
            when has_start_of_invoice
                then 'before the period of its invoice, which begins the service'
            else 'before service_start'
        end as problem,
        first_day,
        last_day
    from line_periods
    {# Where both are the invoice's, the invoice is told of. #}
    where not (has_start_of_invoice and has_end_of_invoice)

    union all

    select
        'seat_plans' as input,
        source_file,
        line_number,
        'valid_to' as field,
        'before valid_from' as problem,
        {{ as_day('valid_from') }} as first_day,
        {{ as_day('valid_to') }} as last_day
    from seat_plans

    union all

    select
        'contract_terms' as input,
        source_file,
        line_number,
        'valid_to' as field,
        'before valid_from' as problem,
        {{ as_day('valid_from') }} as first_day,
        {{ as_day('valid_to') }} as last_day
    from contract_terms

    union all

    select
        'prepaid_lots' as input,
        source_file,
        line_number,
        'expires_on' as field,
        'before purchased_on' as problem,
        {{ as_day('purchased_on') }} as first_day,
        {{ as_day('expires_on') }} as last_day
    from prepaid_lots
),

validity as (
    select
        cast('seat_plans' as {{ dbt.type_string() }}) as input,
        source_file,
        line_number,
        issuer,
        billing_account_id,
        vendor,
        plan as subject,
        {# Two contracts may not both price a plan of an account. #}
        cast('' as {{ dbt.type_string() }}) as contract_id,
        {{ as_day('valid_from') }} as first_day,
        case
            when valid_to is null then cast('9999-12-31' as date)
            else {{ as_day('valid_to') }}
        end as last_day
    from seat_plans

    union all

    select
        'contract_terms' as input,
        source_file,
        line_number,
        issuer,
        billing_account_id,
        vendor,
        term as subject,
        contract_id,
        {{ as_day('valid_from') }} as first_day,
        case
            when valid_to is null then cast('9999-12-31' as date)
            else {{ as_day('valid_to') }}
        end as last_day
    from contract_terms
),

validity_in_order as (
    select
        *,
        row_number() over (
            partition by input, issuer, billing_account_id, vendor, subject, contract_id
            order by first_day, {{ binary_order('source_file') }}, line_number
        ) as place
    from validity
    where first_day <= last_day
),

shared_days as (
    select
        later.input,
        later.source_file,
        later.line_number,
        earlier.source_file as earlier_file,
        earlier.line_number as earlier_line,
        row_number() over (
            partition by later.input, later.source_file, later.line_number
            order by earlier.place
        ) as overlap_number
    from validity_in_order as later
    inner join validity_in_order as earlier
        on
            later.input = earlier.input
            and later.issuer = earlier.issuer
            and later.billing_account_id = earlier.billing_account_id
            and later.vendor = earlier.vendor
            and later.subject = earlier.subject
            and later.contract_id = earlier.contract_id
            and later.place > earlier.place
            and later.first_day <= earlier.last_day
)

select
    input,
    source_file,
    line_number,
    field,
    problem,
    'write the last day of the period, or its first one anew' as remedy
from periods
where last_day < first_day

union all

select
    input,
    source_file,
    line_number,
    field,
    'the period has more than {{ longest_invoice }} days' as problem,
    'split it by month, or give the service period on the lines' as remedy
from periods
where
    input = 'invoices'
    and {{ days_between('first_day', 'last_day') }} + 1 > {{ longest_invoice }}

union all

select
    input,
    source_file,
    line_number,
    'valid_from' as field,
    'the period overlaps that of ' || earlier_file || ' line '
    || cast(earlier_line as {{ dbt.type_string() }}) as problem,
    'end the earlier one on the day before' as remedy
from shared_days
where overlap_number = 1

union all

select
    'incidents' as input,
    source_file,
    line_number,
    'resolved_at' as field,
    'before opened_at' as problem,
    'write when it was over, or when it began anew' as remedy
from incidents
where {{ as_moment('resolved_at') }} < {{ as_moment('opened_at') }}
