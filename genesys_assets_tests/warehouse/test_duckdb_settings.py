from pathlib import Path

import duckdb
import pytest

from genesys_assets.warehouse import Database
from genesys_assets.warehouse.duckdb_settings import LARGEST_ROW_GROUP, rows_in_group

MANY = 10**6


@pytest.mark.parametrize(
    ("rows", "row_bytes", "wanted"),
    [
        (MANY, 0, LARGEST_ROW_GROUP),
        (MANY, 100, LARGEST_ROW_GROUP),
        (MANY, 500, 49_152),
        (MANY, 5_600, 4_096),
        (MANY, 10**9, 2_048),
        (2_047, 100, 2_048),
    ],
)
def test_a_row_group_weighs_about_24_megabytes(rows: int, row_bytes: float, wanted: int) -> None:
    assert rows_in_group(rows, row_bytes) == wanted


def groups(path: Path, table: str) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            f"SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('{table}')"
        ).fetchall()
    return int(found[0][0])


def fill(path: Path, table: str, rows: int, row_group_rows: int) -> None:
    with Database(path).writing(row_group_rows=row_group_rows) as connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (number BIGINT)")
        connection.execute(f"INSERT INTO {table} FROM range({rows})")


def test_a_writer_of_large_groups_leaves_small_ones_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    fill(path, "documents", 5 * 4_096, 4_096)
    before = groups(path, "documents")
    fill(path, "metrics", 200_000, LARGEST_ROW_GROUP)
    assert groups(path, "documents") == before >= 5


def test_days_of_few_rows_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    for _ in range(12):
        fill(path, "calls", 100, rows_in_group(100, 50))
    assert groups(path, "calls") < 6
