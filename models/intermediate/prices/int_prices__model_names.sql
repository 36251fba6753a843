{{ config(materialized='table') }}

{#
    One row per vendor and model name, as the vendor writes it, that was used or that has an alias: which model it is.

    The alias speaks first. Without one, the lists of the providers whose models the vendor may name are searched, in
    their order: for the id itself, then by the library's rules, of which the longest that fits counts. A name that
    nothing recognises is tried again without endings that do not change the model, one after the other.
#}
with

tokens as (
    select * from {{ ref('int_usage__tokens_unioned') }}
),

models_used as (
    select * from {{ ref('int_tasks__models_used') }}
),

model_aliases as (
    select * from {{ ref('model_aliases') }}
),

model_providers as (
    select * from {{ ref('model_providers') }}
),

model_name_suffixes as (
    select * from {{ ref('model_name_suffixes') }}
),

models as (
    select * from {{ ref('int_prices__models') }}
),

model_matches as (
    select * from {{ ref('stg_model_prices__model_matches') }}
),

written_names as (
    select vendor, model_name from model_aliases
    union
    select vendor, model_name from tokens
    where model_name <> ''
    union
    select vendor, model_name from models_used
),

whole_names as (
    select
        vendor,
        model_name,
        lower(trim(model_name)) as tried_name,
        0 as endings_cut
    from written_names
),

names_cut_once as (
    select
        whole_names.vendor,
        whole_names.model_name,
        left(
            whole_names.tried_name,
            length(whole_names.tried_name) - length(model_name_suffixes.suffix)
        ) as tried_name,
        1 as endings_cut
    from whole_names
    inner join model_name_suffixes
        on
            whole_names.vendor = model_name_suffixes.vendor
            and right(whole_names.tried_name, length(model_name_suffixes.suffix))
            = model_name_suffixes.suffix
),

names_cut_twice as (
    select
        names_cut_once.vendor,
        names_cut_once.model_name,
        left(
            names_cut_once.tried_name,
            length(names_cut_once.tried_name) - length(model_name_suffixes.suffix)
        ) as tried_name,
        2 as endings_cut
    from names_cut_once
    inner join model_name_suffixes
        on
            names_cut_once.vendor = model_name_suffixes.vendor
            and right(names_cut_once.tried_name, length(model_name_suffixes.suffix))
            = model_name_suffixes.suffix
),

tried_names as (
    select * from whole_names
    union all
    select * from names_cut_once
    union all
    select * from names_cut_twice
),

alias_matches as (
    select
        tried_names.vendor,
        tried_names.model_name,
        tried_names.endings_cut,
        model_aliases.model_key,
        'alias' as matched_by,
        0 as preference,
        0 as rule_order,
        length(tried_names.tried_name) as pattern_length
    from tried_names
    inner join model_aliases
        on
            tried_names.vendor = model_aliases.vendor
            and tried_names.tried_name = lower(trim(model_aliases.model_name))
),

id_matches as (
    select
        tried_names.vendor,
        tried_names.model_name,
        tried_names.endings_cut,
        models.model_key,
        'model_id' as matched_by,
        model_providers.preference,
        1 as rule_order,
        length(tried_names.tried_name) as pattern_length
    from tried_names
    inner join model_providers
        on tried_names.vendor = model_providers.vendor
    inner join models
        on
            model_providers.provider = models.provider
            and tried_names.tried_name = lower(models.model_id)
),

rule_matches as (
    select
        tried_names.vendor,
        tried_names.model_name,
        tried_names.endings_cut,
        model_matches.provider || '/' || model_matches.model_id as model_key,
        model_matches.rule as matched_by,
        model_providers.preference,
        case model_matches.rule
            when 'equals' then 2
            when 'regex' then 3
            when 'starts_with' then 4
            when 'ends_with' then 5
            else 6
        end as rule_order,
        length(model_matches.pattern) as pattern_length
    from tried_names
    inner join model_providers
        on tried_names.vendor = model_providers.vendor
    inner join model_matches
        on
            model_providers.provider = model_matches.provider
            and case model_matches.rule
                when 'equals'
                    then tried_names.tried_name = model_matches.pattern
                when 'starts_with'
                    then
                        left(tried_names.tried_name, length(model_matches.pattern))
                        = model_matches.pattern
                when 'ends_with'
                    then
                        right(tried_names.tried_name, length(model_matches.pattern))
                        = model_matches.pattern
                when 'contains'
                    then position(model_matches.pattern in tried_names.tried_name) > 0
                when 'regex'
                    then {{ matches_regex('tried_names.tried_name', 'model_matches.pattern') }}
                else false
            end
),

matches as (
    select * from alias_matches
    union all
    select * from id_matches
    union all
    select * from rule_matches
),

ranked_matches as (
    select
        *,
        row_number() over (
            partition by vendor, model_name
            order by
                endings_cut,
                preference,
                rule_order,
                pattern_length desc nulls last,
                {{ binary_order('model_key') }}
        ) as choice
    from matches
)

select
    written_names.vendor,
    written_names.model_name,
    ranked_matches.model_key,
    coalesce(ranked_matches.matched_by, 'none') as matched_by
from written_names
left join ranked_matches
    on
        written_names.vendor = ranked_matches.vendor
        and written_names.model_name = ranked_matches.model_name
        and ranked_matches.choice = 1
