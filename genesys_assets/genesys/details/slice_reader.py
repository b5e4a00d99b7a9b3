"""The slices of a day on their way into its checkpoint: split where they hold too much, committed once read in full.

How one slice is read is handed in (`query`, `jobs`); which slices a day has is decided in `day`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.errors import CapExceededError, IncompleteError, NotCoveredError
from genesys_assets.genesys.details.pages import KeyFields, Page
from genesys_assets.genesys.details.progress import Progress
from genesys_assets.genesys.details.slices import Batch, Checkpoint, ExtractionSettings, Sink, SliceFacts
from genesys_assets.genesys.details.source import Source
from genesys_assets.texts import line
from genesys_assets.variables import variable_of
from genesys_assets.windows import Interval, utc_days
from genesys_assets.windows.interval import instant

MOST_NAMED = 5
"""Records that a line of the log, or an error, names."""
ReadSlice = Callable[[Interval, Sink], Awaitable[SliceFacts]]


@dataclass(frozen=True, slots=True)
class SliceReader:
    """Reads slices of a day into its checkpoint, splitting those that hold more than the API pages through.

    Attributes:
        cloud: The session.
        source: What is read.
        day: The day.
        covered_until: The data lake must have every record up to this instant, for a job to be whole.
        checkpoint: Where the documents go.
        read_slice: Reads one slice.
        settings: How to read.
        progress: Counts pages and slices.
        began_at: When the day's reading began, by the session's clock.
        one_page_at_a_time: Held while a page goes into the checkpoint: it takes several times its size there.
    """

    cloud: GenesysCloud
    source: Source
    day: Interval
    covered_until: datetime
    checkpoint: Checkpoint
    read_slice: ReadSlice
    settings: ExtractionSettings
    progress: Progress
    began_at: float
    one_page_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self, interval: Interval) -> None:
        """Read a slice, or its halves."""
        await self._read(interval)
        self.progress.slice_done()

    async def _read(self, interval: Interval) -> None:
        self._stop_late()
        committed = self.checkpoint.committed()
        if interval in committed:
            return
        if any(interval.contains(piece) for piece in committed):  # an earlier attempt has split it
            await self._read_halves(interval, None)
            return
        try:
            facts = await self._read_whole(interval)
        except CapExceededError as error:
            self.checkpoint.abort(interval)
            await self._read_halves(interval, error)
            return
        if facts.job_id is not None and not (facts.available_until and facts.available_until >= self.covered_until):
            raise not_covered(self.day, facts.available_until)
        await asyncio.to_thread(self.checkpoint.commit, interval, facts)

    async def _read_whole(self, interval: Interval) -> SliceFacts:
        active: set[str] = set()
        elsewhere: set[str] = set()
        days = utc_days(interval)

        async def sink(page: Page) -> None:
            self._stop_late()
            batch = self._batch(page)  # before it waits for its turn: it is fetched now
            for fields, document in zip(batch.key_fields, batch.documents, strict=True):
                if document is not None:
                    active.add(fields.key)
                elif not days.holds(fields.start):
                    elsewhere.add(fields.key)
            async with self.one_page_at_a_time:
                await asyncio.to_thread(self.checkpoint.add, interval, batch)
            self.progress.page(len(page.documents))
            if page.repaired:
                self.cloud.log(_repaired(interval, page.repaired))

        facts = await self.read_slice(interval, sink)
        if facts.job_id is None and self.day.contains(interval):
            self._stop_short(interval, facts, elsewhere - active)
        return facts

    def _stop_late(self) -> None:
        """Raise when the day has taken too long: there may always be another page with a little more."""
        if self.cloud.clock() > self.began_at + self.settings.day_seconds:
            raise IncompleteError(
                f"{self.day} was read for {self.settings.day_seconds / 3600:g} hours without coming to "
                "its end: nothing of the day is stored. The next attempt keeps the slices that were read in full."
            )

    def _stop_short(self, interval: Interval, facts: SliceFacts, elsewhere: set[str]) -> None:
        """Raise when too many of what the query lists for a slice of the day were not active on it by their own times.

        They are stored on no day then, if the query lists them for no other; the slice's total counts them. A record
        that began on the slice's day of UTC may be listed for it although it lived on another day: it is stored there.
        """
        expected = facts.fetched if facts.expected is None else facts.expected
        here = facts.fetched - len(elsewhere)
        if elsewhere and not self.settings.is_enough(here, expected):
            raise IncompleteError(
                f"{interval.iso()} has {expected} {self.source.plural} by its totalHits. {facts.fetched} came, of "
                f"which {len(elsewhere)} were not active on {self.day} by their own start and end "
                f"({_named(sorted(elsewhere))}): nothing of the day is stored. Try again later, or ask Genesys Cloud's "
                f"support.{self.settings.how_to_tolerate(here, expected)}"
            )

    async def _read_halves(self, interval: Interval, error: CapExceededError | None) -> None:
        halves = interval.halves()
        if halves is None:
            raise CapExceededError(
                f"{error} A second is the shortest slice: Genesys Cloud cannot page through it, and nothing of "
                f"the day is stored. Read the day by job ({variable_of('source')}=job), or ask Genesys Cloud's support."
            ) from error
        for half in halves:
            await self._read(half)

    def _batch(self, page: Page) -> Batch:
        documents = [
            document if self._is_active(fields, document) else None
            for fields, document in zip(page.key_fields, page.documents, strict=True)
        ]
        return Batch(page.key_fields, documents, self.cloud.now())

    def _is_active(self, fields: KeyFields, document: bytes) -> bool:
        """Tell whether a record belongs to the day (see `activity`); few documents have to be looked into."""
        start, end = fields.start, fields.end
        if self.day.is_lived(start, end):
            return True
        return self.day.nearby().is_lived(start, end) and any(map(self.day.holds, self.source.emissions(document)))


def not_covered(day: Interval, watermark: datetime | None) -> NotCoveredError:
    """Return the error that the data lake does not have all of a day."""
    if watermark is None:
        found = "A page of a job's results does not state its `dataAvailabilityDate`: the data lake may not have"
    else:
        found = f"The data lake has the records up to {shown(watermark)}, not yet"
    return NotCoveredError(
        f"{found} the whole of {day}: run again when it has, let runs wait for it "
        f"longer ({variable_of('availability_seconds')}), or read the day by query ({variable_of('source')}=auto)."
    )


def _repaired(interval: Interval, keys: tuple[str, ...]) -> str:
    """Return the line that names the records of which something could not be read."""
    return (
        f"A page of {interval.iso()} holds what no JSON reader accepts: U+FFFD is in its place in "
        f"{len(keys)} documents ({_named(keys)})."
    )


def _named(keys: Sequence[str]) -> str:
    return ", ".join(map(line, keys[:MOST_NAMED])) + (", ..." if len(keys) > MOST_NAMED else "")


def shown(moment: datetime | None) -> str:
    """Return a watermark for a sentence."""
    return "no known time" if moment is None else instant(moment)
