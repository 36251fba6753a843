{# One row per row of the input billing_accounts, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('billing_accounts') }}
