from typing import Any

import pytest

from genesys_assets.warehouse import DeclarationError
from genesys_assets.warehouse.engines.file import File
from genesys_assets.warehouse.table import Table, literal, quoted
from genesys_assets_tests.warehouse.support import CALLS, Declared


def declared(*, partitioned: bool = True, **changes: Any) -> Table:
    return Table.declared("raw", "calls", {**CALLS.metadata(), **changes}, partitioned=partitioned)


def test_names_and_text_are_quoted() -> None:
    assert quoted("raw", 'my "own"') == '"raw"."my ""own"""'
    assert literal("it's") == "'it''s'"


def test_a_declared_table_knows_its_columns_its_key_and_its_partition_column() -> None:
    table = declared(compressed_columns=["note"])
    assert [column.ddl(File.dialect) for column in table.columns] == [
        '"partition_date" DATE',
        '"call_id" VARCHAR',
        '"seconds" BIGINT',
        '"note" VARCHAR USING COMPRESSION ZSTD',
    ]
    assert [column.required for column in table.columns] == [True, True, False, False]
    assert (table.label, table.key, table.partition_column) == (
        "raw.calls",
        ("partition_date", "call_id"),
        "partition_date",
    )


def test_the_partition_column_is_required_whatever_is_declared() -> None:
    table = Table.declared("raw", "calls", Declared(required=()).metadata(), partitioned=True)
    assert [column.name for column in table.columns if column.required] == ["partition_date"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (None, ""),
        ([], " WHERE false"),
        (["2026-01-01"], """ WHERE "partition_date" IN ('2026-01-01'::DATE)"""),
        (["2026-01-01", "2026-01-03"], """ WHERE "partition_date" IN ('2026-01-01'::DATE, '2026-01-03'::DATE)"""),
    ],
)
def test_partitions_are_told_by_their_keys(keys: list[str] | None, expected: str) -> None:
    assert declared().where(keys) == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dagster/column_schema": None}, "declares no columns"),
        ({"partition_expr": None}, "declares no partition column"),
        ({"partition_expr": {"day": "partition_date"}}, "declares no partition column"),
        ({"partition_expr": "day"}, r"names columns that it does not declare \(day\)"),
        (
            {"primary_key": ["id"], "compressed_columns": ["text"], "columns_ignored_in_changes": ["read_at"]},
            r"names columns that it does not declare \(id, read_at, text\)",
        ),
        (
            {"columns_ignored_in_changes": list(CALLS.columns)},
            "declares all of its columns in columns_ign",
        ),
    ],
)
def test_a_declaration_that_describes_no_table_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(DeclarationError, match=reason):
        declared(**changes)


@pytest.mark.parametrize("metadata", ["columns_ignored_in_changes", "volatile_columns"])
def test_the_columns_that_change_nothing_are_declared_by_the_old_name_too(metadata: str) -> None:
    assert declared(**{"columns_ignored_in_changes": None, metadata: ["note"]}).ignored_in_changes == ("note",)


def test_a_table_without_partitions_needs_no_partition_column() -> None:
    assert declared(partitioned=False, partition_expr=None).partition_column is None
