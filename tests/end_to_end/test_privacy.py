"""Private by default: clear text of people and keys stands in the restricted schemas alone, secrets nowhere."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo import constants as c
from demo import cursor_constants as cc
from demo import openai_accounts as oa
from demo.anthropic_directory import API_KEYS, FEDERATED
from demo.anthropic_habits import claude_use
from demo.company import Company
from demo.cursor_use import cursor_use
from demo.run import PSEUDONYM_KEY
from tests.end_to_end.conftest import Demo
from tests.end_to_end.workbench import SECRETS, Ask

pytestmark = pytest.mark.xdist_group("demo")

RESTRICTED = ("raw_restricted", "restricted")
WHOLE_NUMBERS = ("BIGINT", "INTEGER", "HUGEINT")
# So many numbers of people in one column of numbers are no accident.
NO_ACCIDENT = 3

Place = tuple[str, str, str]


@dataclass(frozen=True)
class ClearText:
    """What must not be readable: texts wherever they stand, numbers and person ids as whole words."""

    texts: frozenset[str]
    words: frozenset[str]

    def found_in(self, content: str) -> set[str]:
        """What of it the content holds."""
        content = content.lower()
        return {text for text in self.texts if text in content} | self.words.intersection(
            re.findall(r"[\w-]+", content)
        )

    def numbers_in(self, content: str) -> set[str]:
        """The numbers of people among numbers; a single one may stand there for something else."""
        found = set(content.splitlines()) & self.words
        return found if len(found) >= NO_ACCIDENT else set()


@pytest.fixture(scope="module")
def clear_text(company: Company) -> ClearText:
    """Whatever tells who somebody is at any of the vendors, and names of keys, which may be somebody's."""
    claude, cursor = claude_use(company).directory.users, cursor_use(company).members
    openai = (*oa.organization_members(company), *oa.codex_members(company))
    texts = {
        *(text for user in company.users for text in (user.login, user.email, user.public_email)),
        *(text for person in company.people for text in (*person.github_logins, *person.emails, person.name)),
        *(text for user in claude for text in (user.user_id, user.email, user.name)),
        *(text for member in cursor for text in (member.member_id, member.email, member.name)),
        *(text for user in openai for text in (user.user_id, user.email, user.name)),
        *(c.OLD_LOGIN, oa.REMOVED_USER_ID, oa.CODEX_WITHOUT_EMAIL_ID, FEDERATED[1], cc.RUNNER_ACCOUNT[2]),
        *(key.name for key in API_KEYS),
        # The others are called by words that stand elsewhere too.
        *(key.name for key in oa.KEYS if key not in (oa.NOTEBOOK_KEY, oa.EMBEDDING_KEY)),
    }
    words = {
        *(str(user.user_id) for user in company.users),
        *(person.person_id for person in company.people),
        *(str(member.number) for member in cursor),
    }
    named = {text.lower() for text in texts if text} - {"deleted user"}
    return ClearText(frozenset(named), frozenset(word.lower() for word in words))


@pytest.fixture(scope="module")
def types(ask: Ask) -> dict[Place, str]:
    """(schema, table, column) of everything that can hold text or a number to its type."""
    return {
        (schema, table, column): kind
        for schema, table, column, kind in ask(f"""
            select table_schema, table_name, column_name, data_type from information_schema.columns
            where data_type in ('VARCHAR', 'JSON', {", ".join(f"'{kind}'" for kind in WHOLE_NUMBERS)})
        """)
    }


