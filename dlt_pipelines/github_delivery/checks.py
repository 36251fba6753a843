"""What `agent-spend doctor` asks GitHub about delivery: the inventory, and one small question for each report."""

from __future__ import annotations

from collections.abc import Iterator

from dlt_pipelines.checks import Check, failed
from dlt_pipelines.errors import AgentSpendError, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.github_client import github_client
from dlt_pipelines.github_delivery.endpoints import Endpoints
from dlt_pipelines.github_delivery.extraction import inventory
from dlt_pipelines.github_delivery.permissions import NothingThere, Refused
from dlt_pipelines.github_delivery.records import Repository
from dlt_pipelines.github_delivery.settings import API_VERSION, GithubDeliverySettings
from dlt_pipelines.paged_extraction import ODD_FORMS, REPORT_IT


def checks(settings: GithubDeliverySettings) -> Iterator[Check]:
    """Lists the repositories, and tries every report on the one of each owner that was pushed to last."""
    endpoints = Endpoints(github_client(settings, API_VERSION))
    try:
        found = inventory(settings, endpoints, lambda _: False)
    except (TokenRefused, VendorUnreachable) as error:
        yield failed("github_delivery", error)
        return
    for problem in found.problems:
        yield failed("github_delivery repositories", problem)
    for warning in found.warnings:
        yield Check("github_delivery repositories", True, warning)
    if found.repositories:
        yield Check("github_delivery repositories", True, f"answers; {len(found.repositories)} repositories")
    for repository in _newest_of_each_owner(found.repositories):
        yield from _reports(endpoints, repository)


def _newest_of_each_owner(repositories: list[Repository]) -> list[Repository]:
    newest: dict[str, Repository] = {}
    for repository in sorted(repositories, key=lambda one: (one.pushed_at is not None, one.pushed_at, one.name)):
        newest[repository.name.partition("/")[0]] = repository
    return [newest[owner] for owner in sorted(newest)]


def _reports(endpoints: Endpoints, repository: Repository) -> Iterator[Check]:
    for report, ask in endpoints.probes(repository):
        subject = f"{repository.name} {report}"
        try:
            ask()
        except NothingThere:
            yield Check(subject, True, "answers; the repository has none")
        except Refused as error:
            if report == "agent-tasks":
                # They are read where they can be, and nothing fails without them.
                yield Check(subject, True, f"not given; {error.remedy} Installation tokens are not supported.")
            else:
                yield failed(subject, error)
        except AgentSpendError as error:
            yield failed(subject, error)
        except ODD_FORMS as error:
            yield failed(subject, RequestFailed(f"an answer of an unknown form ({type(error).__name__})", REPORT_IT))
        else:
            yield Check(subject, True, "answers")
