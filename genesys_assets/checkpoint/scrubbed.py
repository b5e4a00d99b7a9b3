"""`ScrubbedCheckpoint`: a checkpoint that keeps documents as they may be stored, not as they were received.

What belongs here: the seam between what is read and what is kept. What is scrubbed from a document is handed in, and
belongs to `genesys_assets.privacy`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import msgspec

from genesys_assets.errors import ProjectError
from genesys_assets.genesys import Batch, Bound, Checkpoint, Counts, Interval, InvalidPageError, Plan, SliceFacts
from genesys_assets.texts import line


class ScrubbedCheckpoint:
    """Implements `genesys.Checkpoint` over another one, to which no document comes as it was received.

    Args:
        checkpoint: Where documents are kept.
        scrub: A document as received to the document as it may be kept; raises ValueError, with a text that holds
            nothing of the document, where it cannot.
        mark: Identifies how documents are scrubbed. What was kept under another mark is read again, so that a retry
            after a change of settings does not mix the two.
    """

    def __init__(self, checkpoint: Checkpoint, scrub: Callable[[bytes], bytes], mark: str) -> None:
        self._checkpoint = checkpoint
        self._scrub = scrub
        self._suffix = f", scrubbed {mark}"

    def plan(self) -> Plan | None:
        """Return the plan by which the checkpoint is filled; None when it is empty or was scrubbed differently."""
        plan = self._checkpoint.plan()
        if plan is None or not plan.method.endswith(self._suffix):
            return None
        return msgspec.structs.replace(plan, method=plan.method.removesuffix(self._suffix))

    def start(self, plan: Plan) -> None:
        """Continue with what is there if it was read by the same plan and scrubbed alike; otherwise start afresh."""
        self._checkpoint.start(msgspec.structs.replace(plan, method=plan.method + self._suffix))

    def committed(self) -> Mapping[Interval, SliceFacts]:
        """Return the slices that were read in full, with their facts."""
        return self._checkpoint.committed()

    def add(self, interval: Interval, batch: Batch) -> None:
        """Scrub records of a slice and add them.

        Raises:
            InvalidPageError: A document cannot be scrubbed.
        """
        documents: list[bytes | None] = []
        for fields, document in zip(batch.key_fields, batch.documents, strict=True):
            try:
                documents.append(None if document is None else self._scrub(document))
            except ProjectError as error:
                where = f"It is the record {line(fields.key)} of {interval.iso()}."
                raise InvalidPageError(f"{error} {where} Nothing of the day is stored.") from None
        self._checkpoint.add(interval, replace(batch, documents=documents))

    def commit(self, interval: Interval, facts: SliceFacts) -> None:
        """Declare a slice read in full."""
        self._checkpoint.commit(interval, facts)

    def abort(self, interval: Interval) -> None:
        """Forget what was added of a slice that will not be committed."""
        self._checkpoint.abort(interval)

    def counts(self, totalled: Interval, totalled_by: Iterable[Bound]) -> Counts:
        """Count what the committed slices hold, and which of it the query's total of an interval counts."""
        return self._checkpoint.counts(totalled, totalled_by)

    def inconsistent(self) -> int:
        """Count the records that came with only one of two slices though their lifetime spans both."""
        return self._checkpoint.inconsistent()

    def discard(self) -> None:
        """Forget everything."""
        self._checkpoint.discard()
