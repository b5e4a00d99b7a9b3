from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from genesys_assets.exports import LATEST_PATH, Destination, latest_day, publish_latest
from genesys_assets.exports.latest import LatestDay
from genesys_assets.marts import ServiceLevelOptions
from genesys_assets_tests.reports.contact_centre import DAY, QUEUES, marts, no_marts

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def latest(day: date = DAY) -> LatestDay:
    return latest_day(marts(DAY)["queue_performance"].with_columns(partition_date=pl.lit(day)), day, now=NOW)


def published(destination: Destination) -> dict[str, object]:
    content = destination.read(LATEST_PATH)
    assert content is not None
    return json.loads(content)


def test_a_later_day_replaces_an_earlier_one(destination: Destination) -> None:
    assert publish_latest(destination, latest(DAY))
    assert publish_latest(destination, latest(DAY + timedelta(days=1)))
    assert published(destination)["partition_date"] == "2026-11-21"


def test_the_same_day_replaces_itself(destination: Destination) -> None:
    assert publish_latest(destination, latest())
    assert publish_latest(destination, latest())


def test_an_earlier_day_never_replaces_a_later_one(destination: Destination) -> None:
    publish_latest(destination, latest(DAY))
    assert not publish_latest(destination, latest(DAY - timedelta(days=1)))
    assert published(destination)["partition_date"] == "2026-11-20"


def test_days_published_at_the_same_time_leave_the_latest(destination: Destination) -> None:
    days = [DAY + timedelta(days=n) for n in (2, 0, 3, 1, 4)]
    threads = [threading.Thread(target=publish_latest, args=(destination, latest(day))) for day in days]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert published(destination)["partition_date"] == "2026-11-24"


def test_a_file_that_is_no_such_document_is_replaced(destination: Destination) -> None:
    destination.write(LATEST_PATH, b"not JSON")
    assert publish_latest(destination, latest())


def test_the_document_has_exactly_the_documented_fields(destination: Destination) -> None:
    publish_latest(destination, latest())
    document = published(destination)
    figures = [
        "offered",
        "answered",
        "abandoned",
        "handled",
        "service_level",
        "abandon_rate",
        "average_speed_of_answer_ms",
        "average_handle_time_ms",
    ]
    assert list(document) == ["version", "partition_date", "organisation", "written_at", "state", "total", "queues"]
    assert (document["version"], document["written_at"]) == (1, "2026-11-21T01:00:00Z")
    assert sorted(document["total"]) == sorted(figures)
    assert sorted(document["queues"][0]) == sorted([*figures, "queue_id", "queue_name"])


def test_each_queue_stands_once_with_its_name_the_busiest_first() -> None:
    queues = latest().queues
    assert {queue.queue_id: queue.queue_name for queue in queues} == {queue.id: queue.name for queue in QUEUES}
    assert [queue.offered for queue in queues] == sorted((queue.offered for queue in queues), reverse=True)


def test_the_total_is_the_sum_of_the_queues() -> None:
    document = latest()
    assert document.total.offered == sum(queue.offered for queue in document.queues) == 600
    assert document.total.answered + document.total.abandoned == 600


def test_the_service_level_obeys_the_organisations_switches() -> None:
    mart = marts(DAY)["queue_performance"]
    without = ServiceLevelOptions(include_abandons_in_calculation=False)
    plain, switched = (latest_day(mart, DAY, service_level=options, now=NOW).total for options in (None, without))
    within = plain.service_level * (plain.answered + plain.abandoned)
    assert switched.service_level == pytest.approx(within / plain.answered, abs=1e-3)


def test_a_day_without_interactions_has_zeros_and_nulls() -> None:
    document = latest_day(no_marts()["queue_performance"], DAY, now=NOW)
    assert (document.total.offered, document.total.service_level, document.queues) == (0, None, [])


def test_the_document_is_small_enough_for_a_data_action(destination: Destination) -> None:
    publish_latest(destination, latest())
    assert len(destination.read(LATEST_PATH) or b"") < 500 * len(QUEUES)
