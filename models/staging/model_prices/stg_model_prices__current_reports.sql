{#
    One row per report of the price library that has been loaded: its newest load. A newer version of the library carries
    the history of prices in valid_from and valid_to, so it replaces every reading before it.
#}
{{ current_reports('model_prices', per='account_id, report') }}
