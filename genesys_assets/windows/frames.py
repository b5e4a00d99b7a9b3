"""The window of a day, for columns: which day an instant belongs to, and when a day starts and ends.

Belongs here: whatever expressions need to know about days. `genesys_assets.windows` does the same for single values,
without polars.
"""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.activity import NEAR
from genesys_assets.windows.days import window_of

UTC_DAYS = ZoneInfo("UTC")
_INSTANT = pl.Datetime("us", "UTC")


def in_window(instant: str | pl.Expr, zone: ZoneInfo, day: str = "partition_date") -> pl.Expr:
    """Tell whether an instant lies in the window of its row's day.

    Args:
        instant: A column of instants, or an expression of them.
        zone: The time zone of the days.
        day: The column of the day.
    """
    return day_at(instant, zone) == pl.col(day)


def day_at(instant: str | pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Return the day in whose window an instant lies."""
    return _expression(instant).dt.convert_time_zone(zone.key).dt.date()


def window_start(day: str | pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Return the first instant of a day's window."""
    return _expression(day).map_batches(partial(_edges, zone=zone, edge="start"), _INSTANT, is_elementwise=True)


def window_end(day: str | pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Return the first instant after a day's window."""
    return _expression(day).map_batches(partial(_edges, zone=zone, edge="end"), _INSTANT, is_elementwise=True)


def lived_near(day: str | pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Tell whether a conversation lived in the window of a day, or within `NEAR` of it (see `activity`)."""
    began = pl.col("conversation_start") < window_end(day, zone) + NEAR
    return began & (pl.col("conversation_end").is_null() | (last_instant() >= window_start(day, zone) - NEAR))


def last_instant() -> pl.Expr:
    """Return a conversation's end, never before its start; its start while it is open."""
    return pl.max_horizontal("conversation_start", "conversation_end")


def _expression(of: str | pl.Expr) -> pl.Expr:
    return pl.col(of) if isinstance(of, str) else of


def _edges(days: pl.Series, zone: ZoneInfo, edge: str) -> pl.Series:
    """Return an edge of the window of each day; a partition has one day, so that few windows are worked out."""
    known = days.unique().drop_nulls()
    edges = [getattr(window_of(day, zone), edge) for day in known]
    return days.replace_strict(known, pl.Series(edges, dtype=_INSTANT), default=None, return_dtype=_INSTANT)
