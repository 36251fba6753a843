{#
    One row per reading of traces that was committed: its rows count. A reading takes nobody's place: files grow, and
    what was read before is not read again.
#}
{{ current_reports('otel', per='report_load_key') }}
