{#
    One row per run that looked for change points and counts: the newest, because it looks at all series again.
#}
{{ current_reports('change_points', per='account_id, report') }}
