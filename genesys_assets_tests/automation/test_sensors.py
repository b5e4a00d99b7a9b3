from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemotePartitionSetOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.remote_representation.external_data import partition_set_snap_name_for_job_name
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from genesys_assets.assets.recorded import QUEUE_PERFORMANCE, RAW
from genesys_assets.automation import sensors
from genesys_assets.definitions import defs
from genesys_assets.genesys import ConfigurationError, TransientError
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets_tests.conftest import DAILY

TODAY = datetime.now(UTC).date()
WEEK = [str(TODAY - timedelta(days=back)) for back in range(7, 0, -1)]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def organisation(servers: ExitStack, client_id: str = "sandbox", **settings: object) -> Genesys:
    """Genesys Cloud over HTTP."""
    url = servers.enter_context(serve(Sandbox(**settings)))  # type: ignore[arg-type]
    return Genesys(client_id=client_id, client_secret="sandbox", api_url=url, login_url=url)


def tick(instance: dg.DagsterInstance, genesys: Genesys | None = None, cursor: str | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance,
        cursor,
        repository_def=defs.get_repository_def(),
        resources={"genesys_assets_genesys": genesys or Genesys()},
    )
    result = sensors.conversations_available(Organisation(), DAILY)(context)
    assert isinstance(result, dg.SensorResult)
    return result


def requested(result: dg.SensorResult) -> list[str | None]:
    return [request.partition_key for request in result.run_requests or []]


def store(instance: dg.DagsterInstance, *days: str, state: str = "complete", figures: bool = True) -> None:
    for each in days:
        instance.report_runless_asset_event(dg.AssetMaterialization(RAW, partition=each, metadata={"state": state}))
        if figures:
            instance.report_runless_asset_event(dg.AssetMaterialization(QUEUE_PERFORMANCE, partition=each))


def start(
    instance: dg.DagsterInstance, tags: Mapping[str, str], job: str = "day", *selection: str, **run: object
) -> dg.DagsterRun:
    keys = frozenset(dg.AssetKey(key.split("/")) for key in selection) or None
    return instance.add_run(
        dg.DagsterRun(
            job_name=job, tags=dict(tags), asset_selection=keys, **{"status": dg.DagsterRunStatus.STARTED, **run}
        )  # type: ignore[arg-type]
    )


def test_the_oldest_days_that_are_not_there_are_requested(instance: dg.DagsterInstance) -> None:
    store(instance, WEEK[0], WEEK[2])
    result = tick(instance)
    assert requested(result) == [WEEK[1], WEEK[3], WEEK[4]]
    assert all(request.tags["dagster/priority"] == "1" for request in result.run_requests or [])


def test_a_provisional_day_is_requested(instance: dg.DagsterInstance) -> None:
    store(instance, *WEEK[:-1])
    store(instance, WEEK[-1], state="provisional")
    assert requested(tick(instance)) == [WEEK[-1]]


def test_a_day_whose_figures_failed_is_requested(instance: dg.DagsterInstance) -> None:
    store(instance, *WEEK)
    store(instance, WEEK[-1], figures=False)
    result = tick(instance)
    assert requested(result) == [WEEK[-1]]
    assert not result.skip_reason


def test_a_day_read_by_query_since_it_is_covered_is_not_requested_again(instance: dg.DagsterInstance) -> None:
    genesys = Genesys(source="query")
    cursor = tick(instance, genesys).cursor
    store(instance, *WEEK, state="provisional")
    assert requested(tick(instance, genesys, cursor)) == []


@pytest.mark.parametrize(
    ("run", "blocks"),
    [
        pytest.param(({sensors.PARTITION: WEEK[0]}, "day"), True, id="the job day"),
        pytest.param(({sensors.PARTITION: WEEK[0]}, "restate_marts"), False, id="a job that does not read"),
        pytest.param(
            ({sensors.PARTITION: WEEK[0]}, "__ASSET_JOB", "raw/conversations"), True, id="from the asset's page"
        ),
        pytest.param(
            ({sensors.PARTITION: WEEK[0]}, "__ASSET_JOB", "marts/queue_performance"), False, id="a mart alone"
        ),
        pytest.param(
            ({sensors.RANGE_START: "2026-11-01", sensors.RANGE_END: WEEK[0]}, "__ASSET_JOB", "raw/conversations"),
            True,
            id="a range of a backfill",
        ),
        pytest.param(({sensors.PARTITION: WEEK[1]}, "day"), False, id="another day"),
    ],
)
def test_a_day_that_a_run_is_reading_is_not_requested(
    instance: dg.DagsterInstance, run: tuple[Mapping[str, str], str], blocks: bool
) -> None:
    start(instance, *run)
    assert (WEEK[0] not in requested(tick(instance))) is blocks


