"""Whatever a document holds of the documented fields is found again in the tables, value by value."""

import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_assets.data_model import PARENTS, TABLES
from genesys_assets.tables.decode import Decoded, decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.tables.record import CLASSES, DAY, PLACES, Json, kind_of, lost

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WHOLES = st.integers(-(2**63), 2**63 - 1)


def instant_text(at: datetime, digits: int, zone: str) -> str:
    """The instant with so many digits of a second's fraction."""
    fraction = f".{at.microsecond:06d}000"[: digits + 1]
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction if digits else ''}{zone}"


KINDS: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXTS,
    "int": WHOLES,
    "float": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
    "bool": st.booleans(),
    "datetime": st.builds(
        instant_text,
        st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is written beside it
        st.integers(0, 9),
        st.sampled_from(["Z", "+00:00", "+02:00"]),
    ),
    "list[str]": st.lists(TEXTS | st.none(), max_size=3),
    "list[int]": st.lists(WHOLES, max_size=3),
    "dict(str, str)": st.dictionaries(TEXTS, TEXTS, max_size=3),
}


@st.composite
def objects(draw: st.DrawFn, model: str) -> Json:
    """An object of a class: a handful of its fields, each with a value or null; of nested ones, few."""
    fields = draw(st.lists(st.sampled_from(sorted(CLASSES[model])), unique=True, max_size=8))
    nested = [name for name in CLASSES[model] if name in PLACES]
    chosen = {*fields, *(name for name in nested if draw(st.booleans()))}
    return {name: draw(st.none() | _values(name, model)) for name in sorted(chosen)}


def _values(name: str, model: str) -> st.SearchStrategy[Any]:
    if name not in PLACES:
        return KINDS[kind_of(name, model)]
    inner = objects(PLACES[name].model)
    return inner if name == "flow" else st.lists(inner, max_size=2)


@st.composite
def days(draw: st.DrawFn) -> list[Json]:
    """The documents of a day, each with its own id."""
    told = draw(st.lists(objects("AnalyticsConversation"), max_size=3))
    return [{**each, "conversationId": f"c{place}"} for place, each in enumerate(told)]


def decoded(texts: list[str], folder: str) -> Decoded:
    frame = pl.LazyFrame({"document": texts}, schema={"document": pl.String})
    return decode(frame.select(partition_date=pl.lit(DAY), document="document"), Path(folder), CONVERSATION)


@settings(max_examples=30, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(documents=days())
def test_every_value_is_found_again(documents: list[Json]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = decoded([json.dumps(each, ensure_ascii=False) for each in documents], folder)
        assert lost(documents, result.tables) == []
        for drift in result.drifts.values():
            assert drift.unknown_fields == drift.unreadable_values == {}
        tables = {name: frame.collect() for name, frame in result.tables.items()}
        for child, parent in PARENTS.items():
            assert tables[child].join(tables[parent], on=TABLES[parent].primary_key(), how="anti").is_empty()
            assert TABLES[child].is_valid(tables[child])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def strange(draw: st.DrawFn, model: str) -> Json:
    """An object of a class whose fields may hold anything, with fields that the class has not."""
    names = draw(st.lists(st.sampled_from(sorted(CLASSES[model])) | TEXTS, unique=True, max_size=6))
    return {name: draw(_strange_values(name)) for name in names}


def _strange_values(name: str) -> st.SearchStrategy[Any]:
    if name not in PLACES or not name:
        return JSON
    inner = strange(PLACES[name].model)
    return JSON | (inner if name == "flow" else st.lists(inner | JSON, max_size=2))


@settings(max_examples=30)
@given(document=strange("AnalyticsConversation"))
def test_no_document_with_an_id_stops_the_day(document: Json) -> None:
    document |= {"conversationId": "c", "conversationStart": "2026-11-20T00:00:00.000Z"}
    with tempfile.TemporaryDirectory() as folder:
        result = decoded([json.dumps(document)], folder)
        for name, frame in result.tables.items():
            TABLES[name].validate(frame.collect())
        assert result.tables["staging.conversations"].collect().height == 1
