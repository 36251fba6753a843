{#
    Of every month and vendor that is charged and not closed, the cost centers and UNALLOCATED together get what its invoices
    are expected to say, in dollars: expected_net, but for what it moves between months or pays in advance, which is
    charged in the month of the use, and but for taxes. Euros come back from the rate with nine decimals, so a millionth
    is let pass.
#}
with

expected_items as (
    select
        reconciliation_key,
        sum(amount) as amount
    from {{ ref('int_billing__expected_items') }}
    where basis in ('prior_period', 'billed_later', 'prepaid') or series = 'tax'
    group by reconciliation_key
),

units as (
    select * from {{ ref('int_billing__reconciliation_units') }}
),

reconciliations as (
    select * from {{ ref('int_billing__reconciliations') }}
    where expected_net is not null and match_status <> 'voided'
),

account_vendors as (
    select
        issuer,
        billing_account_id,
        min(vendor) as vendor,
        max(vendor) as last_vendor
    from {{ ref('int_billing__accounts') }}
    group by issuer, billing_account_id
),

{# Vendors that share an account with another can not be told apart here. #}
shared as (
    select vendor from account_vendors
    where vendor <> last_vendor
    union
    select last_vendor as vendor from account_vendors
    where vendor <> last_vendor
),

charged as (
    select
        billing_month,
        vendor,
        sum(amount_usd) as amount_usd
    from {{ ref('fct_chargeback') }}
    where not is_closed and series <> 'tax'
    group by billing_month, vendor
    having sum(amount_usd) is not null
),

expected as (
    select
        reconciliations.billing_month,
        account_vendors.vendor,
        sum(
            case
                when reconciliations.currency = 'USD'
                    then reconciliations.expected_net - coalesce(expected_items.amount, 0)
                else
                    {{ proportion(
                        'reconciliations.expected_net - coalesce(expected_items.amount, 0)',
                        1,
                        'units.booked_fx_rate'
                    ) }}
            end
        ) as expected_usd
    from reconciliations
    inner join units
        on reconciliations.reconciliation_key = units.reconciliation_key
    left join expected_items
        on reconciliations.reconciliation_key = expected_items.reconciliation_key
    inner join account_vendors
        on
            reconciliations.issuer = account_vendors.issuer
            and reconciliations.billing_account_id = account_vendors.billing_account_id
    group by reconciliations.billing_month, account_vendors.vendor
)

select
    charged.billing_month,
    charged.vendor,
    charged.amount_usd,
    expected.expected_usd
from charged
inner join expected
    on
        charged.billing_month = expected.billing_month
        and charged.vendor = expected.vendor
left join shared
    on charged.vendor = shared.vendor
where
    shared.vendor is null
    and abs(charged.amount_usd - expected.expected_usd) > {{ money("'0.000001'") }}
