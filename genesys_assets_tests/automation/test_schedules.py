from datetime import UTC, datetime

import dagster as dg

from genesys_assets.assembly import build_defs
from genesys_assets.definitions import defs
from genesys_assets.organisation import Organisation

MORNING = datetime(2026, 11, 23, 6, tzinfo=UTC)


def ticked(name: str, at: datetime, **settings: object) -> list[dg.RunRequest]:
    defs = build_defs(Organisation(**settings))
    schedule = defs.resolve_schedule_def(name)
    context = dg.build_schedule_context(scheduled_execution_time=at, repository_def=defs.get_repository_def())
    return list(schedule.evaluate_tick(context).run_requests or [])


def test_settlement_requests_the_days_back_oldest_first() -> None:
    requests = ticked("settlement", MORNING)
    days = ["2026-10-23", "2026-11-15", "2026-11-19", "2026-11-20", "2026-11-21"]
    assert [request.partition_key for request in requests] == days
    assert requests[0].run_key == "2026-10-23@2026-11-23"


def test_settlement_reads_the_days_that_the_organisation_names() -> None:
    requests = ticked("settlement", MORNING, settlement_days=(1, 30))
    assert [request.partition_key for request in requests] == ["2026-10-24", "2026-11-22"]


def test_settlement_leaves_out_days_before_the_first_partition() -> None:
    requests = ticked("settlement", datetime(2026, 1, 4, 6, tzinfo=UTC))
    assert [request.partition_key for request in requests] == ["2026-01-01", "2026-01-02"]


def test_settlement_without_a_partition_says_so() -> None:
    schedule = defs.resolve_schedule_def("settlement")
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 1, 1, 6, tzinfo=UTC))
    result = schedule.evaluate_tick(context)
    assert not result.run_requests
    assert result.skip_message == "None of the days to read is a partition yet."


def test_daily_requests_the_last_closed_day() -> None:
    assert [request.partition_key for request in ticked("daily", MORNING)] == ["2026-11-22"]


def test_directory_is_refreshed_without_a_partition() -> None:
    assert [request.partition_key for request in ticked("directory", MORNING)] == [None]


def test_nothing_runs_until_it_is_switched_on() -> None:
    assert {each.default_status for each in defs.get_repository_def().schedule_defs} == {
        dg.DefaultScheduleStatus.STOPPED
    }
