{# One row per row of the input invoice_lines, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('invoice_lines') }}
