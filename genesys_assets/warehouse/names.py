"""Names as DuckDB compares them: `Calls` and `calls` are one table, `É` and `é` are two.

Belongs here: which names are the same, which table an asset's key names, and that no two assets share one. The record
of it in a database is in `stored`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg

from genesys_assets.warehouse.errors import DeclarationError

_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}


def folded(name: str) -> str:
    """Return the form in which names that are the same to DuckDB are equal: ASCII letters in lower case."""
    return name.translate(_LOWER)


def repeated(names: Iterable[str]) -> list[str]:
    """Return those of the names that are the same to DuckDB as another one of them, sorted."""
    names = list(names)
    counts = Counter(map(folded, names))
    return sorted(name for name in names if counts[folded(name)] > 1)


def table_of(key: Sequence[str], metadata: Mapping[str, Any], schema: str | None) -> tuple[str, str]:
    """Return the schema and the table in which an asset is stored.

    Args:
        key: The parts of its key: the last is the table, the one before it the schema.
        metadata: Its definition metadata; `schema` names another schema.
        schema: The IO manager's own, for all assets.
    """
    return metadata.get("schema") or schema or (key[-2] if len(key) > 1 else "public"), key[-1]


def refuse_collisions(
    assets: Iterable[dg.AssetsDefinition | dg.AssetSpec | object], *, schema: str | None = None
) -> None:
    """Refuse definitions in which two assets would be stored in one table; to be called where they are put together.

    Args:
        assets: All of them; those that declare no `dagster/column_schema` are stored in no table.
        schema: The IO manager's own schema, if it has one.

    Raises:
        DeclarationError: Two assets would share one table, as DuckDB compares names.
    """
    tables: dict[str, set[str]] = {}
    for spec in _specs(assets):
        if "dagster/column_schema" in spec.metadata:
            name = folded(".".join(table_of(spec.key.path, spec.metadata, schema)))
            tables.setdefault(name, set()).add(spec.key.to_user_string())
    for name, keys in tables.items():
        if len(keys) > 1:
            raise DeclarationError(
                f"The assets {' and '.join(sorted(keys))} would be stored in one table, {name}, and each replace the "
                "other's rows: DuckDB does not distinguish upper from lower case, and only the last two parts of a "
                "key name the table. Give them other names, or one of them another schema by the metadata 'schema'."
            )


def _specs(assets: Iterable[object]) -> Iterable[dg.AssetSpec]:
    for each in assets:
        if isinstance(each, dg.AssetsDefinition):
            yield from each.specs
        elif isinstance(each, dg.AssetSpec):
            yield each
