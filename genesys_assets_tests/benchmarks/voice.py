"""Voice conversations by the hundred thousand: the sandbox's own, told again with other ids, some seconds apart.

What belongs here: documents, and what Genesys Cloud would count of them. The sandbox tells about a thousand scenarios a
second; so some thousands of its calls become templates, and a conversation is a template with new ids (all but the
organisation's) and shifted by up to a minute and a half. A template begins and ends far enough from midnight for the
day's counts to stay those of its scenario, as many times as it is used.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from genesys_assets.marts import MARTS, Comparison
from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.emissions import emissions
from genesys_assets.sandbox.traffic import Head

DAY = date(2026, 11, 20)
LONGEST_SHIFT_SECONDS = 90
BUCKET_MS = 15 * 60 * 1000
"""The buckets in which the aggregates are asked for, where they are asked for in buckets."""
CALLS = {
    "answered_call": 330.0,
    "not_responding_call": 24.0,
    "abandoned_call": 42.0,
    "flow_out_call": 14.0,
    "flow_only_call": 90.0,
    "blind_transferred_call": 24.0,
    "consult_transferred_call": 12.0,
    "dialled_call": 50.0,
    "campaign_attempt": 45.0,
    "campaign_call": 15.0,
    "user_to_user_call": 22.0,
}
"""Kinds of the sandbox's that are voice calls, with its own weights."""

_OF_ORGANISATION = {name for mart in MARTS.values() for each in mart.comparisons for name in each.by.values()}
"""The dimensions by which figures are compared: their values stay, however rarely they occur."""
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CLOCK = re.compile(rf"(?<={DAY}T)\d\d:\d\d:\d\d".encode())
_CHANGING = re.compile(_UUID.pattern + b"|" + _CLOCK.pattern)
_CLOCKS = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}".encode() for s in range(86_400)]
_SECONDS = {clock: second for second, clock in enumerate(_CLOCKS)}


class Conversation(NamedTuple):
    """A conversation as the server's pages and the floor's Parquet need it; seconds count from the day's start."""

    conversation_id: str
    start_seconds: int
    end_seconds: int
    document: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """A call's document with places for what differs: ids by their number, clocks in seconds from the day's start."""

    text: bytes
    ids: int
    places: tuple[tuple[bool, int], ...]
    own_id: int
    start_seconds: int
    end_seconds: int

    def told(self, source: random.Random) -> Conversation:
        """Return the conversation with other ids, at another second."""
        digits, shift = self.shifted(source)
        ids = [_uuid(digits[at : at + 32]).encode() for at in range(0, len(digits), 32)]
        filled = tuple(_CLOCKS[number + shift] if is_clock else ids[number] for is_clock, number in self.places)
        return Conversation(
            ids[self.own_id].decode(), self.start_seconds + shift, self.end_seconds + shift, self.text % filled
        )

    def shifted(self, source: random.Random) -> tuple[str, int]:
        """Return the digits of its ids, and by how many seconds it is moved."""
        digits = source.randbytes(16 * self.ids).hex()
        return digits, source.randint(-LONGEST_SHIFT_SECONDS, LONGEST_SHIFT_SECONDS)


