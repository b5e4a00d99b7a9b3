"""Faults: what the sandbox does wrong when asked to, for which requests, and how often.

A fault applies to requests whose method and path match, and has one effect. This module knows which effects there are
and when they apply; `app` and the endpoints read them from the request, and carry them out.

    Faults(on("details/query", status=502, times=3), on("details/jobs/.*/results", drop="inside", after=1, times=1))

In the header `Sandbox-Faults` of a request, the same words apply to that request:

    Sandbox-Faults: details/query status=502 times=3; details/jobs/.*/results drop=inside after=1 times=1
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from genesys_assets.sandbox.errors import ERRORS, ApiError, ScriptError
from genesys_assets.sandbox.exchange import Request

HEADER = "Sandbox-Faults"


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a fault can do."""

    read: Callable[[str], Any]
    """Parses the value in the header."""
    meaning: str


def _flag(text: str) -> bool:
    return text.lower() in {"", "true", "1", "yes"}


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return read


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


EFFECTS = {
    "status": Effect(int, "answers with this HTTP status and its documented body (502: an HTML page)"),
    "error": Effect(_one_of(*ERRORS), "answers with the documented error of this code"),
    "retry_after": Effect(
        str, "answers 429 with this Retry-After: seconds, `date` (1 s ahead, as HTTP dates), any text"
    ),
    "drop": Effect(_one_of("before", "inside"), "drops the connection before the response, or inside its body"),
    "truncate": Effect(_flag, "sends half of the JSON with status 200"),
    "latency": Effect(float, "waits this many seconds before the response"),
    "slow": Effect(float, "spreads the body over this many seconds"),
    "expire_token": Effect(_flag, "the token has expired: 401 until the client requests a new one"),
    "refuse_cursor": Effect(_flag, "a cursor is refused with 400 (only requests with a cursor count)"),
    "next_page_cursor": Effect(
        _flag, "the query pages by nextPageCursor, each valid once (Genesys Cloud does not do so)"
    ),
    "job": Effect(
        _one_of("FAILED", "EXPIRED", "CANCELLED", "unknown"), "the requested job ends in this state, permanently"
    ),
    "lag": Effect(float, "the data lake lags this many seconds behind; jobs silently omit what came later"),
    "shift": Effect(int, "each page begins this many rows early (rows come twice); negative: late (rows are missed)"),
    "total_hits": Effect(int, "totalHits is wrong by this number"),
    "clamp": Effect(int, "a page holds at most this many, whatever size was requested"),
    "leave_out": Effect(_names, "the response lacks these keys of its top level, separated by commas"),
    "repeat": Effect(_flag, "every page is the first page, and there is always another"),
    "cap": Effect(int, "paging ends with the cap's 400 at this many results"),
    "limit": Effect(int, "this many requests a window are allowed"),
    "garbage": Effect(
        _one_of("id", "start", "record", "page"),
        "a conversation of the page has no id, has a bad start, or is not a record; or the page is not a page",
    ),
    "unknown": Effect(_flag, "conversations have unknown keys and enum values"),
}
"""All effects, by name."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One effect on requests that match `where`: `after` of them pass, then it applies `times` times (None: always).

    With `above`, only requests for a larger page than that match.
    """

    where: str
    effect: str
    value: Any
    times: int | None = None
    after: int = 0
    above: int | None = None

    def matches(self, request: Request) -> bool:
        """Return whether the fault counts this request."""
        if not re.search(self.where, f"{request.method} {request.path}"):
            return False
        if self.effect == "refuse_cursor" and request.cursor is None:
            return False
        return self.above is None or (request.page_size or 0) > self.above


def on(where: str, *, times: int | None = None, after: int = 0, above: int | None = None, **effect: Any) -> Fault:
    """Return the fault that has one effect on requests whose "METHOD /path" the regular expression `where` is found in.

    Args:
        where: Such as "details/query", "POST .*details/jobs$", "details/jobs/.*/results", or "" for every request.
        times: How often it applies; None: always.
        after: How many matching requests pass before it does.
        above: Only requests for a larger page match.
        effect: One of `EFFECTS` by its name, with its value.

    Raises:
        ScriptError: No effect, several, or one that does not exist.
    """
    if len(effect) != 1 or not set(effect) <= set(EFFECTS):
        raise ScriptError(
            f"a fault has exactly one effect, of: {', '.join(EFFECTS)}; given: {', '.join(effect) or 'none'}"
        )
    [(name, value)] = effect.items()
    return Fault(where, name, value, times, after, above)


def parse(header: str) -> tuple[Fault, ...]:
    """Return the faults that a `Sandbox-Faults` header asks for.

    Raises:
        ScriptError: The header cannot be parsed.
    """
    try:
        return tuple(_parse_one(part.split()) for part in header.split(";") if part.strip())
    except ValueError as error:  # a number or a word that cannot be read
        raise ScriptError(str(error)) from None


def _parse_one(words: list[str]) -> Fault:
    where, *settings = words
    try:
        re.compile(where)
    except re.error as error:
        raise ScriptError(f"{where!r} is no regular expression ({error})") from None
    given = dict(setting.partition("=")[::2] for setting in settings)
    numbers = {name: int(given.pop(name)) for name in ("times", "after", "above") if name in given}
    unknown = sorted(set(given) - set(EFFECTS))
    if unknown:
        raise ScriptError(f"no such effect: {', '.join(unknown)}")
    effect = {name: EFFECTS[name].read(text) for name, text in given.items()}
    return on(where, **numbers, **effect)


class Faults:
    """The faults that are switched on, and how many matching requests each has seen."""

    def __init__(self, *faults: Fault) -> None:
        self._faults = list(faults)
        self._met: Counter[Fault] = Counter()

    def __repr__(self) -> str:
        return f"Faults({', '.join(map(repr, self._faults))})"

    def add(self, *faults: Fault) -> None:
        """Switch further faults on."""
        self._faults += faults

    def clear(self) -> None:
        """Switch all faults off, and forget how often they applied."""
        self._faults.clear()
        self._met.clear()

    def strike(self, request: Request) -> dict[str, Any]:
        """Return the effects on this request: of the faults that are switched on, and of those in its header.

        Raises:
            ApiError: 400, the header cannot be parsed.
        """
        try:
            asked = parse(request.headers.get(HEADER.lower(), ""))
        except ScriptError as error:
            raise ApiError("bad.request", f"{HEADER}: {error}") from None
        effects: dict[str, Any] = {}
        for fault in (*self._faults, *asked):
            if fault.matches(request) and self._is_due(fault):
                effects.setdefault(fault.effect, fault.value)
        return effects

    def _is_due(self, fault: Fault) -> bool:
        self._met[fault] += 1
        met = self._met[fault] - fault.after
        return met > 0 and (fault.times is None or met <= fault.times)
