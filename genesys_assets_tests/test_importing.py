"""Importing the package reads no environment and changes nothing of the process, which may be a host's."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import importlib, json, os, pkgutil, sys

ENTRY_POINTS = {"genesys_assets.definitions", "genesys_assets.reports.drawer"}
here, found = type(os.environ), {"read": [], "set": []}

def by_whom():
    frame = sys._getframe(2)
    while frame.f_globals.get("__name__") in ("os", "_collections_abc", "collections.abc", "__main__"):
        frame = frame.f_back
        if frame is None:
            return ""
    return frame.f_globals.get("__name__", "")

def recorded(kind, method):
    def call(self, name, *value):
        whose = by_whom()
        if whose.partition(".")[0] in ("genesys_assets", "pydantic_settings"):
            found[kind].append([whose, str(name)])
        return method(self, name, *value)
    return call

here.__getitem__ = recorded("read", here.__getitem__)
here.__setitem__ = recorded("set", here.__setitem__)
import polars  # which sets an option of its own
before, umask = dict(os.environ._data), os.umask(0o22)
os.umask(umask)

import genesys_assets
for module in pkgutil.walk_packages(genesys_assets.__path__, "genesys_assets."):
    if module.name not in ENTRY_POINTS:
        importlib.import_module(module.name)
imported = sorted(name for name in sys.modules if name.startswith("genesys_assets."))
changed = {str(name) for name in before.items() ^ os.environ._data.items()}
again = os.umask(umask)
print(json.dumps({**found, "changed": sorted(changed), "modules": len(imported), "umask": [umask, again]}))
if len(sys.argv) > 1:
    importlib.import_module(sys.argv[1])
    print(json.dumps(found))
"""


def imported(*entry_points: str) -> list[dict[str, object]]:
    """What was read and set while every module was imported, and then these."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment["GENESYS_ASSETS_SOURCE"] = "job"
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, *entry_points]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def told() -> list[dict[str, object]]:
    """What every module has done, and what the definitions have done then."""
    return imported("genesys_assets.definitions")


def test_no_module_but_the_definitions_reads_or_sets_the_environment(told: list[dict[str, object]]) -> None:
    every = told[0]
    assert int(str(every["modules"])) > 150
    assert (every["read"], every["set"], every["changed"]) == ([], [], [])


def test_no_module_changes_the_umask(told: list[dict[str, object]]) -> None:
    umask = told[0]["umask"]
    assert isinstance(umask, list)
    assert umask[0] == umask[1]


def test_the_definitions_read_the_settings(told: list[dict[str, object]]) -> None:
    """The recording sees what there is to see."""
    assert "GENESYS_ASSETS_SOURCE" in str(told[1]["read"])


def test_polars_is_told_to_give_memory_back_before_it_is_imported() -> None:
    """By a code server and a run, whose instance has loaded the launcher before; and by every command."""
    program = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "polars":
            print("polars", os.environ.get("_RJEM_MALLOC_CONF"))
sys.meta_path.insert(0, Watch())
import dagster, genesys_assets.automation.launcher
import {entry}
"""
    for entry in ("genesys_assets.definitions", "genesys_assets.cli.commands"):
        script = program.replace("{entry}", entry)
        if entry.endswith("commands"):
            script += "\nimport genesys_assets.cli.commands as it\n"
            script += "it.main.callback()\nimport genesys_assets.cli.doctor\n"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], env={}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["polars", "dirty_decay_ms:100,muzzy_decay_ms:0"]
