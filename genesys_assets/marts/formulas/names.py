"""Names beside ids: joined from directory frames, never from the documents (a participant's may be the queue's)."""

from __future__ import annotations

import polars as pl

from genesys_assets.directory import LISTINGS
from genesys_assets.marts.formulas.errors import DoubledNameError

_NO_ONE = pl.DataFrame(schema={"id": pl.String, "name": pl.String})


def with_names(frame: pl.LazyFrame, **directory: pl.LazyFrame) -> pl.LazyFrame:
    """Put a name beside each id: `queue_id` gets `queue_name`, `user_ids` get `user_names`.

    Args:
        frame: A mart. Its columns that end as the `ids` of a listing do are named.
        directory: The directory's tables by name (`queues`, `users`), with `id` and `name` at least; ids stand once. Of
            the others no name is known.

    Returns:
        The same rows in the same order with the names; an id that the directory does not know keeps a null name, and a
        wrap-up code is its own name there: the platform's (ININ-WRAP-UP-TIMEOUT) are listed nowhere.

    Raises:
        DoubledNameError: A table of the directory holds an id twice.

    Example:
        >>> queues = pl.LazyFrame({"id": ["q1"], "name": ["Billing"]})
        >>> frame = pl.LazyFrame({"queue_id": ["q1", "q2", None], "offered": [3, 2, 1]})
        >>> with_names(frame, queues=queues).collect().rows()
        [('q1', 'Billing', 3), ('q2', None, 2), (None, None, 1)]
    """
    names = {f"directory.{name}": _names(name, table) for name, table in directory.items()}
    columns: list[pl.Expr] = []
    for column in frame.collect_schema():
        columns.append(pl.col(column))
        if table := table_of_ids(column):
            named = _named_members if column.endswith("_ids") else _named
            name = named(pl.col(column), names.get(table, _NO_ONE))
            otherwise = [pl.col(column)] if is_its_own_name(column) else []
            columns.append(pl.coalesce(name, *otherwise).alias(name_column(column)))
    return frame.select(columns)


def table_of_ids(column: str) -> str | None:
    """Return the directory's table ('directory.queues') that names the ids of a mart's column; None: it holds none."""
    tables = (table for table, listing in LISTINGS.items() for ending in listing.ids if column.endswith(ending))
    return next(tables, None)


def is_its_own_name(column: str) -> bool:
    """Tell whether what a column of ids holds stands for the name where the directory has none: wrap-up codes do."""
    return column.endswith("_code")


def name_column(ids: str) -> str:
    """Return the name of the column that stands beside one of ids: `user_names` for `user_ids`."""
    return ids.removesuffix("_code").removesuffix("_ids").removesuffix("_id") + (
        "_names" if ids.endswith("_ids") else "_name"
    )


def _names(table: str, rows: pl.LazyFrame) -> pl.DataFrame:
    names = rows.select("id", "name").collect()
    if names["id"].n_unique() < names.height:
        raise DoubledNameError(f"directory.{table} holds an id twice: materialise it again, then this mart.")
    return names


def _named(ids: pl.Expr, names: pl.DataFrame) -> pl.Expr:
    return ids.replace_strict(names["id"], names["name"], default=None, return_dtype=pl.String)


def _named_members(lists: pl.Expr, names: pl.DataFrame) -> pl.Expr:
    return lists.list.drop_nulls().list.eval(_named(pl.element(), names)).fill_null([])
