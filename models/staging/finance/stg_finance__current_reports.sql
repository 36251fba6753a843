{#
    One row per folder of finance that has been loaded: its current reading.

    The newest reading replaces the one before, whatever day it was read. What it keeps of that one it has loaded again.
#}
{{ current_reports('finance', per='account_id, report') }}
