"""What the tests of this room share: a clock that is turned by hand, scripted answers, and a session over both."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import httpx

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import (
    Credentials,
    Extraction,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    Limits,
    extract,
)
from genesys_assets.sandbox import Faults, Sandbox, serve
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of

T = TypeVar("T")
HOSTS = Hosts(api="https://api.test", login="https://login.test")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class ManualTime:
    """A clock that only sleeping moves."""

    at: float = 0.0
    noon_at: float = 0.0
    waits: list[float] = field(default_factory=list)

    def noon_again(self) -> None:
        """Set the wall clock back; the monotonic one goes on, as those who share a pace rely on."""
        self.noon_at = self.at

    def clock(self) -> float:
        return self.at

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.at - self.noon_at)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


Scripted = Exception | Callable[[httpx.Request], Any]
"""What comes of a request: an error of the connection, an answer, or what decides which one."""


def answer(status: int = 200, body: Any = None, **headers: str) -> Scripted:
    """An answer as it comes off the wire; header names with _ for -."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: httpx.Response(status, headers=named, stream=httpx.ByteStream(content))


class Listing(NamedTuple):
    """A listing of entities that a test asks for."""

    path: str
    params: Mapping[str, str] = MappingProxyType({})
    permission: str = ""


def problem(status: int, code: str = "", message: str = "", **headers: str) -> Scripted:
    """An error in Genesys Cloud's shape."""
    return answer(status, {"message": message, "code": code, "status": status, "contextId": "c-1"}, **headers)


class Script(httpx.AsyncBaseTransport):
    """Answers API requests in the order given, the last answer for ever; grants any login unless told otherwise."""

    def __init__(self, *answers: Scripted, logins: Iterable[Scripted] = ()) -> None:
        self.requests: list[httpx.Request] = []
        self.logins = 0
        self._answers = list(answers)
        self._login_answers = list(logins)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        await asyncio.sleep(0)
        if request.url.path == "/oauth/token":
            self.logins += 1
            scripted = self._login_answers.pop(0) if self._login_answers else granted(f"token-{self.logins}")
        else:
            self.requests.append(request)
            scripted = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        while not isinstance(scripted, httpx.Response):
            if isinstance(scripted, Exception):
                raise scripted
            scripted = scripted(request)
        return scripted


def granted(bearer: str = "token-1", seconds: int = 86_400) -> Scripted:
    return answer(200, {"access_token": bearer, "token_type": "bearer", "expires_in": seconds})


def session(script: httpx.AsyncBaseTransport, time: ManualTime | None = None, **options: Any) -> GenesysCloud:
    """A session over scripted answers and manual time."""
    time = time or ManualTime()
    options = {"clock": time.clock, "now": time.now, "sleep": time.sleep, **options}
    return GenesysCloud(HOSTS, Credentials("the-client", "the-secret"), transport=script, **options)


def run(script: Script, ask: Callable[[GenesysCloud], Any], time: ManualTime | None = None, **options: Any) -> Any:
    """What `ask` returns of a session over the script."""

    async def main() -> Any:
        async with session(script, time, **options) as cloud:
            return await ask(cloud)

    return asyncio.run(main())


DAY = date(2026, 11, 22)


def adjusted(settings: ExtractionSettings, **changes: Any) -> ExtractionSettings:
    """The settings with others in their place; some may be limits of the source, such as query_page_size."""
    named = {each.name for each in fields(Limits)} & changes.keys()
    limits = replace(CONVERSATIONS.limits, **{name: changes.pop(name) for name in named})
    return replace(settings, **changes, limits=limits)


@dataclass(repr=False)
class World:
    """A sandbox over real HTTP, on the manual time that its client shares."""

    sandbox: Sandbox
    url: str
    time: ManualTime
    lines: list[str] = field(default_factory=list)

    def session(self, **options: Any) -> GenesysCloud:
        options = {"requests_per_minute": 1_000_000, "log": self.lines.append, **options}
        return GenesysCloud(
            Hosts(self.url, self.url),
            Credentials(options.pop("client_id", "sandbox"), options.pop("client_secret", "sandbox")),
            clock=self.time.clock,
            now=self.time.now,
            sleep=self.time.sleep,
            **options,
        )

    def do(self, ask: Callable[[GenesysCloud], Awaitable[T]], **options: Any) -> T:
        """What `ask` returns of a session."""

        async def main() -> T:
            async with self.session(**options) as cloud:
                return await ask(cloud)

        return asyncio.run(main())

    def extract(self, checkpoint: ParquetCheckpoint, source: str = "auto", **settings: Any) -> Extraction:
        """Read the day into a checkpoint."""
        chosen = adjusted(ExtractionSettings(source), **settings)
        return self.do(lambda cloud: extract(cloud, CONVERSATIONS, window_of(DAY, UTC), checkpoint, chosen))

    def truth(self, source: str) -> dict[str, dict[str, Any]]:
        """The day's conversations as the source can know them."""
        day = self.sandbox.conversations(DAY)
        if source == "job":
            return day
        eve = (DAY - timedelta(days=1)).isoformat()
        return {name: without_attributes(each) for name, each in day.items() if each["conversationStart"] >= eve}

    def settle(self) -> None:
        """Switch faults off, and let the server finish with cancelled requests: it takes them in turn, these after."""
        self.sandbox.faults = Faults()
        with closing(HTTPConnection(self.url.removeprefix("http://"))) as connection:
            for _ in range(3):
                connection.request("GET", "/nowhere")
                connection.getresponse().read()

    def lag(self, hour: int = 23) -> float:
        """By how many seconds the data lake lags when it stands at that hour of the day."""
        return (self.time.now() - window_of(DAY, UTC).start).total_seconds() - hour * 3600

    def asked(self, path: str, method: str = "") -> int:
        """How many requests there were to paths that match."""
        return sum(
            bool(re.search(path, each.path)) and each.method.startswith(method) for each in self.sandbox.requests
        )


@contextmanager
def world(**options: Any) -> Iterator[World]:
    """A sandbox of some 100 conversations a day, without a rate limit; `options` are the Sandbox's."""
    time = ManualTime()
    given = {"conversations_per_day": 100, "requests_per_minute": None, "now": time.now, "clock": time.clock}
    sandbox = Sandbox(**{**given, **options})
    with serve(sandbox) as url:
        yield World(sandbox, url, time)


def without_attributes(document: dict[str, Any]) -> dict[str, Any]:
    """A document as the query shows it."""
    participants = [
        {name: value for name, value in each.items() if name != "attributes"} for each in document["participants"]
    ]
    return document | {"participants": participants}


def documents_in(checkpoint: ParquetCheckpoint) -> dict[str, dict[str, Any]]:
    """What a checkpoint hands on: each document by its id; a conversation that comes twice is an error."""
    rows = checkpoint.documents().select("key", "document").collect().rows()
    documents = {name: json.loads(document) for name, document in rows}
    assert len(documents) == len(rows)
    assert all(document["conversationId"] == name for name, document in documents.items())
    return documents


QUERY, SUBMIT, STATUS, RESULTS = (
    "details/query",
    "POST .*details/jobs$",
    r"GET .*details/jobs/[^/]+-[^/]+$",
    "jobs/.*/results",
)
SMALL = {
    "query_slice": timedelta(hours=12),
    "query_page_size": 10,
    "job_page_size": 20,
}
"""Several pages in each slice."""


def assert_whole(here, checkpoint, source, **settings):
    """The day comes whole: document by document what the sandbox knows."""
    extraction = here.extract(checkpoint, source, **SMALL | settings)
    assert documents_in(checkpoint) == here.truth(extraction.method)
    return extraction
