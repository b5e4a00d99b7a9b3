"""Which checks have failed in a run and had not failed before: what is worth an alert.

What belongs here: telling the news from what is known. A check that fails on a day again, as badly as the last time it
ran on that day, is known, whether the day was materialised anew or not; one that was good in between is news again.
"""

import dagster as dg
from dagster import DagsterEventType, EventLogEntry

from genesys_assets.assets.recorded import days_of, evaluations_of_day, failed_on, is_serious
from genesys_assets.automation.alerts import FailedCheck, presentable


def new_failures(instance: dg.DagsterInstance, run: dg.DagsterRun, *, warnings: bool) -> list[FailedCheck]:
    """Return what may be said of the checks that failed in a run, and had not before.

    Args:
        instance: The Dagster instance.
        run: The run, which may be of a range of days.
        warnings: Whether warnings are told, besides errors.
    """
    evaluated = instance.get_records_for_run(run.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION).records
    entries = [record.event_log_entry for record in evaluated]
    found = [each for entry in entries for each in _of_evaluation(instance, run, entry)]
    return [check for check in found if check.is_error or warnings]


def _of_evaluation(instance: dg.DagsterInstance, run: dg.DagsterRun, entry: EventLogEntry) -> list[FailedCheck]:
    """Return the failure of a check: of the days on which it is an error, and of those on which it is a warning."""
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    name = f"{'/'.join(evaluation.asset_key.path)} {evaluation.check_name}"
    sentence = presentable(evaluation.description or "")
    days = [day for day in sorted(days_of(run)) if failed_on(evaluation, day)]
    if not days_of(run) and not evaluation.passed:
        return [FailedCheck(name, (), evaluation.severity == dg.AssetCheckSeverity.ERROR, sentence)]
    news = [day for day in days if not _was_known(instance, entry, day)]
    by_kind = {kind: tuple(day for day in news if is_serious(evaluation, day) == kind) for kind in (True, False)}
    return [FailedCheck(name, of_kind, is_error, sentence) for is_error, of_kind in by_kind.items() if of_kind]


def _was_known(instance: dg.DagsterInstance, entry: EventLogEntry, day: str) -> bool:
    """Tell whether the check had failed, and as badly, when it last ran on the day before this evaluation."""
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    before = [
        each.get_dagster_event().asset_check_evaluation_data
        for each in evaluations_of_day(instance, evaluation.asset_check_key, day)
        if each.run_id != entry.run_id and each.timestamp < entry.timestamp
    ]
    if not before or not failed_on(before[0], day):
        return False
    return is_serious(before[0], day) or not is_serious(evaluation, day)
