{#
    One row per report asked for (account, report, day) and time of asking; append only. Every row, current or not.
#}
{{ report_loads('anthropic', credits_sum=cents_to_usd('credits_sum')) }}
