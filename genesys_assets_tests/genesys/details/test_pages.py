import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import duckdb
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.genesys.details.pages import PageReader
from genesys_assets.readable import MARK
from genesys_assets.sources import CONVERSATIONS
from genesys_assets_tests.nasty import NASTY, text_of

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
GOOD = {"conversationId": "c-1", "conversationStart": "2026-11-22T10:00:00.000Z"}


def page(**envelope):
    return PageReader(CONVERSATIONS)(json.dumps(envelope).encode())


def test_documents_are_the_very_bytes_of_the_page():
    document = b'{"conversationId":"c-1" ,"conversationStart":"2026-11-22T10:00:00Z","x":1.50,"y":"\\u00e9"}'
    assert PageReader(CONVERSATIONS)(b'{"conversations":[ ' + document + b" ]}").documents == [document]


def test_a_record_has_key_start_and_end():
    [fields] = page(conversations=[GOOD | {"conversationEnd": "2026-11-22T10:05:00Z"}]).key_fields
    assert fields.key == "c-1"
    assert fields.end - fields.start == timedelta(minutes=5)


def test_an_open_conversation_has_no_end():
    [with_null, without] = page(conversations=[GOOD | {"conversationEnd": None}, GOOD]).key_fields
    assert with_null.end is without.end is None


@given(
    moment=st.datetimes(MIDNIGHT.replace(year=2001), MIDNIGHT.replace(year=2090)),
    digits=st.integers(0, 9),
    offset_minutes=st.integers(-14 * 60, 14 * 60),
)
def test_timestamps_of_any_precision_and_offset_are_read(moment, digits, offset_minutes):
    fraction = f"{moment.microsecond:06d}000"[:digits]
    zone = timezone(timedelta(minutes=offset_minutes))
    offset = "Z" if offset_minutes == 0 else moment.replace(tzinfo=zone).isoformat()[-6:]
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + offset
    [fields] = page(conversations=[GOOD | {"conversationStart": text}]).key_fields
    shown = moment.replace(microsecond=int(f"{fraction:0<6}"[:6]), tzinfo=zone)
    assert fields.start == shown.astimezone(UTC)


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"conversationStart": GOOD["conversationStart"]}, "conversationId"),
        (GOOD | {"conversationId": ""}, "conversationId"),
        (GOOD | {"conversationId": 7}, "conversationId"),
        ({"conversationId": "c-2"}, "conversationStart"),
        (GOOD | {"conversationStart": "yesterday"}, "conversationStart"),
        (GOOD | {"conversationStart": "2026-11-22T10:00:00"}, "conversationStart"),
        (GOOD | {"conversationEnd": "later"}, "conversationEnd"),
        ("no conversation", r"conversations\[1\]"),
        (None, r"conversations\[1\]"),
    ],
)
def test_a_conversation_that_is_none_is_refused_with_its_place(broken, place):
    with pytest.raises(msgspec.ValidationError, match=place):
        page(conversations=[GOOD, broken])


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"page"',
        b"null",
        b"7",
        b'{"message":"no","status":200}',
        b'{"conversations":{}}',
        b'{"cursor":5,"conversations":[]}',
    ],
)
def test_a_page_that_is_none_is_refused(body):
    with pytest.raises(msgspec.ValidationError):
        PageReader(CONVERSATIONS)(body)


@given(st.data())
def test_a_page_cut_off_anywhere_is_no_page(data):
    body = json.dumps({"conversations": [GOOD] * 3, "totalHits": 3}).encode()
    with pytest.raises(msgspec.DecodeError):
        PageReader(CONVERSATIONS)(body[: data.draw(st.integers(0, len(body) - 1))])


def test_unknown_fields_and_values_are_welcome_on_every_level():
    novel = GOOD | {"originatingDirection": "sideways", "mood": {"score": [1, {"a": None}]}}
    assert len(page(conversations=[novel], novelty={"x": 1}).documents) == 1


@pytest.mark.parametrize(
    "envelope", [{}, {"totalHits": 5}, {"totalHits": 5, "conversations": None}, {"conversations": []}]
)
def test_past_the_end_conversations_are_absent_null_or_empty(envelope):
    assert page(**envelope).documents == []


