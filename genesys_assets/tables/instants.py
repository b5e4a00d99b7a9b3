"""Timestamps as Genesys Cloud writes them: ISO 8601 with any fraction of a second or none, and Z or an offset."""

import polars as pl

from genesys_assets.tables.columns import INSTANT

# The common form has a parser six times as fast as that of the others (55 and 310 ns each).
_MILLISECONDS = "%Y-%m-%dT%H:%M:%S.%3fZ"
_ANY_FRACTION = "%Y-%m-%dT%H:%M:%S%.f%#z"


def instants(texts: pl.Series) -> pl.Series:
    """The instants that the texts name, to the microsecond (further digits are cut); null where a text names none.

    A leading zero may lack ('2021-04-2T...' is seen in real records). A text without Z or offset names no instant.
    """
    common = texts.str.strptime(INSTANT, _MILLISECONDS, strict=False, cache=False)
    if common.null_count() == texts.null_count():
        return common
    others = pl.when(common.is_null()).then(texts)
    parsed = others.str.strptime(INSTANT, _ANY_FRACTION, strict=False)
    return pl.select(pl.coalesce(common, parsed).alias(texts.name)).to_series()
