{# One row per row of the input seat_plans, good or bad, as written: of the seed and of files in the folder. #}
{{ finance_rows('seat_plans') }}
