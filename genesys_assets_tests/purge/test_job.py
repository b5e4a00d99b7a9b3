"""The job as Dagster runs it, on a day that the chain has stored."""

import json

import dagster as dg
import polars as pl
import pytest

from genesys_assets.automation.purge import purge
from genesys_assets_tests.conftest import DAY
from genesys_assets_tests.privacy.conftest import excerpts, marked_chain, on_disk

__all__ = ["marked_chain"]


@pytest.fixture
def chain(marked_chain):
    """The day's raw and staging tables, as received, in a file that can be searched."""
    made = marked_chain("keep")
    assert made.decode()
    return made


def launched(chain, **config):
    return purge.execute_in_process(
        run_config={"ops": {"purge_conversations": {"config": config}}},
        resources={name: chain.resources[name] for name in ("io_manager", "work")},
        instance=chain.instance,
        raise_on_error=False,
    )


def metadata(result):
    [output] = [event for event in result.all_events if event.is_successful_output]
    return {name: each.value for name, each in output.event_specific_data.metadata.items()}


def ids(chain):
    return set(chain.table("staging.conversations")["conversation_id"])


def landing_of(chain, conversation_id):
    """A landing that a failed run has left."""
    folder = chain.folder / "work" / "landings" / "run" / "raw-conversations" / str(DAY)
    folder.mkdir(parents=True)
    pl.DataFrame({"conversation_id": [conversation_id]}).write_parquet(folder / "part.parquet")
    return folder


def failure_of(result):
    [failure] = [event for event in result.all_events if event.is_step_failure]
    return failure.step_failure_data.user_failure_data.description


def test_a_purged_conversation_is_nowhere_on_the_disk(chain):
    documents = dict(chain.table("raw.conversations").select("conversation_id", "document").iter_rows())
    purged, other = sorted(documents)[:2]
    landing, kept = (
        landing_of(chain, purged),
        chain.folder / "work" / "landings" / "run" / "raw-conversations" / "other",
    )
    kept.mkdir()
    pl.DataFrame({"conversation_id": [other]}).write_parquet(kept / "part.parquet")
    result = launched(chain, conversation_ids=[purged])
    assert result.success
    told = metadata(result)
    assert (told["conversations"], told["landings_removed"], told["exports_to_repeat"]) == (1, 1, [])
    assert {each.data["table"] for each in told["removed"].records} >= {"raw.conversations", "staging.segments"}
    assert ids(chain) == documents.keys() - {purged}
    sessions = [each["sessionId"] for who in json.loads(documents[purged])["participants"] for each in who["sessions"]]
    left = on_disk(chain.folder)
    for token in (purged, *sessions):
        assert excerpts(left, token) == []
    assert excerpts(left, other)
    assert not landing.exists()


def test_a_dry_run_tells_the_same_figures_and_removes_nothing(chain):
    before = ids(chain)
    wanted = sorted(before)[:2]
    dry = metadata(launched(chain, conversation_ids=wanted, dry_run=True))
    assert ids(chain) == before
    real = metadata(launched(chain, conversation_ids=wanted))
    assert (dry["conversations"], dry["rows"]) == (real["conversations"], real["rows"])
    assert len(ids(chain)) == len(before) - 2
    again = launched(chain, conversation_ids=wanted)
    assert again.success
    assert metadata(again)["purged_before"] == 2


def test_an_id_that_is_nowhere_fails_the_job_and_removes_nothing(chain):
    before = ids(chain)
    result = launched(chain, conversation_ids=[min(before), "nobody"])
    assert not result.success
    assert "nothing was removed" in failure_of(result)
    assert ids(chain) == before
    assert "nothing to purge" in failure_of(launched(chain))


def test_the_job_does_not_start_beside_a_run_that_is_at_work(chain):
    run = chain.instance.create_run_for_job(purge, status=dg.DagsterRunStatus.STARTED)
    before = ids(chain)
    result = launched(chain, conversation_ids=[min(before)])
    assert run.run_id[:8] in failure_of(result)
    assert ids(chain) == before


def test_exports_that_hold_what_was_removed_are_named(chain):
    name, removed = min(ids(chain)), str(DAY)
    for key, partition in (
        (["exports", "staging", "sessions"], removed),
        (["exports", "staging", "sessions"], "2026-11-19"),
        (["exports", "marts", "queue_performance"], removed),
        (["exports", "database_copy"], None),
    ):
        chain.instance.report_runless_asset_event(dg.AssetMaterialization(dg.AssetKey(key), partition=partition))
    told = metadata(launched(chain, conversation_ids=[name]))
    assert told["exports_to_repeat"] == ["exports/database_copy", f"exports/staging/sessions {removed}"]
