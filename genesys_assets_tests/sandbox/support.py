"""What the sandbox's tests share: a fixed day, a clock that is set by hand, and a client that asks in-process."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from genesys_assets.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES

DAY = date(2026, 11, 19)
MORNING_AFTER = datetime(2026, 11, 20, 6, tzinfo=UTC)
LONG_AFTER = datetime(2027, 6, 1, tzinfo=UTC)
CONVERSATIONS = "/api/v2/analytics/conversations"
QUERY = f"{CONVERSATIONS}/details/query"
JOBS = f"{CONVERSATIONS}/details/jobs"
AGGREGATES = f"{CONVERSATIONS}/aggregates/query"
FLOW_AGGREGATES = "/api/v2/analytics/flows/aggregates/query"
EVERY_TYPE_OFTEN = {name: kind.weight if kind.days else max(kind.weight, 20) for name, kind in SCENARIO_TYPES.items()}
"""A mix in which a day of a hundred conversations has most of the types that are rare otherwise."""


class Clock:
    """Monotonic seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def small_sandbox(**settings: Any) -> Sandbox:
    """Return a sandbox of a small organisation, on the morning after DAY."""
    return Sandbox(
        **{"conversations_per_day": 60, "now": lambda: MORNING_AFTER, "requests_per_minute": None} | settings
    )


def interval_of(day: date, days: int = 1) -> str:
    """Return whole UTC days as the API takes an interval."""
    return f"{day}T00:00:00.000Z/{day + timedelta(days=days)}T00:00:00.000Z"


class Api:
    """A client of a sandbox that asks in-process, with a token of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.headers: dict[str, str] = {}
        self.login()

    def login(self, client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> httpx.Response:
        """Take a token."""
        form = {"grant_type": "client_credentials"}
        response = self.post("/oauth/token", data=form, auth=(client_id, secret))
        if response.is_success:
            self.headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
        return response

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask, whatever the answer."""
        headers = ({} if path == "/oauth/token" else self.headers) | options.pop("headers", {})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.sandbox.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                return await client.request(method, path, headers=headers, **options)

        return asyncio.run(send())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def query(
        self, number: int = 1, *, size: int = 100, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        """Ask for a page of the details query, of DAY unless the body says otherwise."""
        paging = {"pageSize": size, "pageNumber": number}
        return self.post(QUERY, json={"interval": interval_of(DAY), "paging": paging} | body, headers=headers or {})

    def query_all(self, size: int = 100, **body: Any) -> list[dict[str, Any]]:
        """Return the rows of all pages of the details query, to the page without conversations."""
        rows: list[dict[str, Any]] = []
        number = 1
        while found := self.query(number, size=size, **body).json().get("conversations"):
            rows += found
            number += 1
        return rows

    def submit(self, **body: Any) -> str:
        """Submit a details job, of DAY unless the body says otherwise; returns its id."""
        return self.post(JOBS, json={"interval": interval_of(DAY)} | body).json()["jobId"]

    def job_all(self, job_id: str, size: int = 1_000) -> list[dict[str, Any]]:
        """Return the rows of all pages of a job."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.results(job_id, size, cursor).json()
            rows += page.get("conversations", [])
            cursor = page.get("cursor")
        return rows

    def results(self, job_id: str, size: int = 1_000, cursor: str | None = None) -> httpx.Response:
        """Ask for a page of a job."""
        parameters = {"pageSize": size} | ({"cursor": cursor} if cursor else {})
        return self.get(f"{JOBS}/{job_id}/results", params=parameters)


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return conversations by their ids."""
    return {row["conversationId"]: row for row in rows}
