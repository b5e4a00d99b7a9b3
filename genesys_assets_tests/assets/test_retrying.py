from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from genesys_assets.assets.retrying import UnlessTerminated
from genesys_assets.definitions import defs
from genesys_assets.warehouse import WarehouseIOManager
from genesys_assets.warehouse.errors import DatabaseBusyError, DiskFullError
from genesys_assets_tests.assets.reading import why
from genesys_assets_tests.conftest import DAY, Chain

TWICE = UnlessTerminated(max_retries=2, delay=0)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def attempts(raised: BaseException, instance: dg.DagsterInstance) -> int:
    """How often a step is tried that always raises that."""
    tried = []

    @dg.asset(retry_policy=TWICE)
    def conversations() -> None:
        tried.append(1)
        raise raised

    try:
        dg.materialize([conversations], instance=instance, raise_on_error=False)
    except type(raised):
        assert isinstance(raised, DagsterExecutionInterruptedError | KeyboardInterrupt)
    return len(tried)


@pytest.mark.parametrize("interrupt", [DagsterExecutionInterruptedError(), KeyboardInterrupt()], ids=repr)
def test_a_terminated_run_is_not_tried_again(instance: dg.DagsterInstance, interrupt: BaseException) -> None:
    assert attempts(interrupt, instance) == 1


def test_an_error_that_may_pass_is_tried_again(instance: dg.DagsterInstance) -> None:
    assert attempts(DiskFullError("The disk is full."), instance) == 3


def test_an_error_that_lasts_is_not_tried_again(instance: dg.DagsterInstance) -> None:
    assert attempts(dg.Failure("The schema was refused.", allow_retries=False), instance) == 1


def test_every_asset_is_tried_again_unless_its_run_is_terminated() -> None:
    graph = defs.resolve_asset_graph()
    steps = {key.to_user_string(): graph.get(key).assets_def.op for key in graph.get_all_asset_keys()}
    assert {name for name, step in steps.items() if not isinstance(step.retry_policy, UnlessTerminated)} == set()


@pytest.mark.parametrize("asset", ["staging/session_metrics", "marts/queue_performance"])
def test_a_database_that_is_busy_for_a_while_costs_an_attempt_and_not_the_day(
    chain_on: Callable[..., Chain], sandbox: Any, monkeypatch: pytest.MonkeyPatch, asset: str
) -> None:
    store = WarehouseIOManager.handle_output
    busy = [DatabaseBusyError("Another process holds the database.")]

    def busy_once(self: WarehouseIOManager, context: dg.OutputContext, obj: object) -> None:
        if busy and context.asset_key.to_user_string() == asset:
            raise busy.pop()
        store(self, context, obj)

    monkeypatch.setattr(WarehouseIOManager, "handle_output", busy_once)
    chain = chain_on(sandbox)
    assert chain.run("refresh_directory").success
    result = chain.run("day", DAY)
    assert result.success, why(result)
    assert not busy
    assert chain.table("marts.queue_performance").height
