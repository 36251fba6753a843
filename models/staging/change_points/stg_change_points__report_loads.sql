{#
    One row per report asked for (account, report, day) and time of asking; append only. Every row, current or not.
#}
{{ report_loads('change_points') }}
