{{ config(materialized='table', enabled=var('cursor_enabled')) }}

{#
    One row per billing kind as Cursor writes it (and one for no kind at all): the product that it stands for, and
    whether it charges. The seed cursor_usage_kinds says so; spelling differs between the API, its newer enumeration and
    the CSV export. A kind that the seed does not have is `other`, kept and told.
#}
with

usage_events as (
    select * from {{ ref('stg_cursor__usage_events') }}
),

exported_events as (
    select * from {{ ref('stg_cursor__exported_events') }}
),

cursor_usage_kinds as (
    select * from {{ ref('cursor_usage_kinds') }}
),

written_kinds as (
    select distinct kind from usage_events
    union
    select distinct kind from exported_events
),

normalised_kinds as (
    select
        kind,
        replace(
            replace(replace(lower(trim(kind)), 'usage_event_kind_', ''), '_', ' '), '-', ' '
        ) as normalised_kind
    from written_kinds
),

{# A star stands for any rest; what is spelled out beats it, and a longer beginning beats a shorter one. #}
matches as (
    select
        normalised_kinds.kind,
        cursor_usage_kinds.product,
        cursor_usage_kinds.is_charged,
        row_number() over (
            partition by normalised_kinds.kind
            order by
                case
                    when normalised_kinds.normalised_kind = cursor_usage_kinds.kind then 0
                    else 1
                end,
                length(cursor_usage_kinds.kind) desc nulls last
        ) as choice
    from normalised_kinds
    left join cursor_usage_kinds
        on
            normalised_kinds.normalised_kind = cursor_usage_kinds.kind
            or (
                cursor_usage_kinds.kind like '%*'
                and normalised_kinds.normalised_kind
                like replace(cursor_usage_kinds.kind, '*', '%')
            )
)

select
    kind,
    coalesce(product, 'other') as product,
    coalesce(is_charged, true) as is_charged,
    product is not null as is_known
from matches
where choice = 1
