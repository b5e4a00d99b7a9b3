"""The whole chain in folders whose names mean something to the readers of files."""

import duckdb
import polars as pl
import pytest

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.cli.copy import run_copy
from genesys_assets.exports import destination_of
from genesys_assets.exports.destination import ExportError
from genesys_assets.organisation import Organisation
from genesys_assets.warehouse import Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, Chain, chains, small_sandbox

FOLDER = "purpose=agent/queue_id=x/[a]/a*b/~t/it's; --/%20 #ü/back\\[slash]"
MISREAD = "what?/[b]/{c}/name=value"


class Misread(Chain):
    """A chain that keeps its other files in folders that no database could be in."""

    @property
    def defs(self):
        elsewhere = self.folder / MISREAD
        return build_defs(
            Organisation.from_environment(),
            resources={
                "genesys": self.genesys,
                "io_manager": Warehouse(database=str(self.folder / "genesys.duckdb")),
                "work": WorkFolder(path=str(elsewhere / "work")),
                "exports": Exports(url=str(elsewhere / "exports"), report_timezone="UTC"),
            },
        )


@pytest.mark.slow
def test_a_day_twice_its_files_report_copy_and_purge_are_right_in_any_folder(tmp_path, monkeypatch):
    with chains(tmp_path / FOLDER) as make:
        made = make(small_sandbox())
        chain = Misread(made.folder, made.genesys, made.instance, made.sandbox)
        for job in ("refresh_directory", "day", "day", "copy_database"):
            assert chain.run(job, DAY if job == "day" else None).success
        tables = {name: chain.table(name) for name in ("raw.conversations", "marts.queue_performance")}
        assert chain.table("staging.participants")["purpose"].n_unique() > 1

        exports = tmp_path / FOLDER / MISREAD / "exports"
        exported = exports / f"marts/queue_performance/partition_date={DAY}/part-0.parquet"
        assert pl.read_parquet(exported.read_bytes()).height == tables["marts.queue_performance"].height
        assert (exports / f"reports/daily/{DAY}.html").stat().st_size > 10_000
        plainly_named = tmp_path / "copied.duckdb"
        plainly_named.write_bytes((exports / "contact_centre.duckdb").read_bytes())
        with duckdb.connect(str(plainly_named), read_only=True) as connection:
            [(rows,)] = connection.execute("SELECT count(*) FROM marts.queue_performance").fetchall()
        assert rows == tables["marts.queue_performance"].height

        monkeypatch.setenv("GENESYS_ASSETS_WORK_FOLDER", str(tmp_path / MISREAD))
        target = tmp_path / "[copy]" / "note=agent" / "copy*.duckdb"
        assert run_copy(str(chain.folder / "genesys.duckdb"), str(target), None, None, replace=False) == 0

        purged = tables["raw.conversations"]["conversation_id"].min()
        purge = {"ops": {"purge_conversations": {"config": {"conversation_ids": [purged]}}}}
        assert chain.run("purge", run_config=purge).success
        left = chain.table("raw.conversations")["conversation_id"]
        assert set(left) == set(tables["raw.conversations"]["conversation_id"]) - {purged}
        assert purged.encode() not in (chain.folder / "genesys.duckdb").read_bytes()


@pytest.mark.parametrize("url", ["file:///data/what?/exports", "file://data/exports", "s3://bucket/a#b"])
def test_a_url_that_would_be_cut_short_is_refused(url):
    with pytest.raises(ExportError, match=r"%3F and %23"):
        destination_of(url)
