"""How a number, a time and a day are written, in a page and in a chart's table. Nothing is computed here."""

from __future__ import annotations

from datetime import date, datetime

NOTHING = "–"  # noqa: RUF001 - an en dash is what stands in an empty cell


def count(value: float | None) -> str:
    """Write 1234 as 1,234."""
    return NOTHING if value is None else f"{value:,.0f}"


def number(value: float | None) -> str:
    """Write 1234 as 1,234, and 0.82347 as 0.8235."""
    return count(value) if value is None or float(value).is_integer() else f"{value:,.4f}"


def share(value: float | None) -> str:
    """Write 0.8234 as 82.3%."""
    return NOTHING if value is None else f"{100 * value:.1f}%"


def duration(milliseconds: float | None) -> str:
    """Write 83,000 ms as 1:23; from an hour on as 1:02:03."""
    if milliseconds is None:
        return NOTHING
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def target(share_to_answer: float | None, milliseconds: int | None) -> str:
    """Write 0.8 and 20,000 ms as 80% in 20 s; from two minutes on in minutes."""
    if share_to_answer is None:
        return NOTHING
    return f"{100 * share_to_answer:.0f}%{_within(milliseconds)}"


def day(value: date) -> str:
    """Write a day as Friday 20 November 2026."""
    return f"{value:%A} {value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    """Write a day as 20 Nov."""
    return f"{value.day} {value:%b}"


def instant(value: datetime) -> str:
    """Write an instant as 20 Nov 2026, 07:30 CET."""
    return f"{value.day} {value:%b %Y, %H:%M %Z}"


def change(value: float | None, usual: float | None) -> str:
    """Write 12 instead of 10 as +20%."""
    if value is None or not usual:
        return NOTHING
    return f"{100 * (value - usual) / usual:+.0f}%"


def points(value: float | None, usual: float | None) -> str:
    """Write 0.82 instead of 0.80 as +2.0 points."""
    if value is None or usual is None:
        return NOTHING
    return f"{100 * (value - usual):+.1f} points"


def longer(milliseconds: float | None, usual: float | None) -> str:
    """Write 83,000 instead of 80,000 ms as +3 s."""
    if milliseconds is None or usual is None:
        return NOTHING
    return f"{(milliseconds - usual) / 1000:+,.0f} s"


def _within(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    seconds = milliseconds / 1000
    return f" in {seconds:g} s" if seconds < 120 or seconds % 60 else f" in {seconds / 60:,g} min"  # noqa: PLR2004
