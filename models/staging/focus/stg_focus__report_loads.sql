{#
    One row per account and billing period of a FOCUS export and time of reading; append only. Every row, current or
    not; rows that were left out of a file stand under the report rejected-rows.
#}
{{ report_loads('focus', credits_sum=money('credits_sum')) }}
