"""The documented SQL for a day of another zone: exact, whatever the zone of the partitions, when clocks change too."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from genesys_assets.marts import MARTS
from genesys_assets.windows import day_at

PAGE = Path(__file__).parents[1] / "docs" / "business-day.md"
CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Los_Angeles": ("2026-03-08", "2026-11-01"),
    "Asia/Kolkata": ("2026-03-29", "2026-10-25"),
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),
    "Australia/Sydney": ("2026-04-05", "2026-10-04"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
    "America/St_Johns": ("2026-03-08", "2026-11-01"),
    "Pacific/Apia": ("2026-04-05", "2026-09-27"),
}
"""Days on which the clocks of sites change, or of their neighbours where theirs never do."""
OF_A_DAY, BY_HOUR = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def emitted_around(day: date) -> list[datetime]:
    """Instants of three days on either side of a day, many of them at midnights and quarters of an hour."""
    random = Random(7)  # noqa: S311 - made to look random, not to be secret
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=3)
    quarters = [start + timedelta(minutes=15 * quarter) for quarter in range(7 * 96)]
    return quarters + [start + timedelta(seconds=random.randrange(7 * 86_400)) for _ in range(500)]


def stored(instants: list[datetime], partitions: ZoneInfo, file: Path) -> duckdb.DuckDBPyConnection:
    """A database with the queue's figures, an interaction offered at each instant, in partitions of a zone."""
    rows = [
        {"partition_date": day_at(at, partitions), "emit_date": at, "name": "nOffered", "value": 1, "queue_id": "q"}
        for at in instants
    ]
    metrics = pl.LazyFrame(rows).with_columns(media_type=pl.lit("voice"), direction=pl.lit("inbound"))
    mart = MARTS["queue_performance"].compute(metrics, zone=partitions).with_columns(queue_name=pl.lit("Queue"))
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    mart.sink_parquet(file)
    connection.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.queue_performance AS FROM read_parquet('{file}')")
    return connection


@pytest.mark.parametrize("partitions", ["UTC", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize(("site", "changes"), CHANGES.items())
def test_a_day_of_any_site_is_exact_at_both_changes_of_the_clocks(
    site: str, changes: tuple[str, str], partitions: str, tmp_path: Path
) -> None:
    zone = ZoneInfo(site)
    for change in map(date.fromisoformat, changes):
        instants = emitted_around(change)
        with stored(instants, ZoneInfo(partitions), tmp_path / "mart.parquet") as connection:
            for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
                asked = OF_A_DAY.replace("Asia/Kolkata", site).replace("2026-11-20", str(day))
                [(name, offered, *_)] = connection.execute(asked).fetchall()
                assert (name, offered) == ("Queue", sum(day_at(at, zone) == day for at in instants))
            by_hour = connection.execute(BY_HOUR.replace("Asia/Kolkata", site)).fetchall()
        local = [at.astimezone(zone) for at in instants]
        expected = {(at.date(), at.hour): 0 for at in local}
        for at in local:
            expected[at.date(), at.hour] += 1
        assert {(day, hour): offered for day, hour, offered in by_hour} == expected
