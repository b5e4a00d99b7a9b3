"""`genesys-assets dbt-sources`: our tables as the sources of a dbt project.

What belongs here: the file's text. The tables and their columns are `data_model`; dagster-dbt reads the asset keys.
"""

import inspect
import json
from collections.abc import Iterator
from itertools import groupby

import dataframely as dy

from genesys_assets.data_model import TABLES
from genesys_assets.names import Names
from genesys_assets.tables.sql_types import sql_type


def dbt_sources(key_prefix: str | None) -> str:
    """Return the text of a dbt sources file: one source for each schema of the database.

    Args:
        key_prefix: That of the organisation; the sources are called after it, else after Genesys Cloud.
    """
    return "\n".join(_lines(Names(key_prefix))) + "\n"


def _lines(names: Names) -> Iterator[str]:
    yield "# Written by `genesys-assets dbt-sources`: write it again after an update, since tables get columns."
    yield "version: 2"
    yield "sources:"
    for schema, tables in groupby(sorted(TABLES), key=lambda table: table.split(".")[0]):
        yield f"  - name: {names.prefix or 'genesys'}_{schema}"
        yield f"    schema: {schema}"
        yield "    tables:"
        for table in tables:
            yield from _table(table, TABLES[table], names)


def _table(table: str, schema: type[dy.Schema], names: Names) -> Iterator[str]:
    key = names.key(table.split(".")).path
    yield f"      - name: {table.split('.')[1]}"
    yield f"        description: {_text(inspect.getdoc(schema))}"
    yield f"        config: {{meta: {{dagster: {{asset_key: {json.dumps(key)}}}}}}}"
    yield "        columns:"
    for name, column in schema.columns().items():
        yield f"          - name: {name}"
        yield f"            data_type: {_text(sql_type(column.dtype))}"
        yield f"            description: {_text(column.description)}"


def _text(text: str | None) -> str:
    """Return a text as YAML has it: a string of JSON is one."""
    return json.dumps(" ".join((text or "").split()), ensure_ascii=False)
