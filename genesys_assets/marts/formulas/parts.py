"""A formula over whole conversations, computed for one part of them after the other, so that memory does not grow.

Belongs here: dividing the conversations of a day. What is computed of them is the formula's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from zoneinfo import ZoneInfo

import polars as pl
from polars.io.plugins import register_io_source

from genesys_assets.windows.frames import UTC_DAYS

CONVERSATIONS_AT_ONCE = 75_000
"""Of 300,000 conversations `interactions` took 844 MB at once. Their whole day took up to 681 MB in parts of
100,000, and 664 MB and 0.4 s more in parts of 75,000 (medians of four runs)."""


def in_parts(
    formula: Callable[..., pl.LazyFrame],
    *,
    at_once: int = CONVERSATIONS_AT_ONCE,
    zone: ZoneInfo = UTC_DAYS,
    **staging: pl.LazyFrame,
) -> pl.LazyFrame:
    """Compute a formula whose rows depend on one conversation each, for so many conversations at once.

    Args:
        formula: Takes staging tables by name; none of its rows may depend on several conversations.
        at_once: How many conversations, about.
        zone: The time zone of the days.
        staging: The staging tables, `conversations` among them; each has `conversation_id`.

    Returns:
        The formula's rows, in no order.
    """
    count = staging["conversations"].select(pl.len()).collect().item()
    parts = max(1, ceil(count / at_once))

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch_rows: int | None
    ) -> Iterator[pl.DataFrame]:
        for part in range(parts):
            of_part = pl.col("conversation_id").hash() % parts == part
            computed = formula(**{table: frame.filter(of_part) for table, frame in staging.items()}, zone=zone)
            wanted = computed if predicate is None else computed.filter(predicate)
            batch = wanted.select(columns or pl.all()).collect(engine="streaming")
            yield batch if rows is None else batch.head(rows)
            rows = None if rows is None else max(0, rows - batch.height)

    return register_io_source(batches, schema=formula(**staging, zone=zone).collect_schema(), is_pure=True)
