"""From nested records to flat tables: down the tree of `genesys_assets.tables.schema_tree`, a table per node."""

from collections.abc import Iterator, Mapping
from datetime import date

import dataframely as dy
import polars as pl

from genesys_assets.tables import timestamps
from genesys_assets.tables.columns import known_values
from genesys_assets.tables.schema_drift import SchemaDrift, shown
from genesys_assets.tables.schema_tree import SchemaNode

# Row numbers within the batch, by which its frames are joined: of the record, and of what is counted in it (a session).
_ROW_NUMBERS = ("_row", "_session")

Drifts = Mapping[date, SchemaDrift]


def flatten(
    tree: SchemaNode, records: pl.DataFrame, maps: Mapping[str, pl.DataFrame], drifts: Drifts
) -> dict[str, pl.DataFrame]:
    """Return the rows of every table of the tree that has some, with the columns that the records have.

    Args:
        tree: The tables of the records' source.
        records: partition_date, record (a struct) and further columns of the tree's topmost table.
        maps: By table that has a row per name: _row (place of the record in `records`), the parent's ordinal, name,
            value.
        drifts: Count values outside a documented set, and unreadable timestamps.
    """
    rows = records.with_columns(_row=pl.int_range(pl.len(), dtype=pl.Int32))
    frames = dict(_descend(tree, _with_fields(tree, rows), drifts))
    for node in tree.walk():
        if node.completed is not None:
            frames[node.table] = node.completed(frames)
        for child in node.children:
            if child.table in maps:
                parents = frames[node.table].drop("name", "value", strict=False)
                frames[child.table] = maps[child.table].join(
                    parents, on=["_row", str(node.ordinal)], maintain_order="left"
                )
    schemas = {node.table: node.schema for node in tree.walk()}
    return {table: _stored(schemas[table], frame) for table, frame in frames.items() if frame.height}


def _descend(node: SchemaNode, rows: pl.DataFrame, drifts: Drifts) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the rows of a schema node and of the nodes below it, each with its table."""
    rows = rows.with_columns(_timestamps(node, rows, drifts))
    _count_unknown_values(node, rows, drifts)
    below = [(child, _rows_of(child, rows)) for child in node.children if _nested(child) in rows.columns]
    yield node.table, rows.drop(_nested(child) for child, _ in below)
    del rows  # frees the nested lists, of which `below` has copies
    while below:
        child, exploded = below.pop(0)
        yield from _descend(child, _with_fields(child, exploded), drifts)


def _rows_of(child: SchemaNode, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a row per object of a node within rows: what it inherits, its ordinal, and the object as `record`."""
    inherited = [column for column in rows.columns if column in child.inherited or column in _ROW_NUMBERS]
    within = rows.select(*inherited, record=pl.col(_nested(child)))
    if child.shape == "object":
        return within.filter(pl.col("record").is_not_null())
    counted = within.with_columns(pl.int_ranges(pl.col("record").list.len(), dtype=pl.Int32).alias(str(child.ordinal)))
    exploded = counted.explode("record", str(child.ordinal), empty_as_null=False, keep_nulls=False)
    return _numbered(str(child.ordinal), exploded) if child.counts_in_record else exploded


def _numbered(ordinal: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Set the ordinals of rows, from 0 in each record, whichever parent they belong to."""
    number = pl.col("_session")
    return rows.with_columns(_session=pl.int_range(pl.len(), dtype=pl.Int32)).with_columns(
        (number - number.min().over("_row")).alias(ordinal)
    )


def _with_fields(node: SchemaNode, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their record's fields as columns: plain ones by column name, nested ones as they came."""
    present = {part.name for part in rows.schema["record"].fields}  # type: ignore[attr-defined]  # a struct
    record = pl.col("record").struct
    return rows.select(
        pl.exclude("record"),
        *[record.field(field).alias(column.name) for field, column in node.fields.items() if field in present],
        *[record.field(child.field).alias(_nested(child)) for child in node.children if child.field in present],
    )


def _timestamps(node: SchemaNode, rows: pl.DataFrame, drifts: Drifts) -> list[pl.Series]:
    parsed = []
    for field, column in node.fields.items():
        if isinstance(column.dtype, pl.Datetime) and column.name in rows.columns:
            texts = rows[column.name]
            parsed.append(timestamps.parsed(texts))
            if parsed[-1].null_count() > texts.null_count():
                for day in rows["partition_date"].filter(parsed[-1].is_null() & texts.is_not_null()):
                    drifts[day].unreadable_values[node.path_of(field)] += 1
    return parsed


def _count_unknown_values(node: SchemaNode, rows: pl.DataFrame, drifts: Drifts) -> None:
    sets = {
        (field, column.name): known
        for field, column in node.fields.items()
        if (known := known_values(column)) and column.name in rows.columns
    }
    unknown = rows.select(~pl.col(name).is_in(known) for (_, name), known in sets.items())
    for field, name in sets:
        if unknown[name].any():
            unknown_rows = rows.select("partition_date", name).filter(unknown[name])
            for day, value in unknown_rows.iter_rows():
                drifts[day].unknown_values[f"{node.path_of(field)}={shown(value)}"] += 1


def _stored(schema: type[dy.Schema], rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(column for column in schema.column_names() if column in rows.columns)


def _nested(node: SchemaNode) -> str:
    return f"_{node.field}"
