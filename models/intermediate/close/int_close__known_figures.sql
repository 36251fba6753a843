{#
    One row per period, figure and subject, as known now, whether the month is closed or not. An amount that is not
    known is no figure. chargeback.rule_version is no amount but the rule that split one, as a subject. Nothing that knows of closing is read here, or the models would go in a circle.
#}
with

spend_months as (
    select * from {{ ref('int_billing__spend_months') }}
),

allocation_months as (
    select * from {{ ref('int_allocation__months') }}
),

reconciliations as (
    select * from {{ ref('int_billing__reconciliations') }}
),

figures as (
    {% for measure in ['billed_usd', 'list_usd', 'estimated_usd', 'invoiced_usd'] %}
    select
        billing_month as period,
        'spend.{{ measure }}' as figure,
        vendor || '|' || series as subject,
        'USD' as unit,
        {{ measure }} as amount
    from spend_months
    union all
    {% endfor %}
    select
        billing_month as period,
        'chargeback.amount_usd' as figure,
        replace(cost_center_key, '|', '/') || '|' || vendor || '|' || series as subject,
        'USD' as unit,
        case
            when coalesce(billed_usd, contract_fees_usd, credit_notes_usd) is not null
                then
                    coalesce(billed_usd, 0)
                    + coalesce(contract_fees_usd, 0)
                    + coalesce(credit_notes_usd, 0)
        end as amount
    from allocation_months
    where is_chargeable
    union all
    select distinct
        billing_month as period,
        'chargeback.rule_version' as figure,
        vendor || '|' || series || '|' || rule_version as subject,
        'rule' as unit,
        1 as amount
    from allocation_months
    where
        is_chargeable
        and coalesce(billed_usd, contract_fees_usd, credit_notes_usd) is not null
    {% for measure in ['invoiced_net', 'metered_value', 'exported_billed', 'variance'] %}
    union all
    select
        billing_month as period,
        'reconciliation.{{ measure }}' as figure,
        issuer || '|' || billing_account_id || '|' || coalesce(invoice_id, '') || '|' || currency
            as subject,
        currency as unit,
        {{ measure }} as amount
    from reconciliations
    {% endfor %}
)

select
    period,
    figure,
    subject,
    unit,
    {{ money('sum(amount)') }} as amount
from figures
where amount is not null
group by period, figure, subject, unit
