{# One row per row of the input allocation_rules, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('allocation_rules') }}
