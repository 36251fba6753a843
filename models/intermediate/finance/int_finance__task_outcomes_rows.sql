{# One row per row of the input task_outcomes, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('task_outcomes') }}
