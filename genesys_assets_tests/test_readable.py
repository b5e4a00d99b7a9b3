"""What is repaired is JSON for every reader, and nothing else about it has changed."""

import json

import duckdb
import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.readable import MARK, readable, value_of
from genesys_assets_tests.nasty import NASTY, text_of


def document(value: bytes, key: bytes = b"x") -> bytes:
    return b'{"conversationId":"c", "' + key + b'" : ' + value + b',"y":[1.50,"\\u00e9"]}'


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
def test_a_repaired_document_is_read_by_sql(value):
    repaired = readable(document(text_of(value))).decode()
    asked = "SELECT json_valid($1), $1 ->> '$.conversationId', $1 ->> '$.y[1]', ($1 ->> '$.x') IS NOT NULL"
    assert duckdb.execute(asked, [repaired]).fetchall() == [(True, "c", "é", True)]


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
def test_the_value_of_a_document_is_one_that_every_writer_and_reader_takes(value):
    told = value_of(document(text_of(value)))
    assert (told["conversationId"], told["y"]) == ("c", [1.5, "é"])
    again = msgspec.json.encode(told).decode()
    assert pl.Series([again]).str.json_decode(pl.Struct({"conversationId": pl.String})).to_list() == [
        {"conversationId": "c"}
    ]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb'"hi\ud83d"', '"hi�"'),
        (rb'"\udc00\ud83d"', '"��"'),
        (rb'"\ud83d\ud83d\ude00"', r'"�\ud83d\ude00"'),
        (rb'"\\ud83d \" \/ \u0041"', r'"\\ud83d \" \/ \u0041"'),
        (b'"caf\xe9"', '"caf�"'),
        (b'"a\x01b"', r'"a\u0001b"'),
        (b"NaN", '"�"'),
        (b"[1,-Infinity, 2]", '[1,"�", 2]'),
        (b'"NaN"', '"NaN"'),
        (b"01", '"�"'),
        (b"-0.5e+3", "-0.5e+3"),
        (b"1e999", "1e999"),
    ],
)
def test_only_what_cannot_be_read_is_replaced(sent, kept):
    assert readable(document(sent)).decode() == document(kept.encode()).decode()


def test_half_an_emoji_in_a_key_is_replaced_too():
    assert value_of(document(b"1", key=rb"k\ud83d")) == {"conversationId": "c", "k�": 1, "y": [1.5, "é"]}


def test_what_is_nested_too_deeply_is_left_out_and_nothing_beside_it():
    deep = b"[" * 5_000 + b'"]"' + b"]" * 5_000
    told = value_of(b'{"a":' + deep + b',"b":[[1]],"c":' + deep + b"}")
    assert told["b"] == [[1]]
    assert json.dumps(told["a"]) == json.dumps(told["c"])
    assert MARK in json.dumps(told["a"], ensure_ascii=False)


def test_of_equal_keys_the_first_counts_as_in_sql():
    sent = b'{"a":1,"\\u0061":2,"b":{"x":1,"x":2}}'
    assert value_of(sent) == {"a": 1, "b": {"x": 1}}
    assert duckdb.execute("SELECT $1 ->> '$.a', $1 ->> '$.b.x'", [sent.decode()]).fetchall() == [("1", "1")]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.booleans(),
)
def test_sound_json_stays_as_it_is_to_the_byte(value, ascii_only):
    sent = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    if "[" in sent[:1] or "{" in sent[:1]:
        assert readable(sent.encode()).decode() == sent


@given(st.lists(st.text(st.characters()) | st.floats() | st.integers()))
def test_whatever_texts_and_numbers_a_lenient_writer_sends_are_read(values):
    repaired = readable(json.dumps({"x": values}).encode())
    assert len(value_of(repaired)["x"]) == len(values)
    assert duckdb.execute("SELECT json_valid(?)", [repaired.decode()]).fetchall() == [(True,)]


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b'{"a":', b'{"a":"x', b'{"a":tru', b"<html>", b'{"a":1,}', b"[" * 100_000, b'"\\' * 50_000],
)
def test_what_is_no_json_stays_none(sent):
    with pytest.raises(ValueError, match="no JSON"):
        value_of(sent)
