{# One row per row of the input workflows, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('workflows') }}
