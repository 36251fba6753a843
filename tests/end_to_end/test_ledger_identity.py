"""One person over all vendors: by roster, by an e-mail that vendors share, or alone; and never a machine."""

from __future__ import annotations

import pytest

from demo import anthropic_directory as ad
from demo import constants as c
from demo import cursor_constants as cc
from demo import openai_accounts as oa
from demo.company import Company
from demo.cursor_truth import human
from tests.end_to_end.truths import Expected
from tests.end_to_end.workbench import Ask, pseudonymizer

pytestmark = pytest.mark.xdist_group("demo")


def principals_of(ask: Ask, person: str) -> set[tuple[str, str]]:
    rows = ask(f"""
        select vendor, principal_key from core.dim_principal
        where owner_person_key = '{person}' and principal_kind <> 'cloud_agent'
    """)
    return {(vendor, key) for vendor, key in rows}


def test_one_person_of_the_roster_has_principals_of_all_vendors(ask: Ask, company: Company, expected: Expected) -> None:
    """Momo: GitHub login, Cursor address, Claude seat, OpenAI user and Codex seat."""
    momo = next(person for person in company.people if person.name == "Momo Mover")
    key = pseudonymizer().key
    codex = next(member for member in oa.codex_members(company) if member.person_id == momo.person_id)
    assert principals_of(ask, str(key("person", momo.person_id))) == {
        ("github_copilot", key("github_user", company.user(c.MOVED_LOGIN).user_id)),
        ("cursor", key("email", cc.MOVED_EMAIL)),
        ("anthropic", key("anthropic_user", expected.claude.directory.seat(ad.MOVED_SEAT).user_id)),
        ("openai", key("openai_user", oa.MOMO_ID)),
        ("openai", key("openai_user", codex.user_id)),
    }


def test_a_stranger_whose_email_vendors_share_is_one_person(ask: Ask, company: Company, expected: Expected) -> None:
    """Cara: in no roster; GitHub's single sign-on, Cursor and both of OpenAI's accounts know the same address."""
    key = pseudonymizer().key
    person = str(key("email", cc.SHARED_EMAIL))
    codex = next(member for member in oa.codex_members(company) if member.email == cc.SHARED_EMAIL)
    assert expected.outsiders.shared == {cc.SHARED_EMAIL}
    assert principals_of(ask, person) == {
        ("github_copilot", key("github_user", company.user(c.CONTRACTOR_LOGIN).user_id)),
        ("cursor", person),
        ("openai", key("openai_user", oa.CARA_ID)),
        ("openai", key("openai_user", codex.user_id)),
    }
    assert ask(f"select person_source, principals from core.dim_person where person_key = '{person}'") == [
        ("shared_email", 4)
    ]


def test_her_team_is_each_vendors_own(ask: Ask) -> None:
    person = pseudonymizer().key("email", cc.SHARED_EMAIL)
    found = ask(f"""
        select distinct vendor, team_key, unattributed_reason from core.fct_credits_daily where person_key = '{person}'
    """)
    assert set(found) == {
        ("github_copilot", f"{c.APPS.slug}/{c.CONTRACTOR_TEAM}", None),
        ("cursor", "cursor/contract-crew", None),
        ("openai", None, "unknown_user"),
    }


def test_two_addresses_and_two_logins_are_one_person(ask: Ask, company: Company, expected: Expected) -> None:
    dora = next(person for person in company.people if person.emails == c.TWO_EMAILS)
    logins = {
        ("github_copilot", pseudonymizer().key("github_user", company.user(login).user_id))
        for login in c.TWO_ACCOUNT_LOGINS
    }
    addresses = {("cursor", expected.key(human(email))) for email in c.TWO_EMAILS}
    assert principals_of(ask, str(pseudonymizer().key("person", dora.person_id))) == logins | addresses


@pytest.mark.parametrize(
    ("vendor", "source", "strangers"),
    [
        ("github_copilot", "github_account", 4),
        ("cursor", "cursor_account", 2),
        ("anthropic", "anthropic_account", 3),
        ("openai", "openai_account", 2),
    ],
)
def test_other_strangers_stand_for_themselves(ask: Ask, vendor: str, source: str, strangers: int) -> None:
    found = ask(f"""
        select principal_key = owner_person_key, count(*) from core.dim_principal
        where vendor = '{vendor}' and person_source = '{source}' and principal_kind <> 'cloud_agent' group by 1
    """)
    assert found == [(True, strangers)]


def test_everybody_else_was_found_by_the_roster(ask: Ask) -> None:
    """By the first step at which the vendor's account fits: a login for GitHub, the account's address elsewhere."""
    found = ask("""
        select distinct vendor, matched_by from core.dim_principal
        where person_source = 'roster' and principal_kind <> 'cloud_agent'
    """)
    assert {vendor for vendor, matched in found if matched == "verified_email"} == {"anthropic", "cursor", "openai"}
    assert {matched for vendor, matched in found if vendor != "github_copilot"} == {"verified_email"}
    assert {matched for vendor, matched in found if vendor == "github_copilot"} == {
        "login",
        "sso_email",
        "public_email",
    }


def test_a_person_of_several_vendors_is_counted_once(ask: Ask) -> None:
    """The people of a day over all vendors are fewer than the sum of each vendor's."""
    ((people, over_vendors),) = ask("""
        select count(distinct person_key), (
            select sum(people) from (
                select count(distinct person_key) as people from core.fct_credits_daily
                where usage_date = '2026-10-06' group by vendor
            )
        )
        from core.fct_credits_daily where usage_date = '2026-10-06'
    """)
    assert 0 < people < over_vendors
