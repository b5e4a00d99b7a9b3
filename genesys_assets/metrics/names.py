"""Names beside ids: joined from directory frames, never from the documents (a participant's may be the queue's)."""

from __future__ import annotations

import polars as pl

_NO_ONE = pl.LazyFrame(schema={"id": pl.String, "name": pl.String})


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
        polars.exceptions.ComputeError: On collecting, when a directory holds an id twice.

    Example:
        >>> queues = pl.LazyFrame({"id": ["q1"], "name": ["Billing"]})
        >>> frame = pl.LazyFrame({"queue_id": ["q1", "q2", None], "offered": [3, 2, 1]})
        >>> with_names(frame, queues=queues).collect().rows()
        [('q1', 'Billing', 3), ('q2', None, 2), (None, None, 1)]
    """
    directories = {
        "queue_id": queues,
        "user_id": users,
        "user_ids": users,
        "wrap_up_code": wrapup_codes,
        "division_ids": divisions,
    }
    named = frame
    columns: list[str] = []
    for column in frame.collect_schema():
        columns.append(column)
        for ending, directory in directories.items():
            if column.endswith(ending):
                names = (_NO_ONE if directory is None else directory).select("id", "name")
                name_column = _name_column(column)
                join = _with_name_lists if ending.endswith("_ids") else _with_name
                named = join(named, names, column, name_column)
                columns.append(name_column)
    return named.select(columns)


def _name_column(column: str) -> str:
    return column.removesuffix("_code").removesuffix("_ids").removesuffix("_id") + (
        "_names" if column.endswith("_ids") else "_name"
    )


def _with_name(frame: pl.LazyFrame, names: pl.LazyFrame, column: str, name_column: str) -> pl.LazyFrame:
    names = names.rename({"id": column, "name": name_column})
    return frame.join(names, on=column, how="left", validate="m:1", maintain_order="left")


def _with_name_lists(frame: pl.LazyFrame, names: pl.LazyFrame, column: str, name_column: str) -> pl.LazyFrame:
    rows = frame.with_row_index("_row")
    members = _with_name(rows.select("_row", pl.col(column)).explode(column), names, column, name_column)
    lists = members.filter(pl.col(column).is_not_null()).group_by("_row", maintain_order=True).agg(name_column)
    named = rows.join(lists, on="_row", how="left", validate="1:1", maintain_order="left")
    return named.with_columns(pl.col(name_column).fill_null(pl.lit([], dtype=pl.List(pl.String)))).drop("_row")