@pytest.mark.filterwarnings("ignore:Function `AssetSelection.sources`:DeprecationWarning")  # Dagster calls it itself
@pytest.mark.parametrize(
    ("asset", "blocks"), [("raw/conversations", True), ("marts/queue_performance", False)], ids=["raw", "a mart alone"]
)
def test_a_day_that_a_backfill_is_going_to_read_is_not_requested(
    instance: dg.DagsterInstance, asset: str, blocks: bool
) -> None:
    instance.add_backfill(
        PartitionBackfill.from_asset_partitions(
            backfill_id="waiting",
            asset_graph=defs.resolve_asset_graph(),
            partition_names=WEEK[:2],
            asset_selection=[dg.AssetKey(asset.split("/"))],
            backfill_timestamp=datetime.now(UTC).timestamp(),
            tags={},
            dynamic_partitions_store=instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )
    )
    assert requested(tick(instance)) == (WEEK[2:5] if blocks else WEEK[:3])


@pytest.mark.parametrize(("job", "blocks"), [("day", True), ("restate_marts", False)])
def test_a_backfill_of_a_job_that_reads_blocks_its_days_and_another_does_not(
    instance: dg.DagsterInstance, job: str, blocks: bool
) -> None:
    location = ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name="genesys_assets.definitions"))
    instance.add_backfill(
        PartitionBackfill(
            backfill_id="waiting",
            status=BulkActionStatus.REQUESTED,
            from_failure=False,
            tags={},
            backfill_timestamp=datetime.now(UTC).timestamp(),
            partition_set_origin=RemotePartitionSetOrigin(
                repository_origin=RemoteRepositoryOrigin(location, "__repository__"),
                partition_set_name=partition_set_snap_name_for_job_name(job),
            ),
            partition_names=WEEK[:2],
        )
    )
    assert requested(tick(instance)) == (WEEK[2:5] if blocks else WEEK[:3])


def test_a_run_that_has_ended_blocks_nothing(instance: dg.DagsterInstance) -> None:
    start(instance, {sensors.PARTITION: WEEK[0]}, status=dg.DagsterRunStatus.FAILURE)
    assert requested(tick(instance))[0] == WEEK[0]


def test_the_next_tick_goes_on_after_the_days_requested(instance: dg.DagsterInstance) -> None:
    first = tick(instance)
    assert requested(tick(instance, cursor=first.cursor)) == WEEK[3:6]


def test_all_there_is_a_skip(instance: dg.DagsterInstance) -> None:
    store(instance, *WEEK)
    result = tick(instance)
    assert not result.run_requests
    assert "Every day that it covers is stored." in str(result.skip_reason)


def test_without_coverage_the_skip_tells_the_lag(instance: dg.DagsterInstance, servers: ExitStack) -> None:
    result = tick(instance, organisation(servers, availability_lag=timedelta(days=9)))
    assert not result.run_requests
    assert "9 days, 0:00:00" in str(result.skip_reason)
    assert f"Not covered yet: {', '.join(WEEK)}." in str(result.skip_reason)


def test_an_api_that_refuses_fails_the_tick_with_a_sentence(instance: dg.DagsterInstance, servers: ExitStack) -> None:
    with pytest.raises(ConfigurationError, match="check GENESYSCLOUD_OAUTHCLIENT_ID"):
        tick(instance, organisation(servers, client_id="wrong"))


def test_an_api_that_does_not_answer_fails_the_tick(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, servers: ExitStack
) -> None:
    monkeypatch.setattr(sensors, "ANSWER_SECONDS", 0)
    with pytest.raises(TransientError, match="the next tick asks again"):
        tick(instance, organisation(servers))


def test_nothing_runs_until_it_is_switched_on() -> None:
    assert {sensor.default_status for sensor in sensors.sensors(Organisation(), DAILY)} == {
        dg.DefaultSensorStatus.STOPPED
    }
    assert defs.resolve_sensor_def("conversations_available").job_name == "day"
