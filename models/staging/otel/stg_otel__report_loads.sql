{#
    One row per reading of traces; append only. Every row, current or not.
#}
{{ report_loads('otel') }}