class Calls:
    """Some thousands of templates, and the conversations that they become.

    Args:
        templates: How many calls of the sandbox there are, at most.
    """

    def __init__(self, templates: int) -> None:
        now = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(days=7)
        sandbox = Sandbox(conversations_per_day=templates, mix=CALLS, now=lambda: now)
        midnight = (DAY - date(1970, 1, 1)).days * 86_400_000
        heads = [head for head in sandbox.traffic.heads_of(midnight // 86_400_000) if _is_well_within(head, midnight)]
        self._documents = [sandbox.document(head, sandbox.instant(), attributes=True) for head in heads]
        self._events = [list(emissions(sandbox.traffic.scenario(head.key))) for head in heads]
        found = Counter(each for document in self._documents for each in set(_UUID.findall(document)))
        told = {
            each.dimensions.get(name, "") for events in self._events for each in events for name in _OF_ORGANISATION
        }
        kept = {each for each, documents in found.items() if documents > 1} | {each.encode() for each in told}
        self._templates = [_template(document, kept) for document in self._documents]

    def conversations(self, count: int, seed: int = 1) -> Iterator[Conversation]:
        """Yield so many conversations, the same ones for a seed, each template as often as any other, in no order."""
        source = random.Random(seed)  # noqa: S311 - generated calls guard no secret
        for uses in self._uses(count):
            for number in source.sample(range(uses), uses):
                yield self._templates[number].told(source)

    def aggregates(self, count: int, query: Comparison, seed: int = 1) -> list[dict[str, Any]]:
        """Return what the aggregates query, grouped as a mart is compared, answers of so many conversations."""
        values: dict[tuple[str | None, ...], dict[int, dict[str, list[int]]]]
        values = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for number, shift in self._shifts(count, seed):
            for event in self._events[number]:
                bucket = (event.at + shift * 1000) // BUCKET_MS if query.by_interval else 0
                group = tuple(event.dimensions.get(name) for name in query.by.values())
                values[group][bucket][event.metric].append(event.value)
        return [
            {
                "group": dict(zip(query.by.values(), group, strict=True)),
                "data": [
                    {
                        **({"interval": _interval(bucket)} if query.by_interval else {}),
                        "metrics": [{"metric": name, "stats": _stats(name, each)} for name, each in found.items()],
                    }
                    for bucket, found in buckets.items()
                ],
            }
            for group, buckets in values.items()
        ]

    def _shifts(self, count: int, seed: int) -> Iterator[tuple[int, int]]:
        """Yield template and shift of each of `conversations`."""
        source = random.Random(seed)  # noqa: S311 - as above
        for uses in self._uses(count):
            for number in source.sample(range(uses), uses):
                yield number, self._templates[number].shifted(source)[1]

    def _uses(self, count: int) -> Sequence[int]:
        whole, rest = divmod(count, len(self._templates))
        return [len(self._templates)] * whole + [rest]


def _interval(bucket: int) -> str:
    start = datetime.fromtimestamp(bucket * BUCKET_MS / 1000, UTC)
    return f"{start:%Y-%m-%dT%H:%M:%S.000Z}/{start + timedelta(milliseconds=BUCKET_MS):%Y-%m-%dT%H:%M:%S.000Z}"


def _is_well_within(head: Head, midnight: int) -> bool:
    margin = (LONGEST_SHIFT_SECONDS + 1) * 1000
    first, last = head.lives[0].start, head.lives[-1].end
    return last is not None and midnight + margin < first and last < midnight + 86_400_000 - margin


def _template(document: bytes, kept: set[bytes]) -> Template:
    numbers: dict[bytes, int] = {}
    places: list[tuple[bool, int]] = []

    def place(found: re.Match[bytes]) -> bytes:
        text = found[0]
        if text in kept:
            return text
        is_clock = b":" in text
        places.append((is_clock, _SECONDS[text] if is_clock else numbers.setdefault(text, len(numbers))))
        return b"%b"

    text = _CHANGING.sub(place, document.replace(b"%", b"%%"))
    start, end, own = (
        re.search(rb'"conversation%b":"([^"]*)"' % name, document)[1]  # type: ignore[index]  # every document has them
        for name in (b"Start", b"End", b"Id")
    )
    return Template(text, len(numbers), tuple(places), numbers[own], _seconds(start), _seconds(end))


def _seconds(timestamp: bytes) -> int:
    return _SECONDS[timestamp[11:19]]


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _stats(metric: str, values: list[int]) -> dict[str, int]:
    if metric.startswith("n"):
        return {"count": sum(values)}
    return {"count": len(values), "sum": sum(values), "max": max(values), "min": min(values)}
