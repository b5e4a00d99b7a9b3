"""ReportData of a report, and the report of it, made once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from genesys_assets.reports import CheckNote, Comparison, DataNotes, ReportData, daily_report
from genesys_assets.windows import window_of
from genesys_assets_tests.reports.contact_centre import DAY, history, marts, targets

NOTES = DataNotes(
    source="job",
    complete=True,
    read_at=datetime(2026, 11, 21, 6, 0, tzinfo=UTC),
    conversations=612,
    open_conversations=3,
    checks=(
        CheckNote("raw/conversations", "each_conversation_once", passed=True),
        CheckNote("raw/conversations", "volume", passed=True),
        CheckNote("marts/queue_performance", "matches_genesys_aggregates", passed=True),
    ),
    comparison=Comparison(0),
)


def report_data(*weeks_ago: int) -> ReportData:
    """ReportData of a Friday in Berlin, compared with Fridays so many weeks ago."""
    return ReportData(
        day=DAY,
        window=window_of(DAY, UTC),
        **marts(DAY),
        history=history(*weeks_ago),
        history_days=[DAY - timedelta(weeks=weeks) for weeks in weeks_ago],
        targets=targets,
        notes=NOTES,
        made_at=datetime(2026, 11, 21, 6, 5, tzinfo=UTC),
        zone=ZoneInfo("Europe/Berlin"),
    )


@cache
def page() -> str:
    """The report of it."""
    return daily_report(report_data(1, 2, 3))
