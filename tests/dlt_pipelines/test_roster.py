"""The people roster: what is read, and that a mistake is named by file, line and field and loses nothing."""

from __future__ import annotations

import traceback
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest
from fsspec.spec import AbstractFileSystem

from dlt_pipelines import extraction, roster
from dlt_pipelines.errors import ConfigurationError, ExitCode
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.roster import Roster, RosterSettings

HEADER = (
    "person_id,emails,github_logins,team,role_segment,cost_center,manager,employment_type,valid_from,valid_to,x_site"
)
ADA = "p1,ada@example.com;Ada.S@example.com,ada-sample,Storefront,backend,CC-1,p9,employee,,2026-08-31,Riga"
ADA_MOVED = "p1,ada@example.com,ada-sample,Data Platform,data,CC-2,p9,employee,2026-09-01,,Riga"
KEYS = Pseudonymizer("a test key that is long enough to use")


def read(folder: Path, *lines: str, bom: bool = False) -> Roster:
    (folder / "people.csv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8-sig" if bom else "utf-8")
    settings = RosterSettings()
    settings.bucket_url = str(folder)
    return roster.read(settings, KEYS)


@pytest.mark.parametrize("bom", [False, True])
def test_periods_and_identifiers_are_read(tmp_path: Path, bom: bool) -> None:
    found = read(tmp_path, ADA, ADA_MOVED, bom=bom)
    assert found.problems == []
    assert [(row["team"], row["valid_from"], row["valid_to"], row["cost_center"]) for row in found.people] == [
        ("Storefront", None, date(2026, 8, 31), "CC-1"),
        ("Data Platform", date(2026, 9, 1), None, "CC-2"),
    ]
    assert {row["person_key"] for row in found.people} == {KEYS.key("person", "p1")}
    assert found.people[0]["manager_key"] == KEYS.key("person", "p9")
    assert found.people[0]["extra"] == '{"x_site": "Riga"}'
    assert {row["identifier_key"] for row in found.identifiers.values()} == {
        KEYS.key("email", "ada@example.com"),
        KEYS.key("email", "ada.s@example.com"),
        KEYS.key("github_login", "ada-sample"),
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (ADA.replace("p1,", " ,", 1), "people.csv, line 2, field person_id: it is blank"),
        (
            ADA.replace("2026-08-31", "31.08.2026"),
            "people.csv, line 2, field valid_to: '31.08.2026' is not an ISO date such as 2026-10-01",
        ),
        (
            ADA.replace(",,2026-08-31", ",2026-09-01,2026-08-31"),
            "people.csv, line 2, field valid_to: 2026-08-31 is before valid_from 2026-09-01",
        ),
        (ADA.rsplit(",", 2)[0], "people.csv, line 2: the row does not have as many fields as the header"),
        (ADA + "\n" + ADA_MOVED.replace("2026-09-01", "2026-08-31"), "people.csv: two periods of one person overlap"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(tmp_path: Path, line: str, problem: str) -> None:
    (found,) = read(tmp_path, line).problems
    assert found.startswith(problem)


def test_a_missing_or_unknown_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("person_id,squad\np1,Storefront\n")
    settings = RosterSettings()
    settings.bucket_url = str(tmp_path)
    assert roster.read(settings, KEYS).problems == [
        "people.csv, line 1: the column team is missing",
        "people.csv, line 1: unknown column squad (columns of your own start with x_)",
    ]


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    settings = RosterSettings()
    settings.bucket_url = str(tmp_path)
    with pytest.raises(ConfigurationError, match="no roster file matches"):
        roster.read(settings, KEYS)


SECRETS = "ida:s3cret-1@host/people"


class Refusing(AbstractFileSystem):  # type: ignore[misc]
    """A store whose files are there, and whose errors quote the address, as those of a web server do."""

    protocol = "refusing"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def exists(self, path: str, **_: Any) -> bool:
        return "gone" not in path

    def _open(self, path: str, *_: Any, **__: Any) -> BytesIO:
        if "refused" in path:
            raise PermissionError(f"403, url={path}")
        return BytesIO(b"person_id\np1\n")


fsspec.register_implementation("refusing", Refusing, clobber=True)


@pytest.mark.parametrize(
    ("address", "file_glob", "told"),
    [
        (f"refusing://{SECRETS}", "gone.csv?sig=s3cret-2", "no roster file matches refusing://host/people/gone.csv"),
        (
            f"refusing://{SECRETS}",
            "refused.csv?sig=s3cret-2",
            "the roster at refusing://host/people/refused.csv cannot be read: PermissionError. Check bucket_url.",
        ),
        (f"memory://{SECRETS}?sig=s3cret-2", "*.csv", "no roster file matches memory://host/people"),
        (f"nosuch://{SECRETS}?sig=s3cret-2", "*.csv", "the roster at nosuch://host/people cannot be read: ValueError"),
    ],
)
def test_an_address_is_told_without_its_secrets(address: str, file_glob: str, told: str) -> None:
    settings = RosterSettings()
    settings.bucket_url, settings.file_glob = address, file_glob
    with pytest.raises(ConfigurationError) as caught:
        roster.read(settings, KEYS)
    assert str(caught.value).startswith(told)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_mistake_in_a_file_of_a_signed_address_is_told_without_the_signature() -> None:
    settings = RosterSettings()
    settings.bucket_url, settings.file_glob = f"refusing://{SECRETS}", "people.csv?sig=s3cret-2/x"
    assert roster.read(settings, KEYS).problems == ["people.csv, line 1: the column team is missing"]


def test_a_refused_roster_leaves_the_one_before_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = tmp_path / "people"
    people.mkdir()
    monkeypatch.setenv("AGENT_SPEND_WAREHOUSE", str(tmp_path / "w.duckdb"))
    monkeypatch.setenv("AGENT_SPEND_PSEUDONYM_KEY", "a test key that is long enough to use")
    monkeypatch.setenv("SOURCES__ROSTER__BUCKET_URL", str(people))
    (people / "people.csv").write_text(f"{HEADER}\n{ADA}\n")
    assert extraction.extract(["roster"]).exit_code == ExitCode.OK
    (people / "people.csv").write_text(f"{HEADER}\n{ADA_MOVED}\n{ADA.replace('p1', '')}\n")
    outcome = extraction.extract(["roster"])
    assert outcome.exit_code == ExitCode.REJECTED_DATA
    assert "line 3, field person_id" in str(outcome.problems[0])
    assert teams(tmp_path) == [("Storefront",)]
    (people / "people.csv").write_text(f"{HEADER}\n{ADA_MOVED}\n")
    assert extraction.extract(["roster"]).exit_code == ExitCode.OK
    assert teams(tmp_path) == [("Data Platform",)]


def teams(folder: Path) -> list[tuple[str]]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute("select team from raw_roster.people").fetchall()
