"""GitHub's bad days: repositories that go, what is refused, odd answers; settings and doctor."""

from __future__ import annotations

import json

import pytest

from demo.local_server import Request, Response, json_response
from dlt_pipelines import github_delivery
from dlt_pipelines.errors import ConfigurationError, ExitCode, PermissionMissing, RequestFailed, TokenRefused
from dlt_pipelines.github_delivery.permissions import Refused
from tests.dlt_pipelines.delivery_bench import (
    ENTIRE,
    NOTES,
    ONE_DAY,
    PATH,
    REPOSITORY,
    TODAY,
    DeliveryBench,
    Repo,
    deployment,
    issue,
    one_repository,
    pull,
    run,
    told,
)

__all__ = ["one_repository"]


# Bad days


def test_a_deleted_repository(bench: DeliveryBench) -> None:
    other = Repo("keel-works/quadrant", 2)
    other.add(pull(1))
    bench.repo.add(pull(1))
    bench.github.repos.append(other)
    bench.set(repositories=json.dumps([REPOSITORY, other.name]))
    bench.extract()
    bench.today(TODAY + ONE_DAY)
    del bench.github.repos[0]
    other.add(pull(2, "2026-10-17T12:00:00Z"))
    outcome = bench.extract()
    assert outcome.warnings == [f"{REPOSITORY} is no longer there (404); what was read of it stays"]
    assert outcome.exit_code == ExitCode.OK
    assert bench.rows("select repository, number from raw.pull_requests order by all") == [
        ("keel-works/quadrant", 1),
        ("keel-works/quadrant", 2),
        (REPOSITORY, 1),
    ]


def test_a_repository_that_was_never_there(bench: DeliveryBench) -> None:
    bench.set(repositories='["keel-works/nowhere"]')
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [Refused]
    assert "keel-works/nowhere (Not Found)" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION


@pytest.mark.parametrize("status", [404, 410, 451])
def test_a_known_repository_that_is_gone_is_a_warning_beside_others(bench: DeliveryBench, status: int) -> None:
    bench.github.repos.append(Repo("keel-works/quadrant", 2))
    bench.set(repositories=json.dumps([REPOSITORY, "keel-works/quadrant"]))
    bench.extract()
    bench.github.refuse(PATH, status, "Gone")
    outcome = bench.extract()
    assert outcome.warnings == [f"{REPOSITORY} is no longer there ({status}); what was read of it stays"]
    assert outcome.exit_code == ExitCode.OK


def test_a_known_repository_that_the_token_may_not_see_is_a_problem(bench: DeliveryBench) -> None:
    bench.github.repos.append(Repo("keel-works/quadrant", 2))
    bench.set(repositories=json.dumps([REPOSITORY, "keel-works/quadrant"]))
    bench.extract()
    bench.github.refuse(PATH, 403, "Resource protected by organization SAML enforcement")
    outcome = bench.extract()
    assert outcome.warnings == []
    assert "GitHub refuses repository of keel-works/sextant (Resource protected" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION


def test_an_access_that_is_lost_while_a_repository_is_read_is_a_problem(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))

    def lose(request: Request) -> Response:
        bench.github.refuse(PATH, 403)
        return json_response({"message": "Not Found"}, 404)

    bench.github.answers[f"{PATH}/deployments"] = lose
    outcome = bench.extract()
    assert outcome.warnings == []
    assert "GitHub refuses deployments of keel-works/sextant (Not Found)" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION


def test_that_every_repository_is_gone_is_an_error(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.extract()
    bench.github.repos.clear()
    outcome = bench.extract()
    assert "GitHub shows none of the repositories any more: keel-works/sextant" in told(outcome)
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_a_repository_deleted_while_it_is_read(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))

    def vanish(request: Request) -> Response:
        bench.github.repos.clear()
        return json_response({"message": "Not Found"}, 404)

    bench.github.answers[f"{PATH}/deployments"] = vanish
    outcome = bench.extract()
    assert outcome.warnings == [f"{REPOSITORY} is no longer there; what was read of it stays"]
    assert outcome.problems == []
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    assert bench.rows("select 1 from all.report_loads where report = 'repository'") == []


