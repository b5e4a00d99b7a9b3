"""The job as Dagster runs it."""

import json

import dagster as dg
import polars as pl
import pytest

from genesys_assets.assets.exports import Exports
from genesys_assets.automation.alerts import failure_of as alert_of
from genesys_assets.automation.alerts import message
from genesys_assets.automation.purge import purge
from genesys_assets.purge import Request
from genesys_assets.purge import purge as erase
from genesys_assets.tables.decode import decode
from genesys_assets.warehouse import Database, Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, NOW, with_origins
from genesys_assets_tests.privacy.conftest import excerpts, marked_chain, on_disk
from genesys_assets_tests.purge.test_erase import STORED, ids

__all__ = ["marked_chain"]


class Small:
    """A small database, and the job on it."""

    def __init__(self, folder, instance):
        self.folder, self.instance = folder, instance
        self.database = Database(folder / "genesys.duckdb")
        warehouse = Warehouse(database=str(folder / "genesys.duckdb"))
        self.resources = {
            "io_manager": warehouse,
            "work": WorkFolder(path=str(folder / "work")),
            "exports": Exports(url=str(folder / "exports")),
        }
        with self.database.writing() as connection:
            connection.execute(STORED)


@pytest.fixture
def small(tmp_path):
    with dg.DagsterInstance.ephemeral() as instance:
        yield Small(tmp_path, instance)


def launched(on, **config):
    return purge().execute_in_process(
        run_config={"ops": {"purge_conversations": {"config": config}}},
        resources={name: on.resources[name] for name in ("io_manager", "work", "exports")},
        instance=on.instance,
        raise_on_error=False,
    )


def metadata(result):
    [output] = [event for event in result.all_events if event.is_successful_output]
    return {name: each.value for name, each in output.event_specific_data.metadata.items()}


def failure_of(result):
    [failure] = [event for event in result.all_events if event.is_step_failure]
    return failure.step_failure_data.user_failure_data.description


def left_checkpoint(on, day, conversation_id):
    """A checkpoint that a failed run has left."""
    folder = on.folder / "work" / "landings" / "run" / "raw-conversations" / str(day)
    folder.mkdir(parents=True)
    pl.DataFrame({"key": [conversation_id]}).write_parquet(folder / "part.parquet")
    return folder


def test_a_purged_conversation_is_nowhere_on_the_disk(marked_chain):
    chain = marked_chain("keep")  # its database is not compressed, and can be searched
    assert chain.decode()
    documents = dict(chain.table("raw.conversations").select("conversation_id", "document").iter_rows())
    purged, other = sorted(documents)[:2]
    checkpoint, kept = left_checkpoint(chain, DAY, purged), left_checkpoint(chain, "another day", other)
    assert launched(chain, conversation_ids=[purged]).success
    assert set(chain.table("staging.conversations")["conversation_id"]) == documents.keys() - {purged}
    sessions = [each["sessionId"] for who in json.loads(documents[purged])["participants"] for each in who["sessions"]]
    left = on_disk(chain.folder)
    for token in (purged, *sessions):
        assert excerpts(left, token) == []
    assert excerpts(left, other)
    assert not checkpoint.exists()
    assert kept.exists()


def test_a_purged_conversation_stays_away_when_its_day_is_fetched_again(chain):
    assert chain.fetch(DAY).success
    documents = chain.documents()
    purged, *others = sorted(documents)
    erase(chain.database, Request.of(conversation_ids=[purged]), run_id="purge", purged_at=NOW)
    again = chain.fetch(DAY)
    assert chain.documents() == {each: documents[each] for each in others}
    (said,) = again.asset_materializations_for_node("raw__conversations")
    assert said.metadata["purged_left_out"].value == 1


def test_the_temporary_files_of_killed_processes_go_too(small):
    left = [small.folder / place / "warehouse-1-dead" for place in ("work/passing", "genesys.duckdb.spool")]
    for folder in left:
        (folder / "output-0").mkdir(parents=True)
    assert launched(small, conversation_ids=["a"]).success
    assert [folder for folder in left if folder.exists()] == []


def test_the_run_tells_what_it_removed(small):
    left_checkpoint(small, DAY, "a")
    told = metadata(launched(small, external_contact_ids=["contact"]))
    assert (told["conversations"], told["rows"], told["checkpoints_removed"]) == (2, 7, 1)
    assert {each.data["table"] for each in told["removed"].records} == {
        "raw.conversations",
        "staging.participants",
        "marts.interactions",
        "marts.pinned",
    }
    assert told["file_bytes_after"] == small.database.path.stat().st_size


def test_a_dry_run_tells_the_same_figures_and_removes_nothing(small):
    checkpoint = left_checkpoint(small, DAY, "a")
    dry = metadata(launched(small, conversation_ids=["a"], dry_run=True))
    assert ids(small.database) == {"a", "b", "c"}
    assert checkpoint.exists()
    real = metadata(launched(small, conversation_ids=["a"]))
    assert (dry["conversations"], dry["rows"]) == (real["conversations"], real["rows"]) == (1, 6)
    assert ids(small.database) == {"b", "c"}


