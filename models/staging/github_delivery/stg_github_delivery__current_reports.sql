{#
    One row per account, report and report date that has been loaded: its current load.

    A day is loaded again as a whole where something on it is new. What has changed since, such as a pull request, stands
    on the day of its newest change too: of several days the newest counts, and int_delivery__github_* take it.
#}
{{ current_reports('github_delivery') }}
