"""docs/data-model.md, made from the schemas.

Belongs here: the layout of the page. The schemas say what tables hold, the schema tree says where it is in the record.
"""

import inspect
from collections.abc import Iterable, Iterator

import dataframely as dy
import polars as pl

from genesys_assets.data_model import PARENTS, TABLES
from genesys_assets.directory import LISTINGS
from genesys_assets.sources import SOURCES, TREES
from genesys_assets.tables.columns import known_values, personal_data, wire_fields
from genesys_assets.tables.sql_types import sql_type
from genesys_assets.texts import markdown_table

MOST_VALUES = 40
"""Sets of more values are not written out: those of the metrics are in metrics.md."""

LAYERS = {
    "raw": f"As received: one JSON document per {' or '.join(each.name for each in SOURCES.values())} and day.",
    "staging": "The documents, decoded once: every field of Genesys's record, typed, under its own name.",
    "directory": "Names and settings of what conversations know by id only, as they are now. Not partitioned: each "
    "refresh replaces the table; what is listed no more stays, marked as `deleted`.",
    "marts": "The figures, per day. What each one means and how it is computed: [metrics.md](metrics.md).",
}

NODES = {node.table: node for tree in TREES.values() for node in tree.walk()}
"""Where in their records the rows of staging's tables are."""

NAMED = {
    listing.found_in: directory
    for table in TABLES
    for directory, listing in LISTINGS.items()
    if listing.found_in and listing.found_in[0] == table
}
"""Which column leads to which directory table, one for each: what the picture draws."""

_INTRODUCTION = """\
# The tables

<!-- Written by `make docs` from the schemas of genesys_assets/data_model: edit those. -->

- **A partition is a business day of activity**, from midnight to midnight by the clocks of
  [the organisation's time zone](business-day.md). A conversation stands in `raw` and `staging` on each day that it was
  active, each time as it was when that day was fetched; [how a day is read](extraction.md) says what active means.
  `partition_date` is part of every key but the directory's: name it when you join or count.
- **Names are Genesys's**, in snake_case: `conversationStart` is `conversation_start`. What the record does not have,
  but a row needs to be found or joined, is marked "added".
- **Fields that may hold personal data** are marked "personal"; [privacy.md](privacy.md) says what becomes of them.
- **Keys are ordinals**, places in the record from 0: nothing promises that ids are unique within a conversation. The
  ids stand beside them. A child's columns of the same names as its parent's key lead to its one parent.
- **A list of objects is a table; a list of plain values is a list column**: `list_contains(division_ids, '...')`
  filters by it, `unnest(division_ids)` joins it. Null is a list that the record does not have.
- **Sets of values are open**, and fields come without notice. A value that is not documented is stored as it came; a
  field without a column stays in `raw.conversations.document`. Both are named in the partition's metadata.
- **What no JSON reader takes costs no day.** Half an emoji in a text that was cut off, bytes that are not UTF-8, `NaN`,
  nesting by the hundred: U+FFFD stands in its place, and all else of the document is as it was sent. The run's log
  names the conversations, `unreadable_values` in the partition's metadata the fields.
- **Of equal keys in one object the first counts**, in `staging` as with `->>` on `document`; with
  `GENESYS_ASSETS_PRIVACY` hash or drop, the last. Of two participant attributes of one name either may count.
- Timestamps are UTC, to the microsecond; numbers are as Genesys tells them, durations in milliseconds.
- One wide join repeats a session's row on each of its segments and metrics: aggregate first, then join.
"""


def page() -> str:
    """Return the whole of docs/data-model.md, as Markdown."""
    return "\n".join([_INTRODUCTION, "## How they hang together\n", _picture(), *_layers()])


def _picture() -> str:
    relations = [(table, "||--||", tree.table, "is decoded into") for table, tree in TREES.items()]
    relations += [(parent, _one_or_many(child), child, "has") for child, parent in PARENTS.items()]
    relations += [(table, _leads_to(table, column), named, column) for (table, column), named in NAMED.items()]
    drawn = "\n".join(
        f'  {_entity(left)} {line} {_entity(right)} : "{label}"' for left, line, right, label in relations
    )
    return f"```mermaid\nerDiagram\n{drawn}\n```\n"


def _entity(table: str) -> str:
    return table.replace(".", "_")


def _one_or_many(table: str) -> str:
    return "||--o|" if NODES[table].shape == "object" else "||--o{"


def _leads_to(table: str, column: str) -> str:
    return "}o..o{" if isinstance(TABLES[table].columns()[column].dtype, pl.List) else "}o..o|"


def _layers() -> Iterator[str]:
    for layer, meaning in LAYERS.items():
        yield f"## {layer}\n\n{meaning}\n"
        for table, schema in TABLES.items():
            if table.startswith(f"{layer}."):
                yield _table(table, schema)


def _table(table: str, schema: type[dy.Schema]) -> str:
    facts = [f"Key: {_codes(schema.primary_key())}."]
    if table in PARENTS:
        facts.append(f"Parent: {_code(PARENTS[table])}.")
    if table in NODES and NODES[table].path:
        facts.append(f"In the record: {_code(NODES[table].path)}.")
    fields = {str(column.name) for column in wire_fields(schema).values()}
    rows = [_row(table, column, added=column.name not in fields) for column in schema.columns().values()]
    heading = f"### {table}\n\n{_sentence(schema)}\n\n{' '.join(facts)}\n"
    return f"{heading}\n{markdown_table(('column', 'type', 'null', 'what it holds'), rows)}"


def _row(table: str, column: dy.Column, *, added: bool) -> tuple[str, ...]:
    mark = " *(added)*" if added and table.startswith("staging.") else ""
    mark += " *(personal)*" if personal_data(column) else ""
    null = "yes" if column.nullable else "no"
    values = known_values(column) or ()
    known = f" Known values: {', '.join(values)}." if 0 < len(values) <= MOST_VALUES else ""
    sql = sql_type(column.dtype).replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")  # the same type, in one word
    return f"{_code(str(column.name))}{mark}", sql, null, f"{column.description}{known}"


def _sentence(schema: type[dy.Schema]) -> str:
    return (inspect.getdoc(schema) or "").partition("\n")[0]


def _code(text: str) -> str:
    return f"`{text}`"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(_code, texts))