def test_a_renamed_repository(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.extract()
    bench.today(TODAY + ONE_DAY)
    bench.github.renamed = {REPOSITORY: 1}
    bench.repo.name = "keel-works/Octant"
    bench.repo.add(pull(2, "2026-10-17T12:00:00Z"))
    outcome = bench.extract()
    assert outcome.warnings == [
        f"{REPOSITORY} is called keel-works/octant now: change SOURCES__GITHUB_DELIVERY__REPOSITORIES"
    ]
    assert bench.github.paths(r"/pulls/\d+$") == ["/repos/keel-works/octant/pulls/2"]
    assert bench.rows("select account_id, repository, number from raw.pull_requests order by number") == [
        ("repository/1", REPOSITORY, 1),
        ("repository/1", "keel-works/octant", 2),
    ]
    assert bench.rows("select repository from raw.repositories order by 1") == [("keel-works/octant",), (REPOSITORY,)]


def test_an_empty_repository(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    for path in ("pulls/1/commits", f"git/ref/{ENTIRE}", f"git/ref/{NOTES}"):
        bench.github.refuse(f"{PATH}/{path}", 409, "Git Repository is empty.")
    outcome = bench.extract()
    assert told(outcome) == ""
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    assert bench.rows("select repository from raw.repositories") == [(REPOSITORY,)]


@pytest.mark.parametrize(
    ("path", "report", "permission"),
    [
        ("deployments", "deployments", "Deployments"),
        ("actions/runs", "workflow-runs", "Actions"),
        ("issues", "issues", "Issues"),
        (f"git/ref/{ENTIRE}", "checkpoints", "Contents"),
        ("pulls/1/reviews", "pull-requests", "Pull requests"),
    ],
)
def test_a_missing_permission_costs_that_report_alone(
    bench: DeliveryBench, path: str, report: str, permission: str
) -> None:
    bench.repo.add(pull(1))
    bench.repo.issues = {2: issue(2)}
    bench.repo.runs = [run(1, "2026-10-16T09:00:00Z")]
    bench.repo.deployments = [deployment(1, "2026-10-16T09:00:00Z", "success")]
    bench.repo.refs = {ENTIRE: {"aa/bbccddeeff/0/metadata.json": '{"session_id": "one"}'}}
    bench.github.refuse(f"{PATH}/{path}")
    outcome = bench.extract()
    assert [str(problem) for problem in outcome.problems] == [
        f"GitHub refuses {report} of {REPOSITORY} (Resource not accessible by personal access token). The token needs"
        f' the repository permission "{permission}" (read), or is a classic one with repo (authorized for SSO).'
    ]
    assert outcome.exit_code == ExitCode.MISSING_PERMISSION
    loaded = {name for (name,) in bench.rows("select distinct report from all.report_loads")}
    everything = {"repository", "pull-requests", "issues", "deployments", "workflow-runs", "checkpoints"}
    assert loaded == everything - {report}


def test_what_many_repositories_refuse_is_told_once(bench: DeliveryBench) -> None:
    bench.github.repos = [Repo(f"keel-works/part-{number}", number) for number in range(5)]
    bench.set(repositories=None, organizations='["keel-works"]')
    for number in range(5):
        bench.github.refuse(f"/repos/keel-works/part-{number}/deployments")
    problems = bench.extract().problems
    assert len(problems) == 1
    assert "deployments of keel-works/part-0, keel-works/part-1, keel-works/part-2 and 2 more" in str(problems[0])


@pytest.mark.parametrize("status", [403, 404])
def test_agent_tasks_that_are_refused_are_a_note(bench: DeliveryBench, status: int) -> None:
    bench.repo.add(pull(1))
    bench.github.refuse(f"/agents{PATH}/tasks", status)
    outcome = bench.extract()
    assert outcome.problems == []
    assert len(outcome.warnings) == 1
    assert "installation tokens are not supported" in outcome.warnings[0]
    assert bench.one("select count(*) from raw.repositories") == 1


def test_issues_that_are_switched_off(bench: DeliveryBench) -> None:
    bench.github.refuse(f"{PATH}/issues", 410, "Issues are disabled for this repo")
    bench.repo.add(pull(1))
    assert told(bench.extract()) == ""
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    bench.extract()
    assert bench.github.paths() == [PATH, f"{PATH}/issues", f"{PATH}/pulls"]
    bench.repo.add(pull(2, "2026-10-17T08:00:00Z"))
    bench.extract()
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,)]


@pytest.mark.parametrize(
    "answer", [json_response([{"full_name": "x"}]), json_response({"message": "Mona"}, 410), json_response({}, 422)]
)
def test_an_inventory_that_is_odd_costs_that_owner_alone(bench: DeliveryBench, answer: Response) -> None:
    bench.set(organizations='["lantern-yard"]')
    bench.repo.add(pull(1))
    bench.github.answers["/orgs/lantern-yard/repos"] = lambda _: answer
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [RequestFailed]
    assert "lantern-yard" in told(outcome)
    assert "Mona" not in told(outcome)
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_an_organization_that_is_refused(bench: DeliveryBench) -> None:
    bench.set(organizations='["lantern-yard"]')
    bench.repo.add(pull(1))
    bench.github.refuse("/orgs/lantern-yard/repos", 403, "SAML enforcement")
    outcome = bench.extract()
    assert "GitHub refuses repository of lantern-yard (SAML enforcement)" in told(outcome)
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_a_token_that_is_not_accepted(bench: DeliveryBench) -> None:
    bench.set(token="ghp_another")
    with pytest.raises(TokenRefused, match=r"does not accept the token \(Bad credentials\)"):
        bench.extract()


