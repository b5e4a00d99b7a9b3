"""Frames written as small tables, so that an expected result can be read."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from genesys_assets_tests.marts.staging import DAY


def written(frame: pl.LazyFrame | pl.DataFrame, columns: str) -> list[str]:
    """The columns of each row as words: `-` for null, seconds for `_ms`, times as 07:30, days as D+1."""
    names = columns.split()
    rows = frame.lazy().select(names).collect().rows()
    return [" ".join(_word(name, value) for name, value in zip(names, row, strict=True)) for row in rows]


def table(text: str) -> list[str]:
    """The rows of an expected table: its lines, spaces between words made one."""
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def _word(name: str, value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ",".join(str(item) for item in value) or "[]"
    if isinstance(value, datetime):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return f"D+{(value - DAY).days}"
    if isinstance(value, int | float) and name.endswith("_ms"):
        return f"{value / 1000:g}"
    return f"{value:g}" if isinstance(value, float) else str(value)
