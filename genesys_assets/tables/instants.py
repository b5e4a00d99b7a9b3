"""Columns of timestamps as Genesys Cloud writes them; which texts name an instant, `genesys_assets.moments` says."""

from datetime import UTC, datetime

import polars as pl

from genesys_assets.moments import moment
from genesys_assets.tables.columns import INSTANT

# The usual form has a parser that takes a tenth of the time (55 ns). It agrees with `moment` but for blanks and signs,
# which it takes for leading zeros, and for years that are not of four digits.
_MILLISECONDS = "%Y-%m-%dT%H:%M:%S.%3fZ"
_FOUR_DIGITS = (datetime(1000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))


def instants(texts: pl.Series) -> pl.Series:
    """Return the instants that the texts name, to the microsecond (further digits are cut); null for any other text."""
    usual = texts.str.strptime(INSTANT, _MILLISECONDS, strict=False, cache=False)
    is_sure = usual.is_between(*_FOUR_DIGITS) & ~texts.str.contains_any([" ", "+"])
    others = (texts.is_not_null() & ~is_sure.fill_null(value=False)).arg_true()
    if others.is_empty():
        return usual
    return usual.scatter(others, pl.Series(list(map(moment, texts.gather(others))), dtype=INSTANT))