def test_a_token_that_ends_while_it_is_used(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    bench.github.refuse(f"{PATH}/deployments", 401, "Bad credentials")
    with pytest.raises(TokenRefused):
        bench.extract()
    assert bench.rows("select number from raw.pull_requests") == [(1,)]
    bench.github.answers.clear()
    bench.extract()
    assert bench.github.paths(r"/pulls/\d") == []
    assert bench.one("select count(*) from raw.repositories") == 1


def test_a_rate_limit_is_waited_out(bench: DeliveryBench) -> None:
    bench.repo.add(pull(1))
    answers = iter([Response(403, b"{}", {"retry-after": "17"})])
    bench.github.answers[f"{PATH}/pulls/1"] = lambda _: next(answers, None)
    assert bench.extract().exit_code == ExitCode.OK
    assert bench.waits == [17]
    assert bench.rows("select number from raw.pull_requests") == [(1,)]


def test_days_before_one_that_fails_stay_and_the_next_run_goes_on(bench: DeliveryBench) -> None:
    bench.repo.add(*(pull(number, f"2026-10-1{number}T12:00:00Z") for number in range(1, 5)))
    bench.github.answers[f"{PATH}/pulls/3/reviews"] = lambda _: Response(502)
    outcome = bench.extract()
    assert [type(problem) for problem in outcome.problems] == [RequestFailed]
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,)]
    bench.github.answers.clear()
    assert bench.extract().exit_code == ExitCode.OK
    assert bench.github.paths(r"/pulls/\d+$") == [f"{PATH}/pulls/3", f"{PATH}/pulls/4"]
    assert bench.rows("select number from raw.pull_requests order by 1") == [(1,), (2,), (3,), (4,)]


def test_an_answer_of_an_unknown_form_is_told_without_its_text(bench: DeliveryBench) -> None:
    bench.repo.runs = [run(1, "2026-10-16T09:00:00Z")]
    bench.github.answers[f"{PATH}/deployments"] = lambda _: json_response(["must never leak"])
    outcome = bench.extract()
    assert [str(problem) for problem in outcome.problems] == [
        f"deployments of {REPOSITORY}: an answer of an unknown form (TypeError)."
        " The vendor changed its API; report this."
    ]
    assert bench.rows("select run_id from raw.workflow_runs") == [(1,)]


# Settings and doctor


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"token": None}, "no GitHub token for delivery"),
        ({"repositories": None}, "no GitHub repositories to read"),
        ({"repositories": '["sextant"]'}, "'sextant' is not the name of a repository"),
        ({"organizations": "keel-works"}, "SOURCES__GITHUB_DELIVERY__ORGANIZATIONS has a value that cannot be used"),
    ],
)
def test_what_is_missing_is_named(bench: DeliveryBench, settings: dict[str, str | None], message: str) -> None:
    bench.set(**settings)
    with pytest.raises(ConfigurationError, match=message):
        github_delivery.load_settings()


def test_doctor_names_the_permission_that_is_missing(bench: DeliveryBench) -> None:
    bench.github.refuse(f"{PATH}/actions/runs")
    bench.github.refuse(f"/agents{PATH}/tasks", 404)
    found = {check.subject: check for check in github_delivery.checks(github_delivery.load_settings())}
    assert found["github_delivery repositories"].detail == "answers; 1 repositories"
    runs = found[f"{REPOSITORY} workflow-runs"]
    assert (runs.ok, runs.exit_code) == (False, ExitCode.MISSING_PERMISSION)
    assert '"Actions" (read)' in runs.detail
    assert found[f"{REPOSITORY} agent-tasks"].ok
    assert "Installation tokens are not supported" in found[f"{REPOSITORY} agent-tasks"].detail
    assert {check.detail for check in found.values() if check.subject.endswith(("pull-requests", "issues"))} == {
        "answers"
    }


def test_doctor_says_that_the_token_is_refused(bench: DeliveryBench) -> None:
    bench.set(token="ghp_another")
    (check,) = github_delivery.checks(github_delivery.load_settings())
    assert (check.ok, check.exit_code) == (False, ExitCode.MISSING_PERMISSION)
    assert issubclass(TokenRefused, PermissionMissing)
