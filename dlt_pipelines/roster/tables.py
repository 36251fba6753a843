"""The raw tables of the people roster, after names and addresses have become keyed pseudonyms."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Dataset, Table, day, text

LINEAGE = (
    text("report_load_key", "The roster reading that the row came from.", required=True),
    text("file_name", "File of the roster that the row came from.", required=True),
    text("person_key", "Keyed pseudonym of the person id.", required=True),
)

PEOPLE = Table(
    "people",
    "person and validity period; a person who changes team has one row per period",
    ("report_load_key", "person_key", "valid_from"),
    (
        *LINEAGE,
        text("team", "Team of the person in this period."),
        text("role_segment", "Role segment, such as backend or data."),
        text("cost_center", "Cost center that carries the person in this period."),
        text("manager_key", "Keyed pseudonym of the line manager's person id."),
        text("employment_type", "employee, contractor, …"),
        day("valid_from", "First day of the period; NULL is 'since ever'."),
        day("valid_to", "Last day of the period, inclusive; NULL is open."),
        text("extra", "Columns of your own that start with x_, as a JSON object; else NULL."),
    ),
)
PERSON_IDENTIFIERS = Table(
    "person_identifiers",
    "person and identifier (login or e-mail) of the roster",
    ("report_load_key", "person_key", "identifier_key"),
    (
        *LINEAGE,
        text("namespace", "github_login or email.", required=True),
        text("identifier_key", "Keyed pseudonym of the login or e-mail.", required=True),
    ),
)

DATASET = Dataset(
    "roster",
    "raw_roster",
    "The people roster, as extracted; people are keyed pseudonyms.",
    (REPORT_LOADS, PEOPLE, PERSON_IDENTIFIERS),
    latest_only=True,
)
