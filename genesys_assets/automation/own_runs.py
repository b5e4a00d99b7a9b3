"""Which runs belong to an organisation, in a Dagster instance that also has other organisations, jobs and assets.

What belongs here: deciding that by a run's job and its selected assets, for the alerts, `purge` and `forget_runs`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import dagster as dg

BY_HAND = "__"
"""How the names of the jobs begin that Dagster makes for assets that are selected by hand."""


@dataclass(frozen=True)
class Own:
    """An organisation's jobs, assets and steps.

    Attributes:
        jobs: The names of its jobs.
        assets: The keys of its assets.
        steps: The names of the ops of its assets and checks.
    """

    jobs: frozenset[str]
    assets: frozenset[dg.AssetKey]
    steps: frozenset[str]

    def has_part_in(self, run: dg.DagsterRun) -> bool:
        """Tell whether a run is of one of the organisation's jobs, or may make or check one of its assets."""
        return run.job_name in self.jobs or _is_of_all(run) or bool(self.assets & _assets_of(run))

    def has_all_of(self, run: dg.DagsterRun) -> bool:
        """Tell whether a run is of one of the organisation's jobs, or has selected only its assets."""
        chosen = _assets_of(run)
        return run.job_name in self.jobs or (bool(chosen) and chosen <= self.assets)

    def has_step(self, run: dg.DagsterRun, step_key: str | None) -> bool:
        """Tell whether a step of a run is one of the organisation's, as all of its jobs' are."""
        return run.job_name in self.jobs or step_key in self.steps


class Every(Own):
    """All runs: for automation that is tested by itself."""

    def has_part_in(self, run: dg.DagsterRun) -> bool:
        """Return True."""
        return True

    def has_all_of(self, run: dg.DagsterRun) -> bool:
        """Return True."""
        return True

    def has_step(self, run: dg.DagsterRun, step_key: str | None) -> bool:
        """Return True."""
        return True


EVERY = Every(frozenset(), frozenset(), frozenset())


def own_of(jobs: Iterable[str], assets: Iterable[object], checks: Iterable[dg.AssetChecksDefinition]) -> Own:
    """Return what is an organisation's own.

    Args:
        jobs: The names of its jobs.
        assets: Its assets.
        checks: Its checks.
    """
    assets = list(assets)
    made = [each for each in assets if isinstance(each, dg.AssetsDefinition)]
    specs = [each for each in assets if isinstance(each, dg.AssetSpec)]
    return Own(
        frozenset(jobs),
        frozenset(key for each in made for key in each.keys) | {each.key for each in specs},
        frozenset(each.node_def.name for each in (*made, *checks) if each.is_executable),
    )


def _is_of_all(run: dg.DagsterRun) -> bool:
    """Tell whether assets run of which none were chosen: all that the code location has."""
    return run.job_name.startswith(BY_HAND) and not _assets_of(run)


def _assets_of(run: dg.DagsterRun) -> set[dg.AssetKey]:
    """Return the assets that were chosen for a run, and those whose checks were."""
    return {*(run.asset_selection or ()), *(check.asset_key for check in run.asset_check_selection or ())}
