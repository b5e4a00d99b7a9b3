"""The columns that tell the rows of several marts apart: day, queue, media, conversation; and what is told of a column.

What belongs here: columns of more than one mart. What is counted or timed is `formulas.measures`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import dataframely as dy
import polars as pl


def told(*made_of: str, formula: str = "", view: str = "-") -> dict[str, Any]:
    """Return what a column's metadata tells of it, where its name and its measures do not.

    Args:
        made_of: Columns of staging that it is made of: 'segments.queue_id'. Not needed where one of the mart's inputs
            has a column of the same name.
        formula: How it is computed, for docs/metrics.md: of a figure that is no measure.
        view: How the Genesys Cloud Performance views call that figure.
    """
    return {"made_of": made_of, "formula": formula, "view": view}


class MartRows(dy.Schema):
    """One row per combination of the columns of its grain, which may be null: a metric may stand on no queue."""

    partition_date = dy.Date(
        description="Business day, by the organisation's clocks, on which the metrics were emitted."
    )

    grain: ClassVar[tuple[str, ...]] = ("partition_date",)

    @classmethod
    def primary_key(cls) -> list[str]:
        """Return the columns whose combination is unique; unlike dataframely's own, they may be null."""
        return list(cls.grain)

    @dy.rule()
    def one_row_per_grain(cls) -> pl.Expr:  # noqa: N805 - dataframely hands a rule its class
        """Require that no combination of the grain's columns occurs twice."""
        return pl.struct(cls.primary_key()).is_unique()


class OnQueues(dy.Schema):
    """Which queue."""

    queue_id = dy.String(nullable=True, description="Queue of the session's segment that holds the metric's instant.")


class ByMedia(dy.Schema):
    """Which media, of the session."""

    media_type = dy.String(nullable=True, description="Media of the session: voice, chat, email, message, callback...")


class ByDirection(ByMedia):
    """Which media and direction, both of the session."""

    direction = dy.String(nullable=True, description="Direction of the session's leg: inbound or outbound.")


class ConversationRows(MartRows):
    """Which conversation."""

    conversation_id = dy.String(description="Conversation.")
    conversation_start = dy.Datetime(nullable=True, time_zone="UTC", time_unit="us", description="When it began, UTC.")

    grain = ("partition_date", "conversation_id")


class ConversationFacts(dy.Schema):
    """What is known of the whole conversation."""

    originating_direction = dy.String(nullable=True, description="Original direction: inbound or outbound.")
    division_ids = dy.List(dy.String(), nullable=True, description="Divisions associated with it.")
    media_type = dy.String(nullable=True, description="Media of its first session.")
