"""How far a day's figures can be trusted when something is made of them, by all checks, those of the same run included.

What belongs here: which checks concern a day's data, and waiting for those that the run has planned. Dagster runs only
blocking checks before an asset; it would not wait for another check that is queued for its pool or about to be retried.
"""

import dagster as dg
from dagster import DagsterEventType

from genesys_assets.assets.checks import CHECKS
from genesys_assets.assets.comparisons import COMPARED
from genesys_assets.assets.documents_recounted import equals_raw
from genesys_assets.assets.options import OPTION_CHECKS
from genesys_assets.assets.possible import POSSIBLE
from genesys_assets.assets.recorded import data_notes
from genesys_assets.assets.recounted import equals_staging
from genesys_assets.assets.staging import STAGING
from genesys_assets.assets.totals import matches_genesys_totals
from genesys_assets.names import Names
from genesys_assets.reports import DataNotes

CHECKED = sorted(
    [
        *(key for staging in STAGING for key in staging.check_keys),
        *(
            check.key
            for check in (
                *CHECKS,
                *COMPARED,
                *POSSIBLE,
                equals_raw,
                equals_staging,
                matches_genesys_totals,
                *OPTION_CHECKS,
            )
        ),
    ]
)
"""The checks of the data that reports and exports are made of, by their keys without a prefix; a run knows only those
that it was planned with."""

LAST = {"dagster/priority": "-1"}
"""Tags of steps that show the results of checks: a run starts them late, and `wait_for_checks` makes sure."""
SECONDS_BETWEEN_LOOKS = 5
_ENDED = {DagsterEventType.STEP_SUCCESS, DagsterEventType.STEP_FAILURE, DagsterEventType.STEP_SKIPPED}


def wait_for_checks(context: dg.AssetExecutionContext) -> None:
    """Let the checks run first that this run has planned and that have not ended.

    Raises:
        RetryRequested: There are some; Dagster runs the step again after a few seconds.
    """
    if waiting := sorted(unfinished_checks(context)):
        context.log.info("Waiting for the checks of this run: %s.", ", ".join(waiting))
        raise dg.RetryRequested(max_retries=1_000_000, seconds_to_wait=SECONDS_BETWEEN_LOOKS)


def unfinished_checks(context: dg.AssetExecutionContext) -> set[str]:
    """Return the steps of this run that are to check the data and have not ended."""
    planned = DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
    records = context.instance.get_records_for_run(context.run.run_id, of_type={planned, *_ENDED}).records
    events = [record.event_log_entry.get_dagster_event() for record in records]
    names = Names.of(context.asset_key)
    checked = {names.check(key) for key in CHECKED}
    ended = {event.step_key for event in events if event.event_type in _ENDED}
    failed = {event.step_key for event in events if event.event_type == DagsterEventType.STEP_FAILURE}
    checks = {event.step_key for event in events if event.event_type == planned and _planned(event) in checked}
    return {step for step in checks - ended - _given_up(context, failed) if step}


def _given_up(context: dg.AssetExecutionContext, failed: set[str | None]) -> set[str | None]:
    """Return the steps that Dagster will not start, since a step before them failed: it records no event of them."""
    snapshot_id = context.run.execution_plan_snapshot_id
    steps = context.instance.get_execution_plan_snapshot(snapshot_id).step_deps if snapshot_id else {}
    given_up = set(failed)
    while more := {step for step, before in steps.items() if before & given_up} - given_up:
        given_up |= more
    return given_up


def notes_of_day(context: dg.AssetExecutionContext, day: str) -> DataNotes:
    """Return how the data of a day came about, by this run's checks and those of earlier runs."""
    return data_notes(context.instance, CHECKED, day, Names.of(context.asset_key))


def _planned(event: dg.DagsterEvent) -> dg.AssetCheckKey:
    planned = event.asset_check_planned_data
    return dg.AssetCheckKey(planned.asset_key, planned.check_name)
