"""Timestamps as Genesys Cloud writes them: ISO 8601 with any fraction of a second or none, and Z or an offset."""

import polars as pl

from genesys_assets.tables.columns import INSTANT

# The common form has a parser six times as fast as that of the others (55 and 310 ns each).
_MILLISECONDS = "%Y-%m-%dT%H:%M:%S.%3fZ"
_ANY_FRACTION = "%Y-%m-%dT%H:%M:%S%.f%#z"
# The parser of the other forms takes one digit for a day and spaces around; such a text is a typing error, not a date.
_SHAPE = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$"


def instants(texts: pl.Series) -> pl.Series:
    """The instants that the texts name, to the microsecond (further digits are cut); null where a text names none."""
    common = texts.str.strptime(INSTANT, _MILLISECONDS, strict=False, cache=False)
    if common.null_count() == texts.null_count():
        return common
    others = pl.when(common.is_null() & texts.str.contains(_SHAPE)).then(texts)
    parsed = others.str.strptime(INSTANT, _ANY_FRACTION, strict=False)
    return pl.select(pl.coalesce(common, parsed).alias(texts.name)).to_series()
