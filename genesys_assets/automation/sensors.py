"""The sensors; each runs only when it is switched on.

What belongs here: finding the facts (Genesys Cloud's watermark, Dagster's materialisations and runs) and handing the
plan to Dagster. Which days are requested is decided in `planning`; alerts are worded in `alerts`.
"""

import asyncio
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from genesys_assets import setting
from genesys_assets.assets.recorded import (
    PARTITION,
    QUEUE_PERFORMANCE,
    RANGE_END,
    RANGE_START,
    RAW,
    is_complete,
    latest,
)
from genesys_assets.automation import alerts
from genesys_assets.automation.failed_checks import new_failures
from genesys_assets.automation.jobs import AHEAD_OF_BACKFILLS, DAY
from genesys_assets.automation.own_runs import EVERY, Own
from genesys_assets.automation.planning import Cursor, Facts, Stored, plan
from genesys_assets.dagster_internals import (
    AssetKeyPartitionKey,
    BulkActionsFilter,
    BulkActionStatus,
    DagsterDefinitionChangedDeserializationError,
    PartitionBackfill,
)
from genesys_assets.databases import database_of
from genesys_assets.errors import ProjectError
from genesys_assets.genesys import GenesysCloud, TransientError, data_availability
from genesys_assets.names import Names, names_of
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import Daily, day_of
from genesys_assets.pinning import organisation_of
from genesys_assets.resources import Genesys, text_of_secret
from genesys_assets.sources import SOURCES
from genesys_assets.variables import variable_of

UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
ORGANISATION_SECONDS = 1.0
"""How long an alert waits for the database, which knows the name of its organisation."""
ANSWER_SECONDS = 45
"""Dagster gives a tick 60 seconds; the tick's own error says more than Dagster's timeout."""


def conversations_available(organisation: Organisation, partitions: Daily) -> dg.SensorDefinition:
    """Return the sensor that requests the days that the watermark covers and that are not stored."""
    names = names_of(organisation)

    def available(context: dg.SensorEvaluationContext, genesys: Genesys) -> dg.SensorResult:
        watermark = genesys.run(_watermark, context.log.info)
        now = datetime.now(UTC)
        keys = partitions.get_partition_keys(current_time=now)[-organisation.sensor_days :]
        planned = plan(
            _facts(context, names, genesys, watermark, now, [day_of(key) for key in keys], organisation.zone),
            Cursor.read(context.cursor),
            organisation.sensor_days_per_tick,
        )
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(run_key=run_key, partition_key=str(each), tags=AHEAD_OF_BACKFILLS)
                for each, run_key in planned.run_keys.items()
            ],
            skip_reason=planned.reason or None,
            cursor=planned.cursor.text(),
        )

    sensor: dg.SensorDefinition = dg.sensor(
        name=names.name("conversations_available"),
        job_name=names.name(DAY),
        minimum_interval_seconds=60 * organisation.sensor_minutes,
        description="Requests each closed day of the last week as soon as Genesys Cloud's data lake has the whole of "
        "it.",
    )(names.own(available))
    return sensor


def _facts(
    context: dg.SensorEvaluationContext,
    names: Names,
    genesys: Genesys,
    watermark: datetime,
    now: datetime,
    days: list[date],
    zone: ZoneInfo,
) -> Facts:
    return Facts(
        now=now,
        watermark=watermark,
        days=days,
        stored=_stored(context.instance, names, days),
        in_flight=_in_runs(context.instance, names, days) | _in_backfills(context, names, days),
        zone=zone,
        wants_complete=genesys.source != "query",
    )


