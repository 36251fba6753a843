{#
    Every row of the inputs of finance can be read and fits the others. While one does not, nothing that reads them is
    built; the end of the run tells each by file, line and field (macro tell_finance_problems).
#}
select
    source_file,
    line_number,
    field,
    problem
from {{ ref('int_finance__input_problems') }}
