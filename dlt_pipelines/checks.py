"""What `agent-spend doctor` tries, one small question at a time, alike for all vendors that answer in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from dlt_pipelines.errors import AgentSpendError, ExitCode, RequestFailed, TokenRefused, VendorUnreachable
from dlt_pipelines.fetched import Asked
from dlt_pipelines.paged_extraction import ODD_FORMS, REPORT_IT, Endpoint, Target
from dlt_pipelines.pages import NotThereYet, WindowMoved


@dataclass(frozen=True)
class Check:
    """One thing that was tried: whether it works, and what to do when it does not."""

    subject: str
    ok: bool
    detail: str
    exit_code: ExitCode = ExitCode.OK


def failed(subject: str, error: AgentSpendError) -> Check:
    """The check that an error makes of what was tried."""
    return Check(subject, False, str(error), error.exit_code)


def first_pages(targets: Sequence[Target], day: date) -> Iterator[Check]:
    """Asks every endpoint for its first page: of a settled day, or of the list as it is."""
    for target in targets:
        for endpoint in target.endpoints:
            try:
                yield _first_page(target, endpoint, day)
            except (TokenRefused, VendorUnreachable) as error:
                yield failed(target.account.account_id, error)
                break
            except AgentSpendError as error:
                yield failed(f"{target.account.account_id} {endpoint.name}", error)
            except ODD_FORMS as error:
                odd = RequestFailed(f"an answer of an unknown form ({type(error).__name__})", REPORT_IT)
                yield failed(f"{target.account.account_id} {endpoint.name}", odd)


def _first_page(target: Target, endpoint: Endpoint, day: date) -> Check:
    subject = f"{target.account.account_id} {endpoint.name}"
    when = f" of {day}" if endpoint.dated else ""
    try:
        page = next(endpoint.pages(Asked(target.account, endpoint, day if endpoint.dated else None)), None)
    except NotThereYet as reason:
        return Check(subject, True, f"answers, but has nothing{when}: {reason}")
    except WindowMoved:
        return Check(subject, True, "answers")
    return Check(subject, True, f"answers; {len(page.records) if page else 0} records on the first page{when}")
