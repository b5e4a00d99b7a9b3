"""Which failed checks of a run are worth an alert: those that had not failed before.

What belongs here: telling new failures from known ones. A check that fails on a day again, as severely as when it last
ran on that day, is known, whether or not the day was materialised again. One that passed in between is new.
"""

import dagster as dg
from dagster import DagsterEventType, EventLogEntry

from genesys_assets.assets.recorded import days_of, evaluations_of_day, failed_on, is_serious
from genesys_assets.automation.alerts import FailedCheck, presentable
from genesys_assets.automation.own_runs import EVERY, Own


def new_failures(
    instance: dg.DagsterInstance, run: dg.DagsterRun, *, warnings: bool, own: Own = EVERY
) -> list[FailedCheck]:
    """Return the checks that failed in a run, and were not known to fail.

    Args:
        instance: The Dagster instance.
        run: The run, which may be of a range of days.
        warnings: Whether to return warnings, too, besides errors.
        own: What is the organisation's own: no check of another's is returned.
    """
    evaluated = instance.get_records_for_run(run.run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION).records
    entries = [record.event_log_entry for record in evaluated]
    ours = [entry for entry in entries if own.has_step(run, entry.step_key)]
    found = [each for entry in ours for each in _of_evaluation(instance, run, entry)]
    return [check for check in found if check.is_error or warnings]


def _of_evaluation(instance: dg.DagsterInstance, run: dg.DagsterRun, entry: EventLogEntry) -> list[FailedCheck]:
    """Return the new failures of a check: one for the days with an error, and one for the days with a warning."""
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    name = f"{'/'.join(evaluation.asset_key.path)} {evaluation.check_name}"
    sentence = presentable(evaluation.description or "")
    days = [day for day in sorted(days_of(run)) if failed_on(evaluation, day)]
    if not days_of(run) and not evaluation.passed:
        return [FailedCheck(name, (), evaluation.severity == dg.AssetCheckSeverity.ERROR, sentence)]
    new = [day for day in days if not _was_known(instance, entry, day)]
    by_kind = {kind: tuple(day for day in new if is_serious(evaluation, day) == kind) for kind in (True, False)}
    return [FailedCheck(name, of_kind, is_error, sentence) for is_error, of_kind in by_kind.items() if of_kind]


def _was_known(instance: dg.DagsterInstance, entry: EventLogEntry, day: str) -> bool:
    """Tell whether the previous evaluation of the check on this day had failed, and as severely."""
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    before = [
        each.get_dagster_event().asset_check_evaluation_data
        for each in evaluations_of_day(instance, evaluation.asset_check_key, day)
        if each.run_id != entry.run_id and each.timestamp < entry.timestamp
    ]
    if not before or not failed_on(before[0], day):
        return False
    return is_serious(before[0], day) or not is_serious(evaluation, day)
