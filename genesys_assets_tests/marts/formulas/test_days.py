"""Days and intervals: by the instant of emission."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from genesys_assets.marts.formulas.days import emitted_on_its_day
from genesys_assets.marts.formulas.errors import UnknownIntervalError
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.windows.frames import UTC_DAYS
from genesys_assets_tests.marts.staging import Conversation, Session, empty, staged
from genesys_assets_tests.marts.written import table, written


@pytest.mark.parametrize(("minutes", "starts"), [(15, ["07:15", "07:30"]), (30, ["07:00", "07:30"]), (60, ["07:00"])])
def test_an_interval_is_as_long_as_the_setting_says(minutes: int, starts: list[str]) -> None:
    offered = Session("acd", [("nOffered", 1, 449.99), ("tAbandon", 1, 450)], queue="billing")
    rows = queue_performance(staged(Conversation(449, 450, [offered]))["session_metrics"], interval_minutes=minutes)
    assert written(rows, "interval_start") == starts
    assert rows.collect()["interval_minutes"].unique().to_list() == [minutes]


def test_an_interval_of_another_length_is_refused() -> None:
    with pytest.raises(UnknownIntervalError, match="15, 30 or 60 minutes long, not 20"):
        queue_performance(empty()["session_metrics"], interval_minutes=20)


def test_midnight_belongs_to_the_day_that_it_begins() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    emissions = pl.LazyFrame(
        {"partition_date": [date(2026, 11, 20), date(2026, 11, 21)], "emit_date": [midnight, midnight]}
    )
    assert emitted_on_its_day(emissions, UTC_DAYS).collect()["partition_date"].to_list() == [date(2026, 11, 21)]


def test_a_metric_without_a_queue_is_the_agents_alone() -> None:
    dialled = Session("agent", [("tTalkComplete", 60, 601), ("tHandle", 60, 601)], user="ann", direction="outbound")
    day = staged(Conversation(600, 601, [dialled]))
    assert written(queue_performance(day["session_metrics"]), "queue_id") == table("")
