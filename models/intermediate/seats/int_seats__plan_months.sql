{#
    One row per billing month, vendor, account and seat plan of the contract: the price and the seats agreed.

    What holds on the first day of the billing period holds for all of it; a plan that begins inside a period holds from
    its first. Accounts that share a billing account share its plans: those that list seats or whose fees the vendor
    bills have them, else the first by name; seats agreed in a number are counted once, at the first of those.
#}
with

account_months as (
    select * from {{ ref('int_seats__account_months') }}
),

fee_months as (
    select * from {{ ref('int_seats__fee_months') }}
),

seat_plans as (
    select * from {{ ref('int_finance__seat_plans') }}
),

fee_accounts as (
    select distinct vendor, account_id from fee_months
),

ranked_accounts as (
    select
        account_months.*,
        fee_accounts.vendor is not null or account_months.lists_seats as has_seats,
        row_number() over (
            partition by
                account_months.billing_month,
                account_months.vendor,
                account_months.issuer,
                account_months.billing_account_id
            order by
                case when fee_accounts.vendor is not null then 0 else 1 end,
                case when account_months.lists_seats then 0 else 1 end,
                {{ binary_order('account_months.account_id') }}
        ) as account_rank
    from account_months
    left join fee_accounts
        on
            account_months.vendor = fee_accounts.vendor
            and account_months.account_id = fee_accounts.account_id
),

candidates as (
    select
        ranked_accounts.billing_month,
        ranked_accounts.vendor,
        ranked_accounts.account_id,
        ranked_accounts.account_rank,
        seat_plans.contract_id,
        seat_plans.plan,
        seat_plans.currency,
        seat_plans.seat_price,
        seat_plans.included_credits_per_seat,
        seat_plans.credit_unit,
        seat_plans.proration,
        seat_plans.seats,
        row_number() over (
            partition by
                ranked_accounts.billing_month,
                ranked_accounts.vendor,
                ranked_accounts.account_id,
                seat_plans.plan
            order by
                case when seat_plans.valid_from <= ranked_accounts.period_start then 0 else 1 end,
                case
                    when seat_plans.valid_from <= ranked_accounts.period_start
                        then seat_plans.valid_from
                end desc nulls last,
                seat_plans.valid_from,
                {{ binary_order('seat_plans.contract_id') }}
        ) as choice
    from ranked_accounts
    inner join seat_plans
        on
            ranked_accounts.vendor = seat_plans.vendor
            and ranked_accounts.issuer = seat_plans.issuer
            and ranked_accounts.billing_account_id = seat_plans.billing_account_id
            and ranked_accounts.period_end >= seat_plans.valid_from
            and (
                seat_plans.valid_to is null
                or ranked_accounts.period_start <= seat_plans.valid_to
            )
    where ranked_accounts.has_seats or ranked_accounts.account_rank = 1
)

select
    billing_month,
    vendor,
    account_id,
    contract_id,
    plan,
    currency,
    seat_price,
    included_credits_per_seat,
    credit_unit,
    proration,
    case when account_rank = 1 then seats when seats is not null then 0 end as committed_seats,
    count(*) over (partition by billing_month, vendor, account_id) as plans
from candidates
where choice = 1
