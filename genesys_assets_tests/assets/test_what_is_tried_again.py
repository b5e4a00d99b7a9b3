"""Which assets are tried again, and that it helps; what is not tried again is told in `test_retries`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from genesys_assets.assets.retries import Retries
from genesys_assets.automation.alerts import failure_of
from genesys_assets.definitions import defs
from genesys_assets.warehouse import WarehouseIOManager
from genesys_assets.warehouse.errors import DatabaseBusyError
from genesys_assets_tests.assets.reading import why
from genesys_assets_tests.conftest import DAY, Chain, with_origins


def test_every_asset_is_tried_again() -> None:
    graph = defs.resolve_asset_graph()
    steps = {key.to_user_string(): graph.get(key).assets_def.op for key in graph.get_all_asset_keys()}
    assert {name for name, step in steps.items() if not isinstance(step.retry_policy, Retries)} == set()


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
    result = chain.make(DAY, with_origins("marts/queue_performance"))
    assert result.success, why(result)
    assert not busy
    assert chain.table("marts.queue_performance").height


@pytest.mark.parametrize(
    ("harm", "job", "said"),
    [
        ("UPDATE raw.conversations SET document = '{}'", "restate_marts", "has no conversationId"),
        ("INSERT INTO directory.queues FROM directory.queues", "restate_marts", "queues holds an id twice"),
    ],
    ids=["a document without an id", "a queue that is listed twice"],
)
def test_what_no_retry_can_mend_ends_its_step_at_once_with_its_sentence(
    stored_day: Chain, harm: str, job: str, said: str
) -> None:
    chain = stored_day
    with chain.database.writing() as connection:
        connection.execute(harm)
    result = chain.run(job, DAY)
    run = chain.instance.get_run_by_id(result.run_id)
    assert run is not None
    failed = next(event for event in result.all_events if event.is_run_failure)
    told = failure_of(run, failed, result.filter_events(lambda event: event.is_step_failure))
    assert said in told.sentence
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]
