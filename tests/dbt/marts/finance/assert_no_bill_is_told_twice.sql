{{ config(severity='warn') }}

{#
    A vendor and month that both the vendor's own reports and a FOCUS export bill: one bill may stand there twice. It is
    yours to say which one to load; where they are bills of different accounts, all is well.
#}
select
    vendor,
    billing_month,
    sum(case when source_report = 'focus-cost-and-usage' then billed_cost end) as focus_billed_cost,
    sum(case when source_report <> 'focus-cost-and-usage' then billed_cost end) as own_billed_cost
from {{ ref('fct_billed_charges') }}
group by vendor, billing_month
having count(distinct case when source_report = 'focus-cost-and-usage' then 1 else 0 end) > 1
