{# One row per row of the input contract_terms, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('contract_terms') }}
