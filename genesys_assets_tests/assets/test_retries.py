"""Retries and interrupts under Dagster: what passes is tried again, a terminated run ends and is not."""

import os
import signal
from collections.abc import Callable

import dagster as dg
import pytest

from genesys_assets.assets.retries import Retries
from genesys_assets.sandbox import Sandbox
from genesys_assets_tests.assets.reading import why
from genesys_assets_tests.conftest import DAY, NOW

AT_ONCE = Retries(max_retries=3, delay=0)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def interrupt_a_query() -> None:
    """What DuckDB makes of an interrupt in the middle of a query."""
    try:
        interrupt()
    except BaseException as interrupted:
        raise RuntimeError("Query interrupted") from interrupted


class Keeper(dg.IOManager):
    """Does something whenever it is to keep an output."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        self._act()

    def load_input(self, context: dg.InputContext) -> None:
        """Nothing is loaded."""


def attempts(body: Callable[[], None], keeping: Callable[[], None] = lambda: None) -> tuple[int, int]:
    """How often an asset is begun, and how often it is put up for a retry."""

    @dg.asset(retry_policy=AT_ONCE)
    def thing() -> int:
        body()
        return 1

    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"io_manager": Keeper(keeping)}
        result = dg.materialize([thing], resources=resources, instance=instance, raise_on_error=False)
    kinds = [event.event_type_value for event in result.all_events]
    return kinds.count("STEP_START") + kinds.count("STEP_RESTARTED"), kinds.count("STEP_UP_FOR_RETRY")


@pytest.mark.parametrize("act", [interrupt, interrupt_a_query])
def test_an_interrupted_step_is_not_tried_again(act):
    assert attempts(act) == (1, 0)


@pytest.mark.parametrize("act", [interrupt, interrupt_a_query])
def test_a_step_that_is_interrupted_while_it_is_stored_is_not_tried_again(act):
    assert attempts(lambda: None, keeping=act) == (1, 0)


def test_what_may_pass_is_tried_again():
    def fail() -> None:
        raise dg.Failure("It may pass.")

    assert attempts(fail) == (4, 3)
    assert attempts(lambda: None, keeping=fail) == (4, 3)


def test_every_policy_of_the_project_lets_a_terminated_run_end(chain):
    graph = chain.defs.resolve_implicit_global_asset_job_def().graph
    policies = {node.name: node.definition.retry_policy for node in graph.nodes if node.definition.retry_policy}
    assert "raw__conversations" in policies
    assert {name for name, policy in policies.items() if not isinstance(policy, Retries)} == set()


class TerminatedByAPoll(Sandbox):
    """A contact centre whose job runs for ever; the run that asks for its state is terminated."""

    instance: dg.DagsterInstance

    def record(self, call, status) -> None:
        super().record(call, status)
        if call.method == "GET" and "details/jobs/" in call.path and "availability" not in call.path:
            for run in self.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
                self.instance.report_run_canceling(run)
                os.kill(os.getpid(), signal.SIGINT)


def test_a_run_that_is_terminated_in_mid_reading_is_canceled_with_its_jobs_and_stores_nothing(chain_on):
    sandbox = TerminatedByAPoll(conversations_per_day=30, now=lambda: NOW, requests_per_minute=None, job_seconds=1e9)
    chain = chain_on(sandbox, source="job")
    sandbox.instance = chain.instance
    result = chain.fetch(DAY)
    asked = [f"{request.method} {request.path.rpartition('/details/')[2]}" for request in sandbox.requests]
    submitted, cancelled = asked.count("POST jobs"), sum(each.startswith("DELETE jobs/") for each in asked)
    assert chain.instance.get_run_by_id(result.run_id).status == dg.DagsterRunStatus.CANCELED
    assert cancelled == submitted > 0
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]
    assert "Interrupted" in why(result)
    assert chain.documents() == {}
