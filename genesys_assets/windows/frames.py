"""The window of a day, for columns: which day an instant belongs to, and when a day starts and ends.

Belongs here: whatever expressions need to know about days. `genesys_assets.windows` does the same for single values,
without polars.
"""

from __future__ import annotations

import polars as pl

from genesys_assets.activity import NEAR


def in_window(instant: str | pl.Expr, day: str = "partition_date") -> pl.Expr:
    """Tell whether an instant lies in the window of its row's day.

    Args:
        instant: A column of instants, or an expression of them.
        day: The column of the day.
    """
    return day_at(instant) == pl.col(day)


def day_at(instant: str | pl.Expr) -> pl.Expr:
    """Return the day in whose window an instant lies."""
    return (pl.col(instant) if isinstance(instant, str) else instant).dt.date()


def window_start(day: str | pl.Expr) -> pl.Expr:
    """Return the first instant of a day's window."""
    days = pl.col(day) if isinstance(day, str) else day
    return days.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def window_end(day: str | pl.Expr) -> pl.Expr:
    """Return the first instant after a day's window."""
    return window_start(day) + pl.duration(days=1)


def lived_near(day: str | pl.Expr) -> pl.Expr:
    """Tell whether a conversation lived in the window of a day, or within `NEAR` of it (see `activity`)."""
    began = pl.col("conversation_start") < window_end(day) + NEAR
    return began & (pl.col("conversation_end").is_null() | (last_instant() >= window_start(day) - NEAR))


def last_instant() -> pl.Expr:
    """Return a conversation's end, never before its start; its start while it is open."""
    return pl.max_horizontal("conversation_start", "conversation_end")