async def _watermark(cloud: GenesysCloud) -> datetime:
    """Return up to when the data lake has every record of every source; each source has a watermark of its own."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return min([await data_availability(cloud, source) for source in SOURCES.values()])
    except TimeoutError:
        raise TransientError(
            f"Genesys Cloud did not answer with its watermark within {ANSWER_SECONDS} s: the next tick asks again."
        ) from None


def _stored(instance: dg.DagsterInstance, names: Names, days: Collection[date]) -> dict[date, Stored]:
    """Return what is stored of the days; marts.queue_performance shows that a day went through the whole chain."""
    conversations = {each: latest(instance, names.key(RAW), str(each)) for each in days}
    return {
        each: _stored_of(record, latest(instance, names.key(QUEUE_PERFORMANCE), str(each)))
        for each, record in conversations.items()
        if record is not None
    }


def _stored_of(conversations: dg.EventLogRecord, figures: dg.EventLogRecord | None) -> Stored:
    return Stored(
        at=_at(conversations),
        complete=is_complete(conversations),
        figures_at=_at(figures) if figures else None,
    )


def _at(record: dg.EventLogRecord) -> datetime:
    return datetime.fromtimestamp(record.timestamp, UTC)


def _in_runs(instance: dg.DagsterInstance, names: Names, days: Collection[date]) -> set[date]:
    runs = [run for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)) if _reads_conversations(run, names)]
    return {each for each in days if any(_is_of(run, str(each)) for run in runs)}


def _reads_conversations(run: dg.DagsterRun, names: Names) -> bool:
    if run.asset_selection is None:
        return run.job_name == names.name(DAY)
    return names.key(RAW) in run.asset_selection


def _is_of(run: dg.DagsterRun, key: str) -> bool:
    if RANGE_START in run.tags:
        return run.tags[RANGE_START] <= key <= run.tags[RANGE_END]
    return run.tags.get(PARTITION) == key


def _in_backfills(context: dg.SensorEvaluationContext, names: Names, days: Collection[date]) -> set[date]:
    """Return the days of unfinished backfills, whose runs may not exist yet: the daemon makes some every 30 seconds."""
    under_way = BulkActionsFilter(statuses=[BulkActionStatus.REQUESTED])
    backfills = context.instance.get_backfills(filters=under_way)
    return {each for each in days if any(_targets(context, names, backfill, str(each)) for backfill in backfills)}


def _targets(context: dg.SensorEvaluationContext, names: Names, backfill: PartitionBackfill, key: str) -> bool:
    if not backfill.is_asset_backfill:
        return backfill.job_name == names.name(DAY) and key in (backfill.partition_names or ())
    if context.repository_def is None:
        return False
    try:
        data = backfill.get_asset_backfill_data(context.repository_def.asset_graph)
    except DagsterDefinitionChangedDeserializationError:  # the partitions have changed since it was requested
        return False
    return AssetKeyPartitionKey(names.key(RAW), key) in data.target_subset


def failed_runs(organisation: Organisation, own: Own = EVERY) -> dg.SensorDefinition:
    """Return the sensor that posts failed runs and their failed checks; of a run that Dagster retries, only the checks.

    A run in which the organisation has no part is none of its alerts.

    The checks are posted at once because the retry may not repeat them. A run about which there is nothing to post
    returns no skip reason: Dagster accepts none in a tick that has posted another run.

    An alert that cannot be posted is lost, and the page of its run says so: Dagster continues with the next run
    whatever is raised here. The tick is red unless an alert of a later run in the same tick was posted.
    """

    @dg.run_failure_sensor(
        name=names_of(organisation).name("failed_runs"),
        minimum_interval_seconds=30,
        description=f"Posts each failed run, and the checks that failed in it, to the webhook of {WEBHOOK}.",
    )
    def of_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        if organisation.alert_webhook is None:
            return NOWHERE
        failed_steps = context.get_step_failure_events()
        own_steps = [event for event in failed_steps if own.has_step(context.dagster_run, event.step_key)]
        if not own.has_part_in(context.dagster_run) or (failed_steps and not own_steps):
            return None
        checks = _new_failures(organisation, own, context)
        if context.dagster_run.tags.get("dagster/will_retry") == "true":
            if not checks:
                return None
            body = alerts.message_of_checks(checks, context.dagster_run.run_id, organisation.dagster_url)
        else:
            failure = alerts.failure_of(context.dagster_run, context.failure_event, own_steps)
            body = alerts.message(failure, organisation.dagster_url, checks)
        _post(organisation, context, body)
        return None

    return of_failure


def failed_checks(organisation: Organisation, own: Own = EVERY) -> dg.SensorDefinition:
    """Return the sensor that posts, in one message, the checks of a run that failed and were not known to fail.

    An alert that cannot be posted is lost, as in `failed_runs`.
    """

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name=names_of(organisation).name("failed_checks"),
        minimum_interval_seconds=30,
        description="Posts the checks that failed in a run that did not fail itself, once for each check and day, to "
        f"the webhook of {WEBHOOK}.",
    )
    def of_success(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        if organisation.alert_webhook is None:
            return NOWHERE
        if checks := _new_failures(organisation, own, context):
            body = alerts.message_of_checks(checks, context.dagster_run.run_id, organisation.dagster_url)
            _post(organisation, context, body)
        return None

    return of_success


def sensors(organisation: Organisation, partitions: Daily, own: Own = EVERY) -> list[dg.SensorDefinition]:
    """Return every sensor of an organisation.

    Args:
        organisation: Whose.
        partitions: Its days.
        own: Its jobs, assets and steps: alerts tell of no others.
    """
    return [
        conversations_available(organisation, partitions),
        failed_runs(organisation, own),
        failed_checks(organisation, own),
    ]


WEBHOOK = variable_of("alert_webhook")
NOWHERE = dg.SkipReason(f"{WEBHOOK} is not set: there is nowhere to post to.")


def _new_failures(organisation: Organisation, own: Own, context: dg.RunStatusSensorContext) -> list[alerts.FailedCheck]:
    return new_failures(context.instance, context.dagster_run, warnings=organisation.alert_warnings, own=own)


def _post(organisation: Organisation, context: dg.RunStatusSensorContext, body: dict[str, Any]) -> None:
    try:
        webhook = text_of_secret(organisation, "alert_webhook", setting.webhook)
        alerts.post(webhook, alerts.of_organisation(body, _known_name(organisation)))
    except (alerts.AlertError, setting.SettingsError) as error:
        context.instance.report_engine_event(f"No alert of this failure was posted: {error}", context.dagster_run)
        raise


def _known_name(organisation: Organisation) -> str | None:
    """Return the name of the database's organisation; None if it is not known, or another process has the database."""
    try:
        pinned = organisation_of(database_of(organisation, ORGANISATION_SECONDS))
    except ProjectError:
        return None
    return pinned.name if pinned else None
