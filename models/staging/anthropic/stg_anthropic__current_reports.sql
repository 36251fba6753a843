{#
    One row per account, report and report date that has been loaded: its current load.

    The manifest is the commit record: the last load by loaded_at speaks, whatever came after it that was not loaded
    (unchanged, rejected, not available). Rows of any other load are not there for any model.
#}
{{ current_reports('anthropic') }}
