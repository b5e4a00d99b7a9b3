"""What is made of a day that was never fetched, or of a database that is not there, is an error and no empty day."""

from datetime import timedelta

import dagster as dg
import pytest
from click.testing import CliRunner

from genesys_assets.cli.commands import main
from genesys_assets_tests.conftest import DAY

FILES = [["exports", "queue_performance_latest"], ["reports", "daily"]]


def failures_of(result):
    return [
        event.step_failure_data.user_failure_data.description for event in result.all_events if event.is_step_failure
    ]


def test_a_day_that_was_never_fetched_cannot_be_restated(chain):
    assert chain.run("refresh_directory").success
    result = chain.run("restate_marts", DAY)
    assert not result.success
    assert not result.get_asset_materialization_events()
    assert [said for said in failures_of(result) if f"raw.conversations of {DAY} is not in the database" in said]
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)


@pytest.mark.parametrize("key", FILES)
def test_no_file_is_made_of_a_day_that_was_never_stored(chain, key):
    assert chain.run("refresh_directory").success
    job = chain.defs.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(
        instance=chain.instance, partition_key=str(DAY), asset_selection=[dg.AssetKey(key)], raise_on_error=False
    )
    assert not result.success
    assert f"of {DAY} is not in the database" in failures_of(result)[0]
    assert not (chain.folder / "exports").exists()


def test_a_lost_database_is_told_and_begun_anew_by_a_command_only(chain, monkeypatch):
    assert chain.fetch(DAY).success
    (chain.folder / "genesys.duckdb").unlink()
    again = chain.fetch(DAY - timedelta(days=1))
    assert "genesys-assets new-database" in failures_of(again)[0]
    assert not (chain.folder / "genesys.duckdb").exists()

    monkeypatch.setenv("GENESYS_ASSETS_DATABASE", str(chain.folder / "genesys.duckdb"))
    made = CliRunner().invoke(main, ["new-database"])
    assert (made.exit_code, "empty" in made.output) == (0, True)
    assert chain.fetch(DAY - timedelta(days=1)).success
    assert chain.documents()
    refused = CliRunner().invoke(main, ["new-database"])
    assert refused.exit_code == 1
    assert chain.documents()
