"""In which SQL type a table stores each polars type that its schema may have.

Belongs here: that map alone. What DuckDB makes of a type is `genesys_assets.warehouse`, which knows no schema.
"""

from collections.abc import Mapping

import polars as pl
from polars._typing import PolarsDataType

SQL_TYPES: Mapping[PolarsDataType, str] = {
    pl.String(): "VARCHAR",
    pl.Int32(): "INTEGER",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}


def sql_type(dtype: PolarsDataType) -> str:
    """Return the DuckDB type in which a polars type is stored.

    Raises:
        KeyError: No table of the project may have that type.
    """
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    return SQL_TYPES[dtype() if isinstance(dtype, type) else dtype]