@pytest.mark.parametrize("envelope", [{}, {"cursor": None}, {"cursor": ""}, {"nextPageCursor": ""}])
def test_no_cursor_is_absent_null_or_empty(envelope):
    assert page(conversations=[GOOD], **envelope).cursor is None


@pytest.mark.parametrize("name", ["cursor", "nextPageCursor"])
def test_a_cursor_has_either_name(name):
    assert page(conversations=[GOOD], **{name: "abc="}).cursor == "abc="


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
def test_one_text_that_no_reader_takes_costs_no_page(value):
    nasty = b'{"conversationId":"c-2","conversationStart":"2026-11-22T10:00:00Z","x":' + text_of(value) + b"}"
    body = b'{"conversations":[' + json.dumps(GOOD).encode() + b"," + nasty + b'],"cursor":"abc="}'
    read = PageReader(CONVERSATIONS)(body)
    assert [fields.key for fields in read.key_fields] == ["c-1", "c-2"]
    assert read.documents[0] == json.dumps(GOOD).encode()
    assert read.cursor == "abc="
    asked = "SELECT json_valid($1), $1 ->> '$.conversationId'"
    assert duckdb.execute(asked, [read.documents[1].decode()]).fetchall() == [(True, "c-2")]
    assert read.repaired == (("c-2",) if MARK.encode() in read.documents[1] else ())


def test_a_page_may_begin_with_a_byte_order_mark():
    assert PageReader(CONVERSATIONS)(b"\xef\xbb\xbf" + json.dumps({"conversations": [GOOD]}).encode()).repaired == ()


def test_a_page_with_half_an_emoji_that_is_cut_off_is_no_page():
    with pytest.raises(msgspec.DecodeError) as refused:
        PageReader(CONVERSATIONS)(rb'{"conversations":[{"conversationId":"c-1","x":"\ud83d"}')
    assert not isinstance(refused.value, msgspec.ValidationError)


@pytest.mark.parametrize("broken", [{"conversationStart": "later"}, {"conversationEnd": "later"}])
def test_a_conversation_without_a_proper_instant_is_called_by_its_id(broken):
    with pytest.raises(msgspec.ValidationError, match=r"conversations\[0\].*, which is conversation c-1$"):
        page(conversations=[GOOD | broken])


def test_an_id_that_is_none_is_not_repeated():
    with pytest.raises(msgspec.ValidationError, match="no conversation with an id"):
        page(conversations=[GOOD | {"conversationId": "Erika\nMuster", "conversationStart": ""}])


@pytest.mark.parametrize("text", ["2026-11-22t10:00:00z", "2026-11-22 10:00:00Z", "2026-11-22T10:00:0.0000009Z"])
def test_a_start_is_read_as_the_tables_read_it(text):
    [fields] = page(conversations=[GOOD | {"conversationStart": text}]).key_fields
    assert fields.start == datetime(2026, 11, 22, 10, tzinfo=UTC)


def one_by_one(element):
    """The periods of a user, each with the user's id in its key."""
    user = msgspec.json.decode(element)
    for period in user["periods"]:
        yield msgspec.json.encode({"conversationId": f"{user['userId']}-{period['conversationStart']}", **period})


def test_records_that_are_listed_in_groups_come_one_by_one():
    grouped = PageReader(replace(CONVERSATIONS, split=one_by_one))
    periods = [{"conversationStart": "2026-11-22T10:00:00Z", "conversationEnd": "2026-11-22T11:00:00Z"}]
    periods.append({"conversationStart": "2026-11-22T11:00:00Z"})
    users = [{"userId": "a", "periods": periods}, {"userId": "b", "periods": []}]
    read = grouped(msgspec.json.encode({"conversations": users, "totalHits": 2}))
    assert [fields.key for fields in read.key_fields] == ["a-2026-11-22T10:00:00Z", "a-2026-11-22T11:00:00Z"]
    assert [fields.end is None for fields in read.key_fields] == [False, True]
    assert [msgspec.json.decode(each)["conversationId"] for each in read.documents] == [
        fields.key for fields in read.key_fields
    ]
