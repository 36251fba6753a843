{# One row per row of the input dispute_decisions, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('dispute_decisions') }}