def test_a_purge_that_failed_half_way_is_launched_again_as_it_was(small, monkeypatch):
    def fail(*_):
        raise OSError("No space left")

    with monkeypatch.context() as patch:
        patch.setattr("genesys_assets.purge.rewriting._copy", fail)
        assert "run the purge again with the same ids" in failure_of(launched(small, conversation_ids=["a"]))
    again = launched(small, conversation_ids=["a"])
    assert again.success
    assert (metadata(again)["rows"], metadata(again)["purged_before"]) == (0, 1)


def test_an_id_that_is_nowhere_fails_the_job_and_removes_nothing(small):
    assert "nothing was removed" in failure_of(launched(small, conversation_ids=["a", "nobody"]))
    assert ids(small.database) == {"a", "b", "c"}


def test_an_id_that_is_nowhere_is_told_to_nobody(small):
    secret = "5f1c2d3e-0000-4000-8000-00000000abcd"
    result = launched(small, conversation_ids=["a", secret])
    run = small.instance.get_run_by_id(result.run_id)
    run_failure = next(event for event in result.all_events if event.is_run_failure)
    posted = message(alert_of(run, run_failure, result.filter_events(lambda event: event.is_step_failure)), None)
    assert "1 of the 2 ids to purge are in no table" in posted["text"]
    said = [*map(str, result.all_events), *(entry.message for entry in small.instance.all_logs(result.run_id))]
    assert not [line for line in [posted["text"], *said] if secret in line]


def test_a_job_without_an_id_fails(small):
    assert "nothing to purge" in failure_of(launched(small))


def test_the_job_does_not_start_beside_a_run_that_is_at_work(small):
    run = small.instance.create_run_for_job(purge(), status=dg.DagsterRunStatus.STARTED)
    assert run.run_id[:8] in failure_of(launched(small, conversation_ids=["a"]))
    assert ids(small.database) == {"a", "b", "c"}


def test_exports_that_hold_what_was_removed_are_named(small):
    for key, partition in (
        (["exports", "marts", "interactions"], "2026-11-17"),
        (["exports", "marts", "interactions"], "2026-11-16"),
        (["exports", "marts", "queue_performance"], "2026-11-17"),
        (["exports", "database_copy"], None),
    ):
        small.instance.report_runless_asset_event(dg.AssetMaterialization(dg.AssetKey(key), partition=partition))
    told = metadata(launched(small, conversation_ids=["a"]))
    assert told["exports_to_repeat"] == ["exports/database_copy", "exports/marts/interactions 2026-11-17"]


def test_what_was_loaded_before_the_purge_is_not_stored_after_it(stored_day, monkeypatch):
    chain = stored_day
    purged = min(chain.documents())

    def decoded_late(documents, folder, tree):  # somebody else purges when raw has been loaded
        erase(chain.database, Request.of(conversation_ids=[purged]), run_id="purge", purged_at=NOW)
        return decode(documents, folder, tree)

    monkeypatch.setattr("genesys_assets.assets.staging.decode", decoded_late)
    made_anew = with_origins("marts/interactions") - dg.AssetSelection.groups("raw")
    assert chain.make(DAY, made_anew).success
    for name in ("raw.conversations", "staging.conversations", "staging.session_metrics", "marts.interactions"):
        held = set(chain.table(name)["conversation_id"])
        assert held, name
        assert purged not in held, name


def test_the_job_gives_way_to_a_run_that_began_while_it_waited_for_the_database(small, monkeypatch):
    def waited(*args, **options):
        small.instance.create_run_for_job(purge(), status=dg.DagsterRunStatus.STARTED)
        return erase(*args, **options)

    monkeypatch.setattr("genesys_assets.automation.purge.erase", waited)
    assert "nothing was removed" in failure_of(launched(small, conversation_ids=["a"])).lower()
    assert ids(small.database) == {"a", "b", "c"}


def test_a_purged_day_is_in_full_without_what_was_purged(chain):
    assert chain.fetch(DAY).success
    first, *_ = sorted(chain.documents())
    assert launched(ChainAsSmall(chain), conversation_ids=[first]).success
    staging = dg.AssetSelection.assets(["staging", "conversations"]).required_multi_asset_neighbors()
    assert chain.make(DAY, staging).success


class ChainAsSmall:
    """A chain as `launched` takes it."""

    def __init__(self, chain):
        warehouse = Warehouse(database=str(chain.folder / "genesys.duckdb"))
        self.resources = {
            "io_manager": warehouse,
            "work": WorkFolder(path=str(chain.folder / "work")),
            "exports": Exports(url=str(chain.folder / "exports")),
        }
        self.instance = chain.instance