@pytest.fixture(scope="module")
def contents(ask: Ask, types: dict[Place, str]) -> dict[Place, str]:
    """(schema, table, column) to its distinct values, one a line, pseudonyms and load keys left out."""
    columns: dict[tuple[str, str], list[str]] = {}
    for schema, table, column in types:
        columns.setdefault((schema, table), []).append(column)
    found: dict[Place, str] = {}
    for (schema, table), names in columns.items():
        # Once for all columns: a view is computed whenever it is asked.
        ask(f'create or replace temp table shown as select * from "{schema}"."{table}"')
        for column in names:
            values = ask(f"""
                select distinct cast("{column}" as varchar) from shown
                where not regexp_full_match(cast("{column}" as varchar), '[0-9a-f]{{32}}|[0-9a-f]{{64}}')
            """)
            found[schema, table, column] = "\n".join(value for (value,) in values)
    return found


def test_no_clear_text_stands_outside_the_restricted_schemas(
    contents: dict[Place, str], types: dict[Place, str], clear_text: ClearText
) -> None:
    open_places = {place: content for place, content in contents.items() if place[0] not in RESTRICTED}
    vendors = {f"raw_{vendor}" for vendor in ("github_copilot", "anthropic", "cursor", "openai", "roster")}
    schemas = {schema for schema, _, _ in open_places}
    assert schemas >= {*vendors, "staging", "intermediate", "core", "governance", "platform"}
    found = {
        place: texts
        for place, content in open_places.items()
        if (texts := (clear_text.numbers_in if types[place] in WHOLE_NUMBERS else clear_text.found_in)(content))
    }
    assert found == {}


def test_the_search_for_clear_text_finds_it_where_it_belongs(
    contents: dict[Place, str], clear_text: ClearText, company: Company
) -> None:
    """Were the search blind, the tests around it could not fail."""
    content = contents["restricted", "dim_identifier", "identifier"]
    found = clear_text.found_in(content)
    assert found & clear_text.words
    assert clear_text.numbers_in(content)
    assert {c.OLD_LOGIN, c.NEW_LOGIN, c.SAML_ONLY_LOGIN, cc.UNKNOWN_EMAIL, cc.SHARED_EMAIL, FEDERATED[1]} <= found
    assert {oa.EVALUATION_KEY.name.lower(), oa.REMOVED_USER_ID.lower(), API_KEYS[-1].name} <= found
    assert {user.user_id.lower() for user in claude_use(company).directory.users if user.is_deleted} <= found
    namespaces = contents["restricted", "dim_identifier", "namespace"]
    assert set(namespaces.splitlines()) >= {
        *("github_user", "github_login", "email", "person", "anthropic_user", "anthropic_federated"),
        *("anthropic_api_key_name", "openai_user", "openai_api_key_name"),
    }


def files_below(folder: Path) -> dict[Path, bytes]:
    """Every file's bytes, unpacked where it is gzipped."""
    found = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return {file: gzip.decompress(b) if b[:2] == b"\x1f\x8b" else b for file, b in found.items()}


def test_no_clear_text_stands_in_the_state_beside_the_warehouse(demo: Demo, clear_text: ClearText) -> None:
    files = files_below(demo.built.state)
    assert files
    found = {str(file): clear_text.found_in(content.decode("latin-1")) for file, content in files.items()}
    assert {file: sorted(texts)[:3] for file, texts in found.items() if texts} == {}


@pytest.fixture(scope="module")
def written(demo: Demo) -> dict[Path, bytes]:
    """Everything that extraction and build wrote."""
    places = [demo.built.state, demo.built.logs, demo.built.folder / "target"]
    files = {file: content for place in places for file, content in files_below(place).items()}
    files[demo.built.warehouse] = demo.built.warehouse.read_bytes()
    assert any(file.parent == demo.built.logs and content for file, content in files.items()), "nothing was logged"
    return files


@pytest.mark.parametrize("name", [*SECRETS, "the pseudonym key"])
def test_a_secret_is_written_nowhere(written: dict[Path, bytes], contents: dict[Place, str], name: str) -> None:
    secret = SECRETS.get(name, PSEUDONYM_KEY)
    assert [str(file) for file, content in written.items() if secret.encode() in content] == []
    assert [place for place, content in contents.items() if secret.lower() in content.lower()] == []
