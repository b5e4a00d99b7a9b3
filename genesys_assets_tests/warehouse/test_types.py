import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.warehouse import DeclarationError
from genesys_assets.warehouse.types import additions, fits, parse, polars_type

DECLARED = {
    "BOOLEAN": pl.Boolean(),
    "SMALLINT": pl.Int16(),
    "INTEGER": pl.Int32(),
    "BIGINT": pl.Int64(),
    "UBIGINT": pl.UInt64(),
    "DOUBLE": pl.Float64(),
    "VARCHAR": pl.String(),
    "BLOB": pl.Binary(),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
    "TIMESTAMP WITH TIME ZONE": pl.Datetime("us", "UTC"),
    "DECIMAL(10,2)": pl.Decimal(10, 2),
    "VARCHAR[]": pl.List(pl.String()),
    "STRUCT(id VARCHAR, teams VARCHAR[])[]": pl.List(pl.Struct({"id": pl.String(), "teams": pl.List(pl.String())})),
}


@pytest.mark.parametrize(("declared", "expected"), DECLARED.items())
def test_a_declared_type_is_loaded_as_one_polars_type(declared: str, expected: pl.DataType) -> None:
    assert polars_type(parse(declared)) == expected


def test_duckdb_hands_back_the_types_that_are_promised(tmp_path: Path) -> None:
    columns = ", ".join(f"NULL::{declared} AS c{number}" for number, declared in enumerate(DECLARED))
    duckdb.connect().execute(f"SET TimeZone = 'UTC'; COPY (SELECT {columns}) TO '{tmp_path}/types.parquet'")
    assert list(pl.read_parquet_schema(tmp_path / "types.parquet").values()) == list(DECLARED.values())


@pytest.mark.parametrize("declared", ["JSON", "INTERVAL", "UUID", "HUGEINT", "TIME", "ENUM('a', 'b')", "INTERVAL[]"])
def test_a_type_that_polars_does_not_load_as_it_was_stored_is_refused(declared: str) -> None:
    with pytest.raises(DeclarationError, match="declare VARCHAR"):
        polars_type(parse(declared))


def test_a_type_that_duckdb_does_not_know_is_refused() -> None:
    with pytest.raises(DeclarationError, match="DuckDB has no type 'STRING_OF_BEADS'"):
        parse("STRING_OF_BEADS")


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
INSTANTS = st.integers(0, 2**52).map(lambda microseconds: EPOCH + dt.timedelta(microseconds=microseconds))
SCALARS = {
    pl.Int8(): st.integers(-(2**7), 2**7 - 1),
    pl.Int32(): st.integers(-(2**31), 2**31 - 1),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.UInt8(): st.integers(0, 2**8 - 1),
    pl.UInt32(): st.integers(0, 2**32 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Float32(): st.floats(width=32, allow_nan=False),
    pl.Float64(): st.floats(allow_nan=False),
    pl.String(): st.text(max_size=5),
    pl.Boolean(): st.booleans(),
    pl.Date(): st.dates(),
    pl.Datetime("us"): INSTANTS.map(lambda instant: instant.replace(tzinfo=None)),
    pl.Datetime("ms", "Asia/Tokyo"): INSTANTS.map(lambda instant: instant.replace(microsecond=0)),
    pl.Datetime("us", "UTC"): INSTANTS,
    pl.Decimal(6, 2): st.decimals(-1000, 1000, places=2),
    pl.Decimal(12, 2): st.decimals(-1000, 1000, places=2),
    pl.Enum(["a", "b"]): st.sampled_from(["a", "b"]),
}


@st.composite
def columns(draw: st.DrawFn) -> pl.Series:
    """Returns a column of some type, flat or in a list."""
    dtype = draw(st.sampled_from(list(SCALARS)))
    values = draw(st.lists(st.none() | SCALARS[dtype], min_size=1, max_size=4))
    flat = pl.Series("value", values, dtype=dtype, strict=False)
    return pl.Series("value", [flat], dtype=pl.List(dtype)) if draw(st.booleans()) else flat


@given(columns(), st.sampled_from(list(SCALARS)), st.booleans())
def test_what_fits_is_the_same_value_afterwards(column: pl.Series, target: pl.DataType, nested: bool) -> None:
    declared = pl.List(target) if nested else target
    if fits(column.dtype, declared):
        assert column.cast(declared).to_list() == column.to_list()


@given(columns())
def test_every_type_fits_itself_and_nothing_fits_every_type(column: pl.Series) -> None:
    assert fits(column.dtype, column.dtype)
    assert fits(pl.Null(), column.dtype)


@pytest.mark.parametrize(
    ("given_type", "declared"),
    [
        (pl.String(), pl.Int64()),
        (pl.Int64(), pl.String()),
        (pl.Int64(), pl.Float64()),
        (pl.UInt64(), pl.Int64()),
        (pl.Int64(), pl.Int32()),
        (pl.Float64(), pl.Float32()),
        (pl.Datetime("us"), pl.Datetime("us", "UTC")),
        (pl.Datetime("us", "UTC"), pl.Datetime("us")),
        (pl.Datetime("ns", "UTC"), pl.Datetime("us", "UTC")),
        (pl.Date(), pl.Datetime("us")),
        (pl.Duration("ms"), pl.Int64()),
        (pl.Decimal(10, 3), pl.Decimal(12, 2)),
        (pl.List(pl.String()), pl.String()),
        (pl.Struct({"a": pl.Int64()}), pl.Struct({"b": pl.Int64()})),
    ],
)
def test_what_would_have_to_be_interpreted_does_not_fit(given_type: pl.DataType, declared: pl.DataType) -> None:
    assert not fits(given_type, declared)


def test_a_decimal_with_fewer_digits_is_the_same_value() -> None:
    assert fits(pl.Decimal(6, 2), pl.Decimal(12, 2))
    assert pl.Series([Decimal("1.25")], dtype=pl.Decimal(6, 2)).cast(pl.Decimal(12, 2)).to_list() == [Decimal("1.25")]


def test_additions_are_found_at_any_depth() -> None:
    stored, declared = parse("STRUCT(s STRUCT(a INT)[])[]"), parse("STRUCT(s STRUCT(a INT, b DATE)[], c VARCHAR)[]")
    found = {addition.path: str(addition.type) for addition in additions(("x",), stored, declared)}
    assert found == {("x", "element", "s", "element", "b"): "DATE", ("x", "element", "c"): "VARCHAR"}


@pytest.mark.parametrize(
    ("stored", "declared"), [("INT", "BIGINT"), ("STRUCT(a INT, b INT)", "STRUCT(a INT)"), ("INT[]", "INT")]
)
def test_what_is_more_than_an_addition_is_told(stored: str, declared: str) -> None:
    with pytest.raises(TypeError):
        list(additions(("x",), parse(stored), parse(declared)))
