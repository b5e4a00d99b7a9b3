"""The evidence of a day: all its sections together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from genesys_assets.evidence import questions, shapes
from genesys_assets.evidence.figures import figures
from genesys_assets.evidence.metrics import metrics
from genesys_assets.evidence.stored_day import StoredDay, stored_day
from genesys_assets.genesys import AGGREGATES, ForbiddenError, GenesysCloud
from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.resources import Genesys
from genesys_assets.warehouse import Database

Section = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What a day tells, in counts; docs/verify.md says how to read it.

    Attributes:
        day: The day.
        of_sandbox: Whether it is of the sandbox.
        documents: How many conversations were decoded.
        figures: The marts against the aggregates.
        metrics: Every metric by media type, purpose and direction on both sides.
        shapes: Shapes of records that the tables do not know, or that the sandbox never emits.
        questions: Answers to what is not known of Genesys Cloud.
    """

    day: str
    of_sandbox: bool
    documents: int
    figures: Section
    metrics: Section
    shapes: Section
    questions: Section

    @property
    def differing_figures(self) -> int:
        """Return how many figures of groups differ."""
        return sum(row["groups"] for mart in self.figures.values() for row in mart.get("differing", ()))

    @property
    def differing_metrics(self) -> int:
        """Return how many counts of metrics differ."""
        return sum(row["differs"] for row in self.metrics.get("counts", ()))

    @property
    def missing_permissions(self) -> list[str]:
        """Return the permissions for want of which something was not compared."""
        sections = (*self.figures.values(), self.metrics)
        return sorted({section["permission_missing"] for section in sections if "permission_missing" in section})

    @property
    def is_equal(self) -> bool:
        """Return whether all was compared and nothing differs."""
        return not (self.differing_figures or self.differing_metrics or self.missing_permissions)

    def as_json(self) -> Section:
        """Return what is written to a file."""
        return asdict(self)


def evidence_of(
    database: Database, genesys: Genesys, day: date, zone: ZoneInfo, options: ServiceLevelOptions, folder: Path
) -> Evidence:
    """Count what a stored day tells.

    Args:
        database: Where the day is stored.
        genesys: Whom to ask for the aggregates.
        day: The day.
        zone: The time zone of its days.
        options: The service level's switches as they are set.
        folder: An empty folder for what is worked on.

    Raises:
        NotStoredError: The day is not in the database, or has lost rows.
        GenesysError: Genesys Cloud could not be asked.
    """
    read = stored_day(database, day, zone, folder / "day")
    counted, answers = _asked(genesys, read)
    return Evidence(
        day=str(day),
        of_sandbox=genesys.is_sandbox,
        documents=read.drift.documents,
        figures=figures(read, genesys, options),
        metrics=counted,
        shapes=shapes.unknown(read),
        questions={**questions.recorded(read), **answers},
    )


def _asked(genesys: Genesys, day: StoredDay) -> tuple[Section, Section]:
    """Return the metrics, and the answers to the questions for which the aggregates are asked."""

    async def ask(cloud: GenesysCloud) -> tuple[Section, Section]:
        return await metrics(cloud, day), await questions.asked(cloud, day, day.zone.key)

    try:
        return genesys.run(ask)
    except ForbiddenError:
        return {"permission_missing": AGGREGATES["conversations"].permission}, {}
