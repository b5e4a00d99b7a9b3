from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from genesys_assets.exports import Destination, destination_of, export_day
from genesys_assets_tests.reports.contact_centre import DAY, marts

TABLE = "marts.queue_performance"
NEXT = DAY + timedelta(days=1)
ROWS = pl.concat([marts(DAY, 40)["queue_performance"], marts(NEXT, 30)["queue_performance"]]).collect()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """Two days of a mart in a folder."""
    for day in (DAY, NEXT):
        export_day(destination_of(str(tmp_path)), TABLE, day, ROWS.lazy())
    return tmp_path


def test_a_day_stands_at_its_hive_path(exported: Path) -> None:
    files = sorted(str(path.relative_to(exported)) for path in exported.rglob("*.parquet"))
    assert files == [f"marts/queue_performance/partition_date={day}/part-0.parquet" for day in (DAY, NEXT)]


def test_polars_reads_the_folder_back_as_one_table(exported: Path) -> None:
    read = pl.scan_parquet(exported / "marts/queue_performance").collect()
    assert_frame_equal(read.select(ROWS.columns), ROWS)


def test_duckdb_reads_the_files_back_as_one_table(exported: Path, tmp_path: Path) -> None:
    files = exported / "marts/queue_performance/*/*.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM read_parquet('{files}', hive_partitioning = true)) TO '{tmp_path}/read.parquet'"
        )
    read = pl.read_parquet(tmp_path / "read.parquet")
    assert_frame_equal(read.select(ROWS.columns), ROWS, check_row_order=False)


def test_duckdb_reads_only_the_days_that_are_asked_for(exported: Path) -> None:
    (exported / f"marts/queue_performance/partition_date={NEXT}/part-0.parquet").write_bytes(b"unreadable")
    files = exported / "marts/queue_performance/*/*.parquet"
    with duckdb.connect() as connection:
        query = f"SELECT sum(offered) FROM '{files}' WHERE partition_date = '{DAY}'"
        assert connection.execute(query).fetchall() == [(40,)]


def test_polars_reads_a_bucket_back_as_one_table(s3_url: str) -> None:
    for day in (DAY, NEXT):
        export_day(destination_of(s3_url), TABLE, day, ROWS.lazy())
    assert_frame_equal(pl.scan_parquet(f"{s3_url}/marts/queue_performance/").collect().select(ROWS.columns), ROWS)


def test_the_file_is_compressed_with_zstd_and_leaves_its_day_to_the_folder(exported: Path) -> None:
    file = exported / f"marts/queue_performance/partition_date={DAY}/part-0.parquet"
    with duckdb.connect() as connection:
        query = f"SELECT DISTINCT compression FROM parquet_metadata('{file}')"
        assert connection.execute(query).fetchall() == [("ZSTD",)]
    assert "partition_date" not in pl.read_parquet_schema(file)


def test_exporting_a_day_again_replaces_it(destination: Destination) -> None:
    export_day(destination, TABLE, DAY, ROWS.lazy())
    again = export_day(destination, TABLE, DAY, ROWS.lazy().filter(pl.col("queue_id") == "q1"))
    assert 0 < again.rows < ROWS.filter(partition_date=DAY).height


def test_a_day_without_rows_is_a_file_without_rows(tmp_path: Path) -> None:
    to, empty = destination_of(str(tmp_path)), date(2026, 1, 1)
    assert export_day(to, TABLE, empty, ROWS.lazy()).rows == 0
    read = pl.read_parquet(tmp_path / f"marts/queue_performance/partition_date={empty}/part-0.parquet")
    assert read.schema == ROWS.drop("partition_date").schema


def test_what_was_put_is_told(exported: Path) -> None:
    told = export_day(destination_of(str(exported)), TABLE, DAY, ROWS.lazy())
    file = Path(told.address)
    assert (told.rows, told.bytes) == (ROWS.filter(partition_date=DAY).height, file.stat().st_size)
