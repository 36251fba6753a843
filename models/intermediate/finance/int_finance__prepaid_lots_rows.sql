{# One row per row of the input prepaid_lots, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('prepaid_lots') }}
