{{ config(materialized='table') }}

{#
    One row per vendor and account that anything is used, billed or listed under, with who bills it. What you wrote into
    billing_accounts decides; an account that is not there bills itself in dollars, by the calendar month.
#}
with

credits as (
    select * from {{ ref('int_usage__credits_unioned') }}
),

charges as (
    select * from {{ ref('int_billing__charges_unioned') }}
),

billing_accounts as (
    select * from {{ ref('int_finance__billing_accounts') }}
),

known_accounts as (
    select vendor, account_id from credits
    union
    select vendor, account_id from charges
    union
    select vendor, account_id from billing_accounts
)

select
    known_accounts.vendor,
    known_accounts.account_id,
    coalesce(billing_accounts.issuer, known_accounts.vendor) as issuer,
    coalesce(billing_accounts.billing_account_id, known_accounts.account_id) as billing_account_id,
    coalesce(billing_accounts.billing_currency, 'USD') as billing_currency,
    coalesce(billing_accounts.cycle_day, 1) as cycle_day,
    coalesce(billing_accounts.payment_model, 'invoice') as payment_model,
    billing_accounts.vendor is not null as is_listed
from known_accounts
left join billing_accounts
    on
        known_accounts.vendor = billing_accounts.vendor
        and known_accounts.account_id = billing_accounts.account_id
