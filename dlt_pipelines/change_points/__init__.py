"""Days on which a workflow's daily series changed its level, found by the library ruptures.

`detection` finds them in one series, `finding` reads the series of the warehouse and writes what was found, `tables`
has the raw tables.
"""
