{#
    One row per account and billing period that has been loaded: its current load.

    The manifest is the commit record: the last load by loaded_at speaks. Rows of any other load are not there for any
    model, so the same file twice, or an older export of the same period, counts for nothing.
#}
{{ current_reports('focus') }}
