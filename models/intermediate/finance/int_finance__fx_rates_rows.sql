{# One row per row of the input fx_rates, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('fx_rates') }}
