{#
    One row per row of a FOCUS export, of the delivery that speaks for its account and billing period. Words are spelled
    as FOCUS spells them, whatever the file does; a frequency that FOCUS does not know is NULL. Rows of current loads
    only.
#}
with

source as (
    select * from {{ source('focus', 'cost_and_usage') }}
),

current_reports as (
    select * from {{ ref('stg_focus__current_reports') }}
)

select
    report_load_key,
    account_id,
    scope,
    record_ordinal,
    source_file,
    file_record,
    allocated_method_details,
    allocated_method_id,
    allocated_resource_id,
    allocated_tags,
    availability_zone,
    billed_cost,
    billing_account_id,
    billing_account_name,
    billing_account_type,
    upper(billing_currency) as billing_currency,
    {{ utc_timestamp('billing_period_end') }} as billing_period_end,
    {{ utc_timestamp('billing_period_start') }} as billing_period_start,
    capacity_reservation_id,
    capacity_reservation_status,
    case lower(charge_category)
        when 'usage' then 'Usage'
        when 'purchase' then 'Purchase'
        when 'tax' then 'Tax'
        when 'credit' then 'Credit'
        when 'adjustment' then 'Adjustment'
    end as charge_category,
    case when lower(charge_class) = 'correction' then 'Correction' end as charge_class,
    charge_description,
    case lower(charge_frequency)
        when 'one-time' then 'One-Time'
        when 'recurring' then 'Recurring'
        when 'usage-based' then 'Usage-Based'
    end as charge_frequency,
    {{ utc_timestamp('charge_period_end') }} as charge_period_end,
    {{ utc_timestamp('charge_period_start') }} as charge_period_start,
    commitment_discount_category,
    commitment_discount_id,
    commitment_discount_name,
    commitment_discount_quantity,
    commitment_discount_status,
    commitment_discount_type,
    commitment_discount_unit,
    commitment_program_eligibility_details,
    consumed_quantity,
    consumed_unit,
    contract_applied,
    contracted_cost,
    contracted_unit_price,
    effective_cost,
    host_provider_name,
    invoice_detail_id,
    invoice_id,
    invoice_issuer_name,
    list_cost,
    list_unit_price,
    pricing_category,
    pricing_currency,
    pricing_currency_contracted_unit_price,
    pricing_currency_effective_cost,
    pricing_currency_list_unit_price,
    pricing_quantity,
    pricing_unit,
    provider_name,
    publisher_name,
    region_id,
    region_name,
    resource_id,
    resource_type,
    service_category,
    service_name,
    service_provider_name,
    service_subcategory,
    sku_id,
    sku_meter,
    sku_price_details,
    sku_price_id,
    sub_account_id,
    sub_account_type,
    tags,
    principal_key,
    principal_type,
    credential_key,
    sku_model_id,
    tag_cost_center,
    extra,
    _dlt_load_id as dlt_load_id
from source
where report_load_key in (select current_reports.report_load_key from current_reports)
