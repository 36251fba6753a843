"""A local server that speaks OpenAI's organisation API and Codex Enterprise Analytics about the invented company."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from demo.company import AS_OF, Company
from demo.local_server import LocalServer, Request, Response
from demo.openai_accounts import ORGANIZATION, WORKSPACE
from demo.openai_api import Api
from demo.openai_faults import OpenaiFaultClock, OpenaiFaults, error
from demo.openai_use import build_openai_use

ADMIN_KEY = "sk-admin-demo"
CODEX_KEY = "sk-proj-demo-codex"
CODEX_SCOPE = "codex.enterprise.analytics.read"
CODEX_PATH = "/v1/analytics/codex/"


def settings(url: str) -> dict[str, str]:
    """The environment variables that point the extraction at the server."""
    return {
        "SOURCES__OPENAI__API_URL": url,
        "SOURCES__OPENAI__ADMIN_KEY": ADMIN_KEY,
        "SOURCES__OPENAI__ORGANIZATION": ORGANIZATION,
        "SOURCES__OPENAI__CODEX_API_URL": url,
        "SOURCES__OPENAI__CODEX_KEY": CODEX_KEY,
        "SOURCES__OPENAI__CODEX_WORKSPACE": WORKSPACE,
        "SOURCES__OPENAI__REQUESTS_PER_MINUTE": "1000000",
    }


class OpenaiServer(LocalServer):
    """Serves the company as OpenAI does."""

    def __init__(
        self,
        company: Company,
        as_of: date = AS_OF,
        faults: OpenaiFaults | None = None,
        admin_key: str = ADMIN_KEY,
        codex_key: str = CODEX_KEY,
    ) -> None:
        """Start serving.

        Args:
            company: What to tell about.
            as_of: What the server takes for today; can be set while it runs.
            faults: What shall go wrong.
            admin_key: The only key that the organisation API accepts.
            codex_key: The only key that Codex Enterprise Analytics accepts.
        """
        self._faults = faults or OpenaiFaults()
        self._fault_clock = OpenaiFaultClock(self._faults)
        self._keys = {True: codex_key, False: admin_key}
        self._api = Api(build_openai_use(company), as_of, self._faults)
        super().__init__()

    @property
    def as_of(self) -> date:
        """What the server takes for today."""
        return self._api.as_of

    @as_of.setter
    def as_of(self, day: date) -> None:
        self._api.as_of = day

    def answer(self, request: Request) -> Response:
        """The answer to a request."""
        return self._refusal(request) or self._fault_clock.next_fault() or self._api.answer(request)

    def _refusal(self, request: Request) -> Response | None:
        """The answer to a request whose key is not good enough; a project's key cannot read the organisation."""
        is_codex = request.path.startswith(CODEX_PATH)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            return error(HTTPStatus.UNAUTHORIZED, "Missing bearer authentication in header")
        if key != self._keys[is_codex]:
            if key.startswith("sk-proj-") and not is_codex:
                return _missing_scope("api.usage.read")
            return error(HTTPStatus.UNAUTHORIZED, "Incorrect API key provided.", "invalid_api_key")
        if is_codex and self._faults.codex_scope_missing:
            return _missing_scope(CODEX_SCOPE)
        return None


def _missing_scope(scope: str) -> Response:
    message = f"You have insufficient permissions for this operation. Missing scopes: {scope}."
    return error(HTTPStatus.FORBIDDEN, message, "missing_scope")
