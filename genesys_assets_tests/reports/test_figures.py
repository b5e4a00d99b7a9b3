from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.reports import DataNotes, ReportData, comparison_days, figures, headline, targets_of
from genesys_assets.windows import window_of
from genesys_assets_tests.reports.contact_centre import DAY, QUEUES, WRAP_UPS, history, marts, no_marts, targets
from genesys_assets_tests.reports.page import report_data


def test_the_headline_is_made_of_sums() -> None:
    day = headline(marts(DAY)["queue_performance"])
    assert (day.offered, day.answered + day.abandoned) == (600, 600)
    assert day.abandon_rate == day.abandoned / 600


def test_the_headline_of_an_empty_day_has_counts_and_no_ratios() -> None:
    assert headline(no_marts()["queue_performance"]).numbers() == dict.fromkeys(
        ["offered", "answered", "abandoned", "handled"], 0
    )


def test_the_headline_obeys_the_organisations_switches() -> None:
    mart = marts(DAY)["queue_performance"]
    switched = headline(mart, service_level=ServiceLevelOptions(include_abandons_in_calculation=False))
    assert switched.service_level > headline(mart).service_level


def intervals(zone: str = "UTC", **changes: object) -> pl.DataFrame:
    wanted = {"zone": ZoneInfo(zone), **changes}
    return figures.intervals(marts(DAY)["queue_performance"], window_of(DAY, UTC), **wanted)


def test_every_interval_of_the_day_has_a_row_in_order() -> None:
    rows = intervals()
    assert rows["label"].to_list() == [f"{n // 4:02}:{n % 4 * 15:02}" for n in range(96)]
    assert rows["offered"].sum() == 600
    assert rows["service_level"].null_count() > 0


def test_times_are_those_of_the_zone() -> None:
    assert intervals("Asia/Kolkata")["label"].to_list()[:2] == ["05:30", "05:45"]


def test_an_hour_that_comes_twice_has_its_rows_twice() -> None:
    autumn = date(2026, 10, 25)
    rows = figures.intervals(
        marts(autumn, 40)["queue_performance"], window_of(autumn, UTC), zone=ZoneInfo("Europe/Berlin")
    )
    assert rows.height == 96
    assert rows["label"].to_list().count("02:30") == 2
    assert rows["offered"].sum() == 40


def test_the_usual_day_is_the_mean_of_those_that_are_stored_one_without_interactions_too() -> None:
    rows = intervals(history=history(1, 3), history_days=3)
    assert rows["usual_offered"].sum() == pytest.approx((575 + 525 + 0) / 3)
    assert rows["usual_offered"].null_count() == 0


def test_without_earlier_days_there_is_no_usual_day() -> None:
    assert intervals()["usual_offered"].null_count() == 96


def test_queues_come_with_target_and_whether_it_was_met() -> None:
    rows = {row["queue"]: row for row in figures.queues(report_data()).to_dicts()}
    assert set(rows) == {queue.name for queue in QUEUES}
    assert (rows["Sales"]["target_met"], rows["Technical Support"]["target_met"]) == (True, False)
    assert rows["Sales"]["service_level_target"] == 0.9


def test_a_queue_without_target_neither_meets_nor_misses_it() -> None:
    rows = figures.queues(replace(report_data(), targets=targets.filter(pl.col("queue_id") != "q1")))
    assert rows.filter(queue="Billing").select("service_level_target", "target_met").row(0) == (None, None)


def test_a_queue_that_the_directory_has_not_goes_by_its_id() -> None:
    nameless = marts(DAY)["queue_performance"].with_columns(queue_name=pl.lit(None, dtype=pl.String))
    rows = figures.queues(replace(report_data(), queue_performance=nameless))
    assert set(rows["queue"]) == {queue.id for queue in QUEUES}


def test_the_shares_of_the_handle_time_add_up_to_it() -> None:
    for rows in (figures.queues(report_data()), figures.agents(report_data())):
        parts = rows.select(pl.sum_horizontal("talk_ms", "hold_ms", "after_call_work_ms", "dialling_ms")).to_series()
        assert parts.to_list() == pytest.approx(rows["average_handle_time_ms"].to_list())


def test_agents_come_by_name_over_all_queues() -> None:
    rows = figures.agents(report_data())
    assert rows["agent"].to_list() == sorted(rows["agent"].to_list())
    assert rows["handled"].sum() == headline(report_data().queue_performance).handled


def test_wrap_ups_come_by_frequency_with_those_that_have_none() -> None:
    rows = figures.wrap_ups(report_data())
    assert set(rows["wrap_up"]) == {*WRAP_UPS, figures.NO_WRAP_UP}
    assert rows["handled"].to_list() == sorted(rows["handled"].to_list(), reverse=True)
    assert rows["share"].sum() == pytest.approx(1)


def test_the_values_of_an_outcome_share_it_among_them() -> None:
    rows = figures.flow_outcomes(report_data())
    assert rows["outcomes"].sum() == 600
    assert rows.group_by("flow", "outcome").agg(pl.col("rate").sum())["rate"].to_list() == pytest.approx([1.0] * 4)


def test_flows_count_executions_not_outcomes() -> None:
    assert figures.flows(report_data())["executions"].sum() == 600


def test_weeks_name_the_days_that_are_missing() -> None:
    rows = figures.weeks(report_data(1, 4))
    assert rows["partition_date"].to_list() == [DAY, *comparison_days(DAY)]
    assert rows["missing"].to_list() == [False, False, True, True, False]
    assert rows["offered"].to_list() == [600, 575, None, None, 500]


def test_a_stored_day_without_interactions_is_not_called_missing() -> None:
    rows = figures.weeks(replace(report_data(1), history_days=comparison_days(DAY)[:2]))
    assert rows["missing"].to_list() == [False, False, False, True, True]
    assert rows["offered"].to_list() == [600, 575, 0, None, None]
    assert rows["service_level"].null_count() == 3


def test_the_usual_counts_are_means_over_the_days_that_are_stored() -> None:
    assert figures.usual(report_data(1, 4))["offered"] == (575 + 500) / 2
    assert set(figures.usual(report_data()).values()) == {None}


def test_the_usual_ratios_are_made_of_the_sums_of_those_days() -> None:
    unequal = pl.concat([history(1), marts(DAY - timedelta(weeks=2), 50)["queue_performance"]])
    usual = figures.usual(replace(report_data(1, 2), history=unequal))
    together = headline(unequal)
    assert usual["abandon_rate"] == together.abandoned / together.offered
    assert usual["average_handle_time_ms"] == together.average_handle_time_ms


def test_targets_stand_for_each_media_that_has_one() -> None:
    queues = pl.DataFrame(
        {
            "id": ["q1", "q2"],
            "voice_service_level_percentage": [0.8, None],
            "voice_service_level_duration_ms": [20_000, None],
            "chat_service_level_percentage": [0.7, 0.9],
            "chat_service_level_duration_ms": [60_000, 30_000],
        }
    )
    assert sorted(targets_of(queues).rows()) == [
        ("q1", "chat", 0.7, 60_000),
        ("q1", "voice", 0.8, 20_000),
        ("q2", "chat", 0.9, 30_000),
    ]


def test_an_empty_day_has_every_table_empty() -> None:
    empty = ReportData(
        day=DAY,
        window=window_of(DAY, UTC),
        **no_marts(),
        history=history(),
        history_days=[],
        targets=targets,
        notes=DataNotes(),
        made_at=datetime.now(UTC),
    )
    tables = (figures.queues, figures.agents, figures.wrap_ups, figures.flows, figures.flow_outcomes)
    assert [table(empty).height for table in tables] == [0] * 5
