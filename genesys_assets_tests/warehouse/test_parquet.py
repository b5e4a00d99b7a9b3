"""Rows that stand in Parquet files."""

from pathlib import Path

import polars as pl
import pytest

from genesys_assets.warehouse import ParquetRows, SchemaRefusedError
from genesys_assets.warehouse.table import Table
from genesys_assets_tests.warehouse.support import CALLS, DAY, Engine, calls, load, store

TABLE = Table.declared("raw", "calls", CALLS.metadata(), partitioned=True)


def written(folder: Path, *frames: pl.DataFrame) -> ParquetRows:
    files = tuple(folder / f"{number}.parquet" for number in range(len(frames)))
    for frame, file in zip(frames, files, strict=True):
        frame.write_parquet(file)
    return ParquetRows(files)


def test_a_column_that_a_file_lacks_is_null_in_it(tmp_path: Path) -> None:
    rows = written(tmp_path, calls(DAY, ("a", 1, "x")).drop("seconds", "note"), calls(DAY, ("b", 2, "y")).drop("note"))
    assert rows.columns(TABLE) == ["partition_date", "call_id", "seconds"]
    assert rows.scan(TABLE).select("call_id", "seconds", "note").collect().rows() == [("a", None, None), ("b", 2, None)]


def test_files_are_stored_as_they_stand(engine: Engine, tmp_path: Path) -> None:
    rows = written(tmp_path, calls(DAY, ("a", 1, "x")), calls(DAY, ("b", 2, "y")).drop("seconds"))
    store(engine, lambda _context: rows)  # type: ignore[arg-type,return-value]  # as an asset may return it
    assert sorted(load(engine).rows()) == sorted([*calls(DAY, ("a", 1, "x"), ("b", None, "y")).rows()])


@pytest.mark.parametrize("wrong", [0, 1], ids=["first", "last"])
def test_a_file_of_another_type_is_refused_before_anything_is_changed(
    engine: Engine, tmp_path: Path, wrong: int
) -> None:
    store(engine, calls(DAY, ("old", 1, "x")))
    frames = [calls(DAY, ("a", 1, "x")), calls(DAY, ("b", 2, "y"))]
    frames[wrong] = frames[wrong].cast({"seconds": pl.Int32})
    rows = written(tmp_path, *frames)
    with pytest.raises(SchemaRefusedError, match="column seconds is Int32 and declared as BIGINT"):
        store(engine, lambda _context: rows)  # type: ignore[arg-type,return-value]  # as above
    assert load(engine)["call_id"].to_list() == ["old"]
