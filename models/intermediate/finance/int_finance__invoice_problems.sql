{#
    One row per row of invoices or invoice_lines that does not fit the others: a credit note for an invoice that nobody
    wrote, with the sign of an invoice or in another currency than the one that it corrects, a line without its invoice
    or with a tax that is none, an invoice whose amounts are not exactly those of its lines.

    Amounts are compared only where every line of the invoice can be read, and lines that are there twice count once:
    each of those is told of for itself. An open invoice may have no lines yet.
#}
with

invoices as (
    select * from {{ ref('int_finance__invoices_rows') }}
),

invoice_lines as (
    select * from {{ ref('int_finance__invoice_lines_rows') }}
),

cell_problems as (
    select * from {{ ref('int_finance__cell_problems') }}
),

key_problems as (
    select * from {{ ref('int_finance__key_problems') }}
),

invoice_numbers as (
    select distinct
        issuer,
        invoice_id
    from invoices
),

unknown_references as (
    select
        invoices.source_file,
        invoices.line_number
    from invoices
    left join invoice_numbers
        on
            invoices.issuer = invoice_numbers.issuer
            and invoices.reference_invoice_id = invoice_numbers.invoice_id
    where
        invoices.invoice_type = 'credit_note'
        and invoices.reference_invoice_id is not null
        and (
            invoice_numbers.invoice_id is null
            or invoices.reference_invoice_id = invoices.invoice_id
        )
),

other_currencies as (
    select
        invoices.source_file,
        invoices.line_number,
        corrected_invoices.currency
    from invoices
    inner join invoices as corrected_invoices
        on
            invoices.issuer = corrected_invoices.issuer
            and invoices.reference_invoice_id = corrected_invoices.invoice_id
    where
        invoices.invoice_type = 'credit_note'
        and invoices.currency <> corrected_invoices.currency
        and {{ matches_regex('corrected_invoices.currency', "'^[A-Z]{3}$'") }}
        and not exists (
            select 1
            from key_problems
            where
                key_problems.input = 'invoices'
                and corrected_invoices.source_file = key_problems.source_file
                and corrected_invoices.line_number = key_problems.line_number
        )
),

lines_without_invoice as (
    select
        invoice_lines.source_file,
        invoice_lines.line_number
    from invoice_lines
    left join invoice_numbers
        on
            invoice_lines.issuer = invoice_numbers.issuer
            and invoice_lines.invoice_id = invoice_numbers.invoice_id
    where
        invoice_lines.issuer is not null
        and invoice_lines.invoice_id is not null
        and invoice_numbers.invoice_id is null
),

unreadable_lines as (
    select distinct
        source_file,
        line_number
    from cell_problems
    where input = 'invoice_lines'
),

lines_that_count as (
    select
        invoice_lines.*,
        {{ as_amount('invoice_lines.amount') }} as line_amount,
        unreadable_lines.line_number is not null as has_problem
    from invoice_lines
    left join unreadable_lines
        on
            invoice_lines.source_file = unreadable_lines.source_file
            and invoice_lines.line_number = unreadable_lines.line_number
    where not exists (
        select 1
        from key_problems
        where
            key_problems.input = 'invoice_lines'
            and invoice_lines.source_file = key_problems.source_file
            and invoice_lines.line_number = key_problems.line_number
    )
),

line_sums as (
    select
        issuer,
        invoice_id,
        count(*) as line_count,
        sum(case when has_problem then 1 else 0 end) as problem_count,
        {{ money("sum(case when series = 'tax' then 0 else line_amount end)") }} as net,
        {{ money("sum(case when series = 'tax' then line_amount else 0 end)") }} as tax
    from lines_that_count
    group by issuer, invoice_id
),

{# Of an invoice that is there twice, the first. #}
invoice_sums as (
    select
        invoices.source_file,
        invoices.line_number,
        invoices.status,
        {{ as_amount('invoices.net') }} as net,
        case
            when invoices.tax is null then {{ money('0') }}
            else {{ as_amount('invoices.tax') }}
        end as tax,
        coalesce(line_sums.line_count, 0) as line_count,
        line_sums.net as net_of_lines,
        line_sums.tax as tax_of_lines
    from invoices
    left join line_sums
        on
            invoices.issuer = line_sums.issuer
            and invoices.invoice_id = line_sums.invoice_id
    where
        coalesce(line_sums.problem_count, 0) = 0
        and not exists (
            select 1
            from key_problems
            where
                key_problems.input = 'invoices'
                and invoices.source_file = key_problems.source_file
                and invoices.line_number = key_problems.line_number
        )
),

sums_compared as (
    select
        source_file,
        line_number,
        'net' as field,
        net as amount,
        net_of_lines as amount_of_lines,
        'the lines without tax sum to ' as told
    from invoice_sums
    where line_count > 0

    union all

    select
        source_file,
        line_number,
        'tax' as field,
        tax as amount,
        tax_of_lines as amount_of_lines,
        'the tax lines sum to ' as told
    from invoice_sums
    where line_count > 0
)

select
    'invoices' as input,
    source_file,
    line_number,
    'reference_invoice_id' as field,
    'no other invoice of this issuer has this number' as problem,
    'write the number of the invoice that it corrects, or add that invoice' as remedy
from unknown_references

union all

select
    'invoices' as input,
    source_file,
    line_number,
    'net' as field,
    'above zero on a credit note' as problem,
    'write what you get back with a minus sign, in its lines too' as remedy
from invoices
where invoice_type = 'credit_note' and {{ as_amount('net') }} > 0

union all

select
    'invoices' as input,
    source_file,
    line_number,
    'currency' as field,
    'the invoice that it corrects is in ' || currency as problem,
    'write the credit note in the currency of its invoice' as remedy
from other_currencies

union all

select
    'invoice_lines' as input,
    source_file,
    line_number,
    'charge_category' as field,
    case
        when series = 'tax' then 'not Tax, though the series is tax'
        else 'Tax, though the series is not tax'
    end as problem,
    'give a tax line the series tax and the category Tax' as remedy
from invoice_lines
where
    (series = 'tax' and charge_category in ('Usage', 'Purchase', 'Credit', 'Adjustment'))
    or (
        charge_category = 'Tax'
        and series in ('human_seat_fee', 'human_usage', 'machine_usage', 'credit', 'other')
    )

union all

select
    'invoice_lines' as input,
    source_file,
    line_number,
    'invoice_id' as field,
    'no invoice of this issuer has this number' as problem,
    'add the invoice to invoices, or mend the number' as remedy
from lines_without_invoice

union all

select
    'invoices' as input,
    source_file,
    line_number,
    'invoice_id' as field,
    'the invoice has no lines' as problem,
    'add them to invoice_lines' as remedy
from invoice_sums
where line_count = 0 and status in ('issued', 'voided')

union all

select
    'invoices' as input,
    source_file,
    line_number,
    field,
    told
    || {{ written_amount('amount_of_lines') }}
    || ', not to '
    || {{ written_amount('amount') }} as problem,
    'mend the amount or its lines' as remedy
from sums_compared
where amount <> amount_of_lines
