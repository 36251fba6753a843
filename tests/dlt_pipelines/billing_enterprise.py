"""GitHub's billing made up by a test: a server that answers with what the test put in, by GitHub's documented rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from demo.local_server import LocalServer, Request, Response, json_response
from dlt_pipelines import github_billing
from dlt_pipelines.github_billing.tables import DATASET
from dlt_pipelines.identifiers import Pseudonymizer
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.progress import Progress
from dlt_pipelines.windows import Window, as_of
from tests.dlt_pipelines.pseudonyms import KEY
from tests.dlt_pipelines.vendor_bench import VendorBench

Json = dict[str, Any]

TOKEN = "ghp_billing_token_that_must_never_leak"
TODAY = date(2026, 10, 17)
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 2)
ENTERPRISE = "/enterprises/keel-works/settings/billing"
REPORTS = f"{ENTERPRISE}/reports"
ORGANIZATION = "/organizations/lantern-yard/settings/billing"

HEADER_17 = [
    *("date", "username", "product", "sku", "model", "quantity", "unit_type", "applied_cost_per_quantity"),
    *("gross_amount", "discount_amount", "net_amount", "total_monthly_quota", "organization"),
    *("repository", "cost_center_name", "aic_quantity", "aic_gross_amount"),
]
HEADER_21 = [*HEADER_17, "input", "output", "cache_read", "cache_write"]
PREMIUM = [name for name in HEADER_17 if name != "repository"]
PREMIUM.insert(PREMIUM.index("total_monthly_quota"), "exceeds_quota")
SUMMARIZED = [
    *("date", "product", "sku", "quantity", "unit_type", "applied_cost_per_quantity", "gross_amount"),
    *("discount_amount", "net_amount", "organization", "repository", "cost_center_name"),
]
DETAILED = [*SUMMARIZED[:9], "username", "organization", "repository", "workflow_path", "cost_center_name"]
HEADERS = {"ai_credit": HEADER_21, "premium_request": PREMIUM, "detailed": DETAILED}
ROW = {
    "date": "2026-10-01",
    "username": "mona-invented",
    "product": "copilot",
    "sku": "copilot_ai_credit",
    "model": "Claude Opus 4.6",
    "quantity": "21.36",
    "unit_type": "ai-credits",
    "applied_cost_per_quantity": "0.01",
    "gross_amount": "0.2136",
    "discount_amount": "0.2",
    "net_amount": "0.0136",
    "total_monthly_quota": "1900",
    "organization": "keel-apps",
    "repository": "",
    "cost_center_name": "",
    "aic_quantity": "0",
    "aic_gross_amount": "0",
    "exceeds_quota": "False",
    "input": "1420",
    "output": "590",
    "cache_read": "175000",
    "cache_write": "4200",
    "workflow_path": "",
}


def export(header: list[str], *rows: dict[str, str], bom: bool = True) -> str:
    """A usage report as GitHub writes it: a byte order mark, and every value in quotes."""
    lines = [header, *([{**ROW, **row}.get(name, "") for name in header] for row in rows)]
    text = "\n".join(",".join('"' + value.replace('"', '""') + '"' for value in line) for line in lines) + "\n"
    return ("\ufeff" if bom else "") + text


def one_row_a_day(order: Json) -> list[str]:
    """Files of a report with one row on its first day."""
    return [export(HEADERS[order["report_type"]], {"date": order["start_date"]})]


class GithubBilling(LocalServer):
    """Answers like GitHub, out of what a test may change between (or during) requests."""

    def __init__(self) -> None:
        self.usage: Callable[[Json], list[Json]] = lambda query: []
        self.summary: Callable[[Json], list[Json]] = lambda query: []
        self.models: Callable[[str, Json], list[Json]] = lambda report, query: []
        self.budgets: list[Json] = []
        self.budgets_per_page = 100
        self.cost_centers: list[Json] = []
        # What a report of a type and span holds: the text of its files.
        self.files: Callable[[Json], list[str]] = lambda order: []
        self.reports: list[Json] = []
        self.looks_until_made = 1
        self.made_at = "2026-10-17T06:00:00Z"
        self.fails: set[str] = set()
        self.links_that_expire = 0
        self.answers: dict[str, Callable[[Request], Response | None]] = {}
        self.asked: list[tuple[str, str, Json]] = []
        self._looks: dict[str, int] = {}
        self._stored: dict[str, str] = {}
        super().__init__()

    @property
    def orders(self) -> list[Json]:
        """The reports that were ordered, as asked for."""
        return [body for method, _, body in self.asked if method == "POST"]

    def queries(self, ending: str) -> list[Json]:
        """What was asked at the addresses that end so."""
        return [query for method, path, query in self.asked if method == "GET" and path.endswith(ending)]

    def answer(self, request: Request) -> Response | None:
        if request.path.startswith("/signed/"):
            return self._file(request)
        body: Json = json.loads(request.body) if request.body else dict(request.query)
        self.asked.append((request.method, request.path, body))
        if request.path in self.answers and (response := self.answers[request.path](request)) is not None:
            return response
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_response({"message": "Bad credentials"}, 401)
        account, _, rest = request.path.partition("/settings/billing/")
        if f"{account}/settings/billing" not in (ENTERPRISE, ORGANIZATION):
            return json_response({"message": "Not Found"}, 404)
        if rest.startswith("reports"):
            return self._reports(request, rest, body)
        name = account.rsplit("/", 1)[-1]
        found: dict[str, Callable[[], Json]] = {
            "usage": lambda: {"usageItems": self.usage(body)},
            "usage/summary": lambda: {"timePeriod": {}, "enterprise": name, "usageItems": self.summary(body)},
            "ai_credit/usage": lambda: {"timePeriod": {}, "usageItems": self.models("ai_credit", body)},
            "premium_request/usage": lambda: {"timePeriod": {}, "usageItems": self.models("premium_request", body)},
            "budgets": lambda: self._budgets(body),
            "cost-centers": lambda: {"costCenters": self.cost_centers},
        }
        return json_response(found[rest]())

    def _budgets(self, query: Json) -> Json:
        size = min(int(query["per_page"]), self.budgets_per_page)
        first = (int(query["page"]) - 1) * size
        more = first + size < len(self.budgets)
        return {
            "budgets": self.budgets[first : first + size],
            "has_next_page": more,
            "total_count": len(self.budgets),
        }

    def _reports(self, request: Request, rest: str, body: Json) -> Response:
        if request.method == "POST":
            if any(report["status"] == "processing" for report in self.reports):
                return json_response({"message": "A report is already being generated"}, 409)
            report = {**body, "id": f"r{len(self.reports) + 1}", "status": "processing", "created_at": self.made_at}
            self.reports.insert(0, report)
            return json_response(report, 202)
        if rest == "reports":
            return json_response({"usage_report_exports": self.reports})
        report = next(report for report in self.reports if rest == f"reports/{report['id']}")
        self._looks[report["id"]] = self._looks.get(report["id"], 0) + 1
        if report["status"] == "processing" and self._looks[report["id"]] >= self.looks_until_made:
            report["status"] = "failed" if report["report_type"] in self.fails else "completed"
        if report["status"] != "completed":
            return json_response(report)
        files = self.files(report)
        links = []
        for number, text in enumerate(files):
            name = f"/signed/{report['id']}-{number}-{self._looks[report['id']]}"
            self._stored[name] = text
            links.append(f"{self.url}{name}?sig=that-must-never-leak")
        return json_response({**report, "download_urls": links} if links else report)

    def _file(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response(400)
        if self.links_that_expire:
            self.links_that_expire -= 1
            return Response(403)
        return Response(200, self._stored[request.path].encode())


@dataclass
class BillingBench(VendorBench):
    """GitHub, a folder of exports, a warehouse of its own, and runs with a clock that never really waits."""

    source = "github_billing"

    github: GithubBilling

    def today(self, day: date) -> None:
        super().today(day)
        self.github.made_at = f"{day}T06:00:00Z"

    def drop(self, name: str, text: str | bytes) -> None:
        """Puts a file into the folder of exports."""
        (self.folder / "exports" / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def only_files(self) -> None:
        """No token: the folder alone."""
        self.set(token=None)

    def extract(self, since: date | None = None, until: date | None = None) -> Outcome:
        """One run of the source alone."""
        settings = github_billing.load_settings()
        warehouse, outcome = Warehouse(), Outcome()
        window = Window(as_of(), settings.lookback_days, since, until)
        with warehouse.run(DATASET), Progress() as progress:
            github_billing.extract(settings, warehouse, window, Pseudonymizer(KEY), outcome, progress, self.clock)
        return outcome

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query; raw.<table> are the tables of the source."""
        return super().rows(query.replace("raw.", "raw_github_billing."))

    @property
    def kept_aside(self) -> list[Path]:
        return sorted((self.folder / ".extract" / "w" / "rejected").iterdir())


@contextmanager
def billing_bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingBench]:
    """An enterprise with a token and an empty folder that is not read."""
    (folder / "exports").mkdir()
    with GithubBilling() as github:
        bench = BillingBench(folder, monkeypatch, github)
        bench.prepare()
        bench.set(api_url=github.url, token=TOKEN, enterprise="keel-works", points_per_minute="1000000")
        bench.today(TODAY)
        yield bench


@pytest.fixture(name="billing")
def one_enterprise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BillingBench]:
    with billing_bench(tmp_path, monkeypatch) as bench:
        yield bench
