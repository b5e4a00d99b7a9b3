"""The sensors on failed checks by Dagster's own evaluation, and a webhook over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_status_sensor_definition import RunStatusSensorCursor

from genesys_assets.assets.declared import suppress_preview_warning
from genesys_assets.automation import alerts
from genesys_assets.automation.sensors import failed_checks, failed_runs
from genesys_assets.organisation import Organisation
from genesys_assets_tests.automation.webhook import Hook, listening

DAYS = dg.DailyPartitionsDefinition("2026-11-01")
DAY, NEXT, LAST = "2026-11-20", "2026-11-21", "2026-11-22"
ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN
SAID = "3 figures differ from Genesys Cloud's. Look at them."


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    with listening() as hook:
        monkeypatch.setenv("GENESYS_ASSETS_ALERT_WEBHOOK", hook.url)
        monkeypatch.delenv("GENESYS_ASSETS_ALERT_WARNINGS", raising=False)
        monkeypatch.setattr(alerts, "SECONDS_BETWEEN", 0)
        yield hook


def run(
    instance: dg.DagsterInstance,
    day: str = DAY,
    last: str | None = None,
    checks: int = 1,
    tags: dict[str, str] | None = None,
    **outcome: Any,
) -> str:
    """A run of figures and their checks, of a day or of the days up to `last`; with tags it fails. Returns its id."""

    @dg.asset(partitions_def=DAYS)
    def figures() -> None: ...

    @dg.asset(partitions_def=DAYS, deps=[figures])
    def report() -> None:
        if tags:
            raise dg.Failure("The bucket refuses.")

    def check(number: int) -> dg.AssetChecksDefinition:
        with suppress_preview_warning():

            @dg.asset_check(asset=figures, partitions_def=DAYS, name=f"equal_{number}")
            def equal() -> dg.AssetCheckResult:
                return dg.AssetCheckResult(**{"passed": False, "description": SAID, **outcome})

        return equal

    span = {"dagster/asset_partition_range_start": day, "dagster/asset_partition_range_end": last or day}
    definitions = dg.Definitions(
        [figures, report], asset_checks=[check(number) for number in range(checks)], jobs=[dg.define_asset_job("day")]
    )
    return (
        definitions.resolve_job_def("day")
        .execute_in_process(
            instance=instance,
            partition_key=None if last else day,
            tags={**(span if last else {}), **(tags or {})},
            raise_on_error=False,
        )
        .run_id
    )


class Ticks:
    """The ticks of a sensor, each of which goes on where the one before it stopped."""

    def __init__(
        self, instance: dg.DagsterInstance, sensor: Callable[[Organisation], dg.SensorDefinition] = failed_checks
    ) -> None:
        self.instance, self.sensor = instance, sensor(Organisation.from_environment())
        self.cursor: str | None = RunStatusSensorCursor(record_id=-1).to_json()

    def tick(self) -> dg.SensorExecutionData:
        """The next one."""
        told = self.sensor.evaluate_tick(dg.build_sensor_context(self.instance, self.cursor))
        self.cursor = told.cursor
        return told

    def until_all_is_told(self) -> None:
        """Ticks until nothing is left: a tick looks at five runs."""
        for _ in range(2):
            self.tick()


def test_a_failed_check_of_a_run_that_succeeded_is_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    run_id = run(instance)
    Ticks(instance).tick()
    assert hook.texts == [
        f"Check failed: figures equal_0 of {DAY}\n3 figures differ from Genesys Cloud's.\nRun {run_id}"
    ]


def test_a_check_that_passes_is_not_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, passed=True)
    Ticks(instance).tick()
    assert not hook.texts


@pytest.mark.parametrize(("wanted", "posts"), [("false", 0), ("true", 1)])
def test_a_warning_is_posted_when_it_is_asked_for(
    instance: dg.DagsterInstance, hook: Hook, monkeypatch: pytest.MonkeyPatch, wanted: str, posts: int
) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_ALERT_WARNINGS", wanted)
    run(instance, severity=WARN)
    Ticks(instance).tick()
    assert [text.startswith("Check warns: figures") for text in hook.texts] == [True] * posts


def test_a_check_that_fails_again_on_its_day_is_posted_once(instance: dg.DagsterInstance, hook: Hook) -> None:
    for _ in range(3):
        run(instance)
    Ticks(instance).until_all_is_told()
    assert len(hook.texts) == 1


def test_a_check_that_was_good_in_between_is_posted_again(instance: dg.DagsterInstance, hook: Hook) -> None:
    for passed in (False, True, False):
        run(instance, passed=passed)
    Ticks(instance).until_all_is_told()
    assert len(hook.texts) == 2


def test_a_warning_that_becomes_an_error_is_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    for severity in (WARN, ERROR, WARN, ERROR):
        run(instance, severity=severity)
    Ticks(instance).until_all_is_told()
    assert len(hook.texts) == 2


def test_each_day_is_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    for day in (DAY, NEXT):
        run(instance, day=day)
    Ticks(instance).until_all_is_told()
    assert [text.splitlines()[0].split()[-1] for text in hook.texts] == [DAY, NEXT]


def test_a_run_over_a_range_is_posted_once_with_the_days_that_failed(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, last=LAST, metadata={"failed_days": {DAY: 2, LAST: 1}})
    Ticks(instance).until_all_is_told()
    assert [text.splitlines()[0] for text in hook.texts] == [f"Check failed: figures equal_0 of {DAY}, {LAST}"]


def test_a_range_tells_the_days_that_were_not_known_to_fail(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance)
    run(instance, last=LAST)
    run(instance, day=NEXT)
    Ticks(instance).until_all_is_told()
    assert [text.splitlines()[0].partition(" of ")[2] for text in hook.texts] == [DAY, f"{NEXT}, {LAST}"]


def test_a_provisional_day_of_a_range_is_no_error(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, last=NEXT, metadata={"failed_days": {DAY: 2, NEXT: 1}, "provisional": [NEXT]})
    Ticks(instance).until_all_is_told()
    assert [text.splitlines()[0] for text in hook.texts] == [f"Check failed: figures equal_0 of {DAY}"]


def test_many_checks_of_a_run_are_one_message(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, checks=8)
    Ticks(instance).tick()
    (text,) = hook.texts
    assert text.count("Check failed") == 5
    assert "and 3 more: see the run" in text


def test_a_run_that_fails_tells_its_failed_checks_too(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, tags={"fails": "yes"})
    Ticks(instance, failed_runs).tick()
    (text,) = hook.texts
    assert [line.partition(":")[0] for line in text.splitlines()][::2] == [
        "Failed",
        "Check failed",
        text.splitlines()[4],
    ]
    assert "The bucket refuses." in text


def test_a_run_that_dagster_tries_again_tells_its_failed_checks_alone(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, tags={"dagster/will_retry": "true"})
    Ticks(instance, failed_runs).tick()
    (text,) = hook.texts
    assert text.startswith("Check failed")
    assert "The bucket refuses." not in text


def test_what_a_check_says_calls_nobody_in_a_chat(instance: dg.DagsterInstance, hook: Hook) -> None:
    run(instance, description="<!channel> <https://evil.example|R&D>\x1b[31m")
    Ticks(instance).tick()
    assert hook.texts[0].splitlines()[1] == "&lt;!channel&gt; &lt;https://evil.example|R&amp;D&gt;�[31m"


def test_without_a_webhook_nothing_is_posted(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GENESYS_ASSETS_ALERT_WEBHOOK", raising=False)
    run(instance)
    assert "GENESYS_ASSETS_ALERT_WEBHOOK is not set" in str(Ticks(instance).tick().skip_message)


def test_a_run_tells_that_the_alert_of_its_checks_was_not_posted(instance: dg.DagsterInstance, hook: Hook) -> None:
    run_id = run(instance)
    hook.refuses = "figures"
    Ticks(instance).tick()
    assert any("No alert of this failure was posted" in entry.message for entry in instance.all_logs(run_id))
