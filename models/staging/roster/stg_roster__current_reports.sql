{#
    One row per roster and report that has been loaded: its current load.

    The newest reading of a roster replaces the one before, whatever day it was read: a roster carries its own history
    in valid_from and valid_to, so old readings would only bring back what has been corrected since.
#}
{{ current_reports('roster', per='account_id, report') }}
