"""Closing a billing month: its figures are written down with a version and a digest, and never change again.

`closing` closes and reopens, `figures` is the digest, `report` what is shown of it, `tables` the raw tables.
"""
