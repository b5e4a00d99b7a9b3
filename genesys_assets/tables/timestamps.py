"""Parses columns of timestamps as Genesys Cloud writes them, by the definition of `genesys_assets.moments`."""

from datetime import UTC, datetime

import polars as pl

from genesys_assets.moments import moment
from genesys_assets.tables.columns import TIMESTAMP

# Polars parses the usual form in a tenth of the time (55 ns). It agrees with `moment`, except that it takes blanks and
# signs for leading zeros, and for years that do not have four digits.
_MILLISECONDS = "%Y-%m-%dT%H:%M:%S.%3fZ"
_FOUR_DIGITS = (datetime(1000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))


def parsed(texts: pl.Series) -> pl.Series:
    """Return the timestamps in the texts, to the microsecond (further digits are cut); null for any other text."""
    usual = texts.str.strptime(TIMESTAMP, _MILLISECONDS, strict=False, cache=False)
    is_sure = usual.is_between(*_FOUR_DIGITS) & ~texts.str.contains_any([" ", "+"])
    others = (texts.is_not_null() & ~is_sure.fill_null(value=False)).arg_true()
    if others.is_empty():
        return usual
    return usual.scatter(others, pl.Series(list(map(moment, texts.gather(others))), dtype=TIMESTAMP))
