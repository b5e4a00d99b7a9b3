"""Names beside ids: joined from directory frames, never from the documents (a participant's may be the queue's)."""

from __future__ import annotations

import polars as pl

from genesys_assets.metrics.errors import DoubledNameError

_NO_ONE = pl.DataFrame(schema={"id": pl.String, "name": pl.String})


def with_names(
    frame: pl.LazyFrame,
    *,
    queues: pl.LazyFrame | None = None,
    users: pl.LazyFrame | None = None,
    wrapup_codes: pl.LazyFrame | None = None,
    divisions: pl.LazyFrame | None = None,
) -> pl.LazyFrame:
    """Put a name beside each id: `queue_id` gets `queue_name`, `user_ids` get `user_names`.

    Args:
        frame: A mart. Its columns that end in `queue_id`, `user_id`, `user_ids`, `wrap_up_code` or `division_ids` are
            named.
        queues: Directory of queues, with `id` and `name` at least; ids stand once. Not given: nothing is known.
        users: Directory of users, likewise.
        wrapup_codes: Directory of wrap-up codes, likewise.
        divisions: Directory of divisions, likewise.

    Returns:
        The same rows in the same order with the names; an id that the directory does not know keeps a null name.

    Raises:
        DoubledNameError: A directory holds an id twice.

    Example:
        >>> queues = pl.LazyFrame({"id": ["q1"], "name": ["Billing"]})
        >>> frame = pl.LazyFrame({"queue_id": ["q1", "q2", None], "offered": [3, 2, 1]})
        >>> with_names(frame, queues=queues).collect().rows()
        [('q1', 'Billing', 3), ('q2', None, 2), (None, None, 1)]
    """
    of_users = _names("users", users)
    directories = {
        "queue_id": _names("queues", queues),
        "user_id": of_users,
        "user_ids": of_users,
        "wrap_up_code": _names("wrap-up codes", wrapup_codes),
        "division_ids": _names("divisions", divisions),
    }
    columns: list[pl.Expr] = []
    for column in frame.collect_schema():
        columns.append(pl.col(column))
        for ending, names in directories.items():
            if column.endswith(ending):
                named = _named_members if ending.endswith("_ids") else _named
                columns.append(named(pl.col(column), names).alias(_name_column(column)))
    return frame.select(columns)


def _names(entities: str, directory: pl.LazyFrame | None) -> pl.DataFrame:
    names = _NO_ONE if directory is None else directory.select("id", "name").collect()
    if names["id"].n_unique() < names.height:
        raise DoubledNameError(f"The directory of {entities} holds an id twice: materialise it again, then this mart.")
    return names


def _name_column(column: str) -> str:
    return column.removesuffix("_code").removesuffix("_ids").removesuffix("_id") + (
        "_names" if column.endswith("_ids") else "_name"
    )


def _named(ids: pl.Expr, names: pl.DataFrame) -> pl.Expr:
    return ids.replace_strict(names["id"], names["name"], default=None, return_dtype=pl.String)


def _named_members(lists: pl.Expr, names: pl.DataFrame) -> pl.Expr:
    return lists.list.drop_nulls().list.eval(_named(pl.element(), names)).fill_null([])
