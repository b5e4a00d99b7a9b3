"""What Dagster shows: a change of a key, a cron line or a pool is seen in review, and definitions load from nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy
from syrupy.assertion import SnapshotAssertion

from genesys_assets.definitions import defs

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def surface() -> Mapping[str, object]:
    """The names that users and other systems hold on to."""
    repository = defs.get_repository_def()
    graph = repository.asset_graph
    checks = repository.asset_checks_defs_by_key
    nodes = sorted(graph.asset_nodes, key=lambda node: node.key)
    return {
        "assets": {
            node.key.to_user_string(): ", ".join(
                [
                    "each day" if isinstance(node.partitions_def, dg.DailyPartitionsDefinition) else "now",
                    *(f"pool {pool}" for pool in sorted(node.pools or ())),
                    *_freshness(node.freshness_policy),
                    *(f"from {key.to_user_string()}" for key in sorted(node.parent_keys)),
                ]
            )
            for node in nodes
        },
        "checks": {
            key.to_user_string(): ", ".join(
                [
                    "blocks" if graph.get_check_spec(key).blocking else "warns",
                    *(f"pool {pool}" for pool in sorted(checks[key].op.pools if key in checks else ())),
                ]
            )
            for key in sorted(graph.asset_check_keys)
        },
        "jobs": {
            job.name: [
                *sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys),
                *sorted(key.to_user_string() for key in job.asset_layer.asset_graph.asset_check_keys),
            ]
            for job in repository.get_all_jobs()
            if not job.name.startswith("__")
        },
        "schedules": {
            each.name: f"{each.cron_schedule} {each.execution_timezone}: {each.job_name}"
            for each in repository.schedule_defs
        },
        "sensors": {each.name: f"every {each.minimum_interval_seconds} s" for each in repository.sensor_defs},
    }


def _freshness(policy: object) -> list[str]:
    if policy is None:
        return []
    assert isinstance(policy, TimeWindowFreshnessPolicy)
    return [f"fresh for {policy.fail_window.to_timedelta()}"]


def test_the_surface_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    assert surface() == snapshot


def test_nothing_runs_until_it_is_switched_on() -> None:
    repository = defs.get_repository_def()
    assert {each.default_status for each in repository.sensor_defs} == {dg.DefaultSensorStatus.STOPPED}
    assert {each.default_status for each in repository.schedule_defs} == {dg.DefaultScheduleStatus.STOPPED}


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("dagster", "definitions", "validate"),
        ("dagster", "definitions", "validate", "-w", "workspace.yaml"),
        ("dg", "check", "defs"),
    ],
    ids=" ".join,
)
def test_definitions_load_in_an_empty_environment(command: tuple[str, ...], tmp_path: Path) -> None:
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path)}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    began = time.monotonic()
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(f"{' '.join(command)}: {time.monotonic() - began:.1f} s")
    assert done.returncode == 0, done.stdout + done.stderr
