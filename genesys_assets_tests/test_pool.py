"""The share that a run has of Genesys Cloud, by the limits of a real Dagster instance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import dagster as dg
import pytest

from genesys_assets.genesys import GenesysCloud, data_availability
from genesys_assets.pool import API_POOL, runs_at_once
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.sources import CONVERSATIONS
from genesys_assets_tests.conftest import Hurried


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def instance(stack: ExitStack, default_limit: int | None, limit: int | None = None) -> dg.DagsterInstance:
    """A Dagster instance with such a default limit of pools in its dagster.yaml, and one set for ours in the UI."""
    pools = {"pools": {"default_limit": default_limit}} if default_limit is not None else {}
    made = stack.enter_context(dg.instance_for_test(overrides={"concurrency": pools} if pools else None))
    if limit is not None:
        made.event_log_storage.set_concurrency_slots(API_POOL, limit)
    return made


@pytest.mark.parametrize(
    ("default_limit", "limit", "runs"),
    [
        pytest.param(None, None, 1, id="no limit known"),
        pytest.param(2, None, 2, id="the default of all pools"),
        pytest.param(2, 5, 5, id="the pool's own before the default"),
        pytest.param(None, 3, 3, id="the pool's own alone"),
        pytest.param(2, 0, 2, id="a pool that is closed just now"),
    ],
)
def test_how_many_runs_there_may_be(stack: ExitStack, default_limit: int | None, limit: int | None, runs: int) -> None:
    assert runs_at_once(instance(stack, default_limit, limit)) == runs


def test_a_default_limit_that_was_changed_since_the_pool_was_used_counts(stack: ExitStack) -> None:
    used = instance(stack, 2)
    used.event_log_storage.initialize_concurrency_limit_to_default(API_POOL)
    assert runs_at_once(used) == 2


def in_run(on: dg.DagsterInstance, genesys: Genesys) -> tuple[int, int]:
    """Pace, and jobs at once, of the resource in a run on that instance."""
    told: list[tuple[int, int]] = []

    @dg.asset
    def asks(genesys: Genesys) -> None:
        told.append((genesys.pace, genesys.extraction.jobs_at_once))

    assert dg.materialize([asks], instance=on, resources={"genesys": genesys}).success
    return told[0]


def test_a_run_takes_its_share(stack: ExitStack) -> None:
    assert in_run(instance(stack, 2), Genesys(requests_per_minute=300)) == (150, 1)


def test_a_run_alone_takes_all(stack: ExitStack) -> None:
    assert in_run(instance(stack, None), Genesys(requests_per_minute=300)) == (300, 2)
    assert in_run(instance(stack, 1), Genesys(requests_per_minute=300)) == (300, 2)


def test_a_share_is_never_nothing(stack: ExitStack) -> None:
    assert in_run(instance(stack, 16), Genesys(requests_per_minute=10)) == (1, 1)


def test_a_sensor_and_a_command_share_with_nobody(stack: ExitStack) -> None:
    genesys = Genesys(requests_per_minute=300)

    @dg.sensor(job_name="none")
    def looks(context: dg.SensorEvaluationContext, genesys: Genesys) -> dg.SkipReason:
        return dg.SkipReason(f"{genesys.pace}, {genesys.extraction.jobs_at_once}")

    context = dg.build_sensor_context(instance(stack, 2), resources={"genesys": genesys})
    assert looks.evaluate_tick(context).skip_message == "300, 2"
    assert genesys.pace == 300


def test_the_requests_of_a_run_keep_to_its_share(stack: ExitStack) -> None:
    url = stack.enter_context(serve(Sandbox(requests_per_minute=None)))
    shared = Hurried(client_id="sandbox", client_secret="sandbox", api_url=url, login_url=url, requests_per_minute=4)
    time = Hurried._time

    async def four_requests(cloud: GenesysCloud) -> None:
        for _ in range(4):
            await data_availability(cloud, CONVERSATIONS)

    @dg.asset
    def asks(genesys: Genesys) -> None:
        genesys.run(four_requests)

    began = time.clock()
    assert dg.materialize([asks], instance=instance(stack, 2), resources={"genesys": shared}).success
    assert time.clock() - began >= 60, "four requests, two a minute"
