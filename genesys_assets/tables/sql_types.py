"""The DuckDB type of each polars type that a table may have.

Belongs here: this mapping alone. Writing values of these types is up to `genesys_assets.warehouse`.
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
        KeyError: The type is not one that tables may have.
    """
    if isinstance(dtype, pl.List):
        return f"{sql_type(dtype.inner)}[]"
    return SQL_TYPES[dtype() if isinstance(dtype, type) else dtype]
