"""A marked value in every place that the project writes to, by processes that are killed: a purge leaves it nowhere."""

import os
import re
import signal
import subprocess
import sys
import tempfile

import dagster as dg
import polars as pl
import pytest

from genesys_assets.documentation import DOCS
from genesys_assets.locations import LOCATIONS
from genesys_assets.purge import Request
from genesys_assets.purge import purge as erase
from genesys_assets_tests.conftest import DAY, NOW
from genesys_assets_tests.purge.test_erase import ids
from genesys_assets_tests.purge.test_job import Small, failure_of, launched, left_checkpoint, metadata

MARK = "QZX7MARKEDVALUE"

_KILLED = """
import os, signal, sys
from contextlib import ExitStack
from pathlib import Path
import duckdb
from genesys_assets.exports import destination_of
from genesys_assets.warehouse import Database, Warehouse
from genesys_assets.warehouse.paths import attachable
from genesys_assets.warehouse.spool import Spool, temporary_folder
from genesys_assets.work import COPYING, WorkFolder

folder, mark, living = Path(sys.argv[1]), sys.argv[2].encode(), len(sys.argv) > 3
database, held = folder / "genesys.duckdb", ExitStack()
for spill in (Database(database)._opener.spill_folder(), Database("ducklake:somewhere")._opener.spill_folder()):
    spill.mkdir()
    (spill / "spilled.tmp").write_bytes(mark)
for spool in (Warehouse(database=str(database)).create_io_manager(None).spool, Spool(folder / "work" / COPYING)):
    kept = [held.enter_context(folder()) for folder in (spool.scoped_folder, spool.run_folder)]
    for made in (*kept, spool.step_folder("step")):
        (made / "rows.parquet").write_bytes(mark)
(held.enter_context(WorkFolder(path=str(folder / "work")).scoped_folder()) / "decoded.parquet").write_bytes(mark)
in_folder = destination_of(str(folder / "exports"))
held.enter_context(in_folder.replacing("raw/conversations/part-0.parquet")).write_bytes(mark)
in_store = destination_of("s3://bucket/folder")
held.enter_context(in_store.replacing("raw/part-0.parquet")).write_bytes(mark)
held.enter_context(attachable(folder / "what?" / "copy.duckdb")).write_bytes(mark)
if living:
    print("ready", flush=True)
    sys.stdin.read()
connection = duckdb.connect(str(database))
connection.execute("SET checkpoint_threshold = '1GB'")
connection.execute("UPDATE raw.conversations SET document = ? WHERE conversation_id = 'a'", [mark.decode()])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small database in a folder of its own, with the folder for temporary files in it."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Small(tmp_path, instance)


def process(on, *arguments, **options):
    command = [sys.executable, "-c", _KILLED, str(on.folder), MARK, *arguments]
    return subprocess.Popen(command, env={**os.environ, "TMPDIR": str(on.folder / "temporary")}, **options)


def marked(folder):
    """The files below a folder in which the value is, as it is or in a Parquet file."""
    found = []
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        rows = str(pl.read_parquet(file, glob=False).rows()) if file.read_bytes()[:4] == b"PAR1" else ""
        if MARK.encode() in file.read_bytes() or MARK in rows:
            found.append(str(file.relative_to(folder)))
    return found


def test_what_killed_processes_left_anywhere_is_gone_from_the_disk(small):
    assert process(small).wait(120) == -signal.SIGKILL
    checkpoint = left_checkpoint(small, DAY, "a")
    (checkpoint / "half.unfinished").write_text(MARK)
    pl.DataFrame({"key": ["a"], "document": [MARK]}).write_parquet(checkpoint / "another.parquet")
    (small.folder / "genesys.duckdb.rewriting").write_text(MARK)
    places = {re.sub(r"-?\d.*|warehouse-.*", "", each).strip("/") for each in marked(small.folder)}
    assert places >= {
        *("genesys.duckdb.wal", "genesys.duckdb.tmp", "genesys.duckdb.rewriting", "genesys.duckdb.spool"),
        *("work/passing", "work/spool", "exports/.writing", "temporary/genesys-assets"),
    }
    assert launched(small, conversation_ids=["a"]).success
    assert marked(small.folder) == []


def test_a_living_process_keeps_its_files_and_is_told(small):
    with process(small, "living", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"ready\n"
        before = marked(small.folder)
        result = launched(small, conversation_ids=["a"])
        told = [
            entry.message for entry in small.instance.all_logs(result.run_id) if "Run the purge again" in entry.message
        ]
        after = marked(small.folder)
        other.kill()
    assert result.success
    assert len(told) == 1
    assert set(before) - set(after) == {each for each in before if each.startswith("genesys.duckdb.tmp-")}


def test_a_conversation_that_is_in_a_checkpoint_only_is_removed_and_stays_away(small):
    checkpoint = left_checkpoint(small, DAY, "never stored")
    told = metadata(launched(small, conversation_ids=["never stored"]))
    assert (told["conversations"], told["rows"], told["checkpoints_removed"]) == (1, 0, 1)
    assert not checkpoint.exists()
    again = erase(small.database, Request.of(conversation_ids=["never stored"]), run_id="again", purged_at=NOW)
    assert again.purged_before == {"never stored"}


def test_a_contact_is_found_in_a_checkpoint_by_the_documents(small):
    folder = small.folder / "work" / "landings" / "run" / "raw-conversations" / str(DAY)
    folder.mkdir(parents=True)
    document = '{"participants": [{"purpose": "acd"}, {"externalContactId": "stranger"}]}'
    rows = {"key": ["theirs", "other"], "document": [document, '{"participants": [], "x": "stranger"}']}
    pl.DataFrame(rows).write_parquet(folder / "part.parquet")
    told = metadata(launched(small, external_contact_ids=["stranger"]))
    assert (told["conversations"], told["checkpoints_removed"]) == (1, 1)
    again = erase(small.database, Request.of(conversation_ids=["theirs"]), run_id="x", purged_at=NOW)
    assert again.purged_before == {"theirs"}


def test_a_checkpoint_that_cannot_be_read_goes_too(small):
    checkpoint = left_checkpoint(small, DAY, "a")
    (checkpoint / "part.parquet").write_bytes(b"PAR1 cut")
    assert launched(small, conversation_ids=["a"]).success
    assert not checkpoint.exists()


def test_an_id_that_is_nowhere_stops_it_before_a_checkpoint_is_removed(small):
    checkpoint = left_checkpoint(small, DAY, "a")
    assert "nothing was removed" in failure_of(launched(small, conversation_ids=["a", "nobody"]))
    assert checkpoint.exists()
    assert ids(small.database) == {"a", "b", "c"}


def test_every_place_is_in_the_page_on_privacy():
    page = (DOCS / "privacy.md").read_text()
    assert [each.where for each in LOCATIONS if f"| {each.where} |" not in page] == []


def test_every_folder_that_the_code_names_is_in_the_list():
    """What is made with a name of its own anywhere in the package; whoever makes another one adds it to the list."""
    listed = " ".join(each.where for each in LOCATIONS)
    named = {".lock", ".spool", ".rewriting", ".wal", ".tmp-", ".writing", "landings", "passing", "spool"}
    assert {name for name in named if name not in listed} == set()
    makers = {
        str(file.relative_to(DOCS.parent / "genesys_assets"))
        for file in (DOCS.parent / "genesys_assets").rglob("*.py")
        if re.search(r"mkdtemp|gettempdir|TemporaryDirectory|NamedTemporaryFile|mkstemp", file.read_text())
    }
    makers.remove("evidence/shapes.py")  # it decodes the sandbox's invented conversations there, and nothing else
    assert makers == {"warehouse/paths.py", "warehouse/spool.py"}
