{#
    One row per posting month, corrected month, figure and subject: what changed in months after they were closed, in
    the month that takes the difference.
#}
with

corrections as (
    select * from {{ ref('int_close__corrections') }}
)

select
    posting_month,
    corrected_month,
    figure,
    subject,
    unit,
    is_posted,
    as_closed,
    as_known_now,
    already_posted,
    amount
from corrections
