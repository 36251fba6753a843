{#
    The lines of an invoice that are no tax add up to what its reconciliation says is invoiced. An open invoice may have no
    lines yet.
#}
with

reconciliations as (
    select * from {{ ref('fct_reconciliation_monthly') }}
    where invoice_id is not null
),

lines as (
    select
        issuer,
        invoice_id,
        sum(case when series = 'tax' or charge_category = 'Tax' then 0 else invoiced_amount end)
            as invoiced_amount
    from {{ ref('fct_reconciliation_lines') }}
    group by issuer, invoice_id
)

select
    reconciliations.issuer,
    reconciliations.invoice_id,
    reconciliations.invoiced_net,
    lines.invoiced_amount
from reconciliations
left join lines
    on
        reconciliations.issuer = lines.issuer
        and reconciliations.invoice_id = lines.invoice_id
where
    reconciliations.invoiced_net is distinct from lines.invoiced_amount
    and not (reconciliations.invoice_status = 'open' and lines.invoice_id is null)
