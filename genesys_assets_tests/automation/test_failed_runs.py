"""The sensor failed_runs by Dagster's own evaluation, and a webhook over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_status_sensor_definition import RunStatusSensorCursor

from genesys_assets.automation import alerts
from genesys_assets.automation.sensors import failed_runs
from genesys_assets.organisation import Organisation
from genesys_assets.pinning import SANDBOX_NAME, SANDBOX_ORGANISATION_ID, Identity
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.facts import pin
from genesys_assets_tests.automation.webhook import Hook, listening


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with listening() as hook:
        monkeypatch.setenv("GENESYS_ASSETS_ALERT_WEBHOOK", hook.url)
        monkeypatch.setattr(alerts, "SECONDS_BETWEEN", 0)
        yield hook


def fail(instance: dg.DagsterInstance, sentence: str = "It went wrong.", **tags: str) -> str:
    """A run that fails with that sentence; its id."""

    @dg.asset
    def conversations() -> None:
        raise dg.Failure(sentence)

    return dg.materialize([conversations], instance=instance, raise_on_error=False, tags=tags).run_id


def tick(
    instance: dg.DagsterInstance, cursor: str | None = None, organisation: Organisation | None = None
) -> dg.SensorExecutionData:
    """A tick that goes on where the one before it stopped; by default it looks at every run so far."""
    everything = RunStatusSensorCursor(record_id=-1).to_json()
    context = dg.build_sensor_context(instance, cursor or everything)
    return failed_runs(organisation or Organisation.from_environment()).evaluate_tick(context)


def test_a_failed_run_is_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    fail(instance, "The token was refused: set another secret.")
    tick(instance)
    assert len(hook.texts) == 1
    assert "The token was refused: set another secret." in hook.texts[0]


def test_an_alert_names_the_organisation_whose_data_the_database_holds(
    instance: dg.DagsterInstance, hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database(tmp_path / "genesys.duckdb").writing() as connection:
        pin(connection, Identity.disclosed(SANDBOX_ORGANISATION_ID, SANDBOX_NAME, "", "").facts())
    monkeypatch.setenv("GENESYS_ASSETS_DATABASE", str(tmp_path / "genesys.duckdb"))
    fail(instance)
    tick(instance)
    assert hook.texts[0].splitlines()[-1] == "Organisation: Sandbox"


def test_a_run_that_dagster_tries_again_is_not_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    fail(instance, **{"dagster/will_retry": "true"})
    tick(instance)
    assert not hook.texts


def test_the_runs_around_one_that_dagster_tries_again_are_posted_by_the_same_tick(
    instance: dg.DagsterInstance, hook: Hook
) -> None:
    fail(instance, "First.")
    fail(instance, **{"dagster/will_retry": "true"})
    fail(instance, "Second.")
    tick(instance)
    assert [text.splitlines()[1] for text in hook.texts] == ["First.", "Second."]


def test_without_a_webhook_nothing_is_posted(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENESYS_ASSETS_ALERT_WEBHOOK", raising=False)
    fail(instance)
    assert "GENESYS_ASSETS_ALERT_WEBHOOK is not set" in str(tick(instance).skip_message)


def test_a_webhook_by_the_name_of_its_variable_is_read_by_the_tick(
    instance: dg.DagsterInstance, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = Organisation(alert_webhook=dg.EnvVar("EMEA_WEBHOOK"))
    fail(instance)
    monkeypatch.setenv("EMEA_WEBHOOK", hook.url)
    tick(instance, organisation=organisation)
    assert len(hook.texts) == 1


@pytest.mark.parametrize(
    ("text", "said"), [("", "is not set"), ("http://example.org/x", "cannot be used: write the URL that the chat gave")]
)
def test_a_webhook_that_its_variable_does_not_hold_is_told_by_the_variables_name(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    run_id = fail(instance)
    monkeypatch.setenv("EMEA_WEBHOOK", text)
    tick(instance, organisation=Organisation(alert_webhook=dg.EnvVar("EMEA_WEBHOOK")))
    [told] = [entry.message for entry in instance.all_logs(run_id) if "alert" in entry.message]
    assert f"EMEA_WEBHOOK, the variable of alert_webhook, {said}" in told


def test_an_alert_that_cannot_be_posted_fails_the_tick_and_holds_no_other_up(
    instance: dg.DagsterInstance, hook: Hook
) -> None:
    fail(instance, "First.")
    fail(instance, "Second.")
    fail(instance, "Third.")
    hook.refuses = "Second."
    ticked = tick(instance)
    assert [text.splitlines()[1] for text in hook.texts] == ["First.", "Third."]
    errors = [reaction.error for reaction in ticked.dagster_run_reactions]
    assert [bool(error) for error in errors] == [False, True, False]
    assert tick(instance, ticked.cursor).dagster_run_reactions == []


def test_the_failed_run_itself_tells_that_its_alert_was_not_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    run_id = fail(instance, "First.")
    hook.refuses = "First."
    tick(instance)
    told = [entry.message for entry in instance.all_logs(run_id) if "alert" in entry.message]
    assert told == [
        "No alert of this failure was posted: The alert's webhook answered 503: check GENESYS_ASSETS_ALERT_WEBHOOK."
    ]
    assert hook.url not in "".join(told)


def test_a_webhook_that_hangs_leaves_a_tick_its_time() -> None:
    longest = alerts.ATTEMPTS * alerts.TIMEOUT_SECONDS + (alerts.ATTEMPTS - 1) * alerts.SECONDS_BETWEEN
    assert 5 * longest < 60, "a tick looks at five runs, and Dagster gives it 60 seconds"
