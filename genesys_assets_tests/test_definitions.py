import importlib
import inspect
import pkgutil
import subprocess
import sys

import dagster as dg
import pytest

from genesys_assets import assets
from genesys_assets.assembly import build_defs
from genesys_assets.assets.declared import DailyCheck
from genesys_assets.automation import jobs, schedules
from genesys_assets.data_model import TABLES
from genesys_assets.definitions import defs
from genesys_assets.organisation import Organisation
from genesys_assets.warehouse import DeclarationError

GRAPH = defs.resolve_asset_graph()
STORED = sorted(key for key in GRAPH.materializable_asset_keys if ".".join(key.path) in TABLES)
MADE = sorted(GRAPH.materializable_asset_keys - set(STORED))
"""Exports and reports: files, not tables."""


def test_definitions_load_with_an_empty_environment_and_no_network():
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('a connection at import')\n"
        "socket.socket.connect = refuse\n"
        "import genesys_assets.definitions\n"
        "late = {'altair', 'vl_convert', 'obstore', 'starlette', 'uvicorn', 'genesys_assets.sandbox'}\n"
        "heavy = late & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, text=True, check=False)
    assert (loaded.returncode, loaded.stderr) == (0, "")


def test_every_declared_table_is_an_asset():
    assert {".".join(key.path) for key in STORED} == set(TABLES)


@pytest.mark.parametrize("key", STORED, ids=lambda key: key.to_user_string())
def test_every_stored_asset_says_what_it_is(key: dg.AssetKey):
    node = GRAPH.get(key)
    schema = node.metadata["dagster/column_schema"]
    assert node.description
    assert node.owners
    assert node.kinds
    assert node.group_name == key.path[0]
    assert all(column.description for column in schema.columns)
    assert ("partition_expr" in node.metadata) == (node.partitions_def is not None)


def test_what_is_no_table_is_an_export_or_a_report():
    assert {key.path[0] for key in MADE} == {"exports", "reports"}


@pytest.mark.parametrize("key", MADE, ids=lambda key: key.to_user_string())
def test_every_export_and_report_says_what_it_is(key: dg.AssetKey):
    node = GRAPH.get(key)
    assert node.description
    assert node.owners
    assert node.kinds
    assert node.group_name == key.path[0]


def test_every_layer_below_the_marts_has_a_blocking_check():
    blocked = {check.asset_key for check in GRAPH.asset_check_keys if GRAPH.get_check_spec(check).blocking}
    assert {key for key in STORED if key.path[0] in {"raw", "staging"}} <= blocked


def test_assets_that_would_share_a_table_are_refused_when_definitions_load():
    other = dg.AssetSpec(["RAW", "conversations"], metadata={"dagster/column_schema": dg.TableSchema([])})
    with pytest.raises(DeclarationError, match="raw"):
        build_defs(Organisation(), assets=[other])


def test_two_organisations_of_one_process_have_each_their_own_partitions():
    keys = {
        start: build_defs(Organisation(start_date=start))
        .resolve_asset_graph()
        .get(dg.AssetKey(["raw", "conversations"]))
        .partitions_def.get_first_partition_key()
        for start in ("2026-02-01", "2026-03-01")
    }
    assert keys == {"2026-02-01": "2026-02-01", "2026-03-01": "2026-03-01"}


def test_no_check_of_days_is_declared_and_forgotten():
    modules = [
        importlib.import_module(each.name) for each in pkgutil.iter_modules(assets.__path__, f"{assets.__name__}.")
    ]
    declared = {each.key for module in modules for each in vars(module).values() if isinstance(each, DailyCheck)}
    assert declared
    assert declared <= GRAPH.asset_check_keys


def test_no_job_and_no_schedule_is_declared_and_forgotten():
    repository = defs.get_repository_def()
    jobs_declared = {each for name, each in vars(jobs).items() if name.isupper() and isinstance(each, str)}
    returned = {
        name: each.__annotations__.get("return") for name, each in vars(schedules).items() if inspect.isfunction(each)
    }
    schedules_declared = {name for name, kind in returned.items() if kind is dg.ScheduleDefinition}
    assert jobs_declared
    assert jobs_declared <= {job.name for job in repository.get_all_jobs()}
    assert schedules_declared
    assert schedules_declared <= {schedule.name for schedule in repository.schedule_defs}
