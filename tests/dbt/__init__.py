"""Tests of the dbt project: the laws that every model keeps."""
