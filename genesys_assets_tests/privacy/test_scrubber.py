"""What becomes of a conversation's document under each mode."""

import json
import re
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.privacy import PrivacyError, Scrubber
from genesys_assets.sandbox import Sandbox
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.conftest import DAY, NOW
from genesys_assets_tests.nasty import NASTY, text_of
from genesys_assets_tests.privacy.marked import RECORD, TOKEN, marked, objects, personal_fields

of_conversations = partial(Scrubber, CONVERSATION)
KEY = "a key of the organisation's own"
AN_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f-]{36}")
ID = "0b8a4e2c-8b0f-4b57-9d7a-111111111111"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(TOKEN),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just(TOKEN), inner, max_size=3)
    ),
    max_leaves=8,
)
field_names = st.sampled_from(sorted({name for record in RECORD.walk() for name in record.known}))


@cache
def documents() -> tuple[bytes, ...]:
    """A small contact centre's day."""
    sandbox = Sandbox(conversations_per_day=60, now=lambda: NOW)
    return tuple(json.dumps(told).encode() for told in sandbox.conversations(DAY).values())


def scrubbed(scrubber, told):
    return json.loads(scrubber.scrub(json.dumps(told).encode()))


def in_session(**fields):
    return {"conversationId": ID, "participants": [{"sessions": [fields]}]}


def session_of(told):
    return told["participants"][0]["sessions"][0]


def test_keep_returns_the_very_same_bytes():
    document = documents()[0]
    assert of_conversations("keep").scrub(document) is document


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_no_personal_value_is_left(mode):
    scrubber = of_conversations(mode, KEY)
    for document in documents():
        assert TOKEN.encode() in marked(document)
        assert TOKEN.encode() not in scrubber.scrub(marked(document))
    assert scrubber.unknown_fields == {}


def test_drop_leaves_everything_else_as_it_was():
    scrubber = of_conversations("drop")
    for document in documents():
        expected = json.loads(document)
        for record, found in objects(RECORD, expected):
            for field in personal_fields(record):
                if field == "attributes" and field in found:
                    found[field] = {}
                elif field not in record.personal_unless_id or not AN_ID.fullmatch(str(found.get(field))):
                    found.pop(field, None)
        assert json.loads(scrubber.scrub(document)) == expected


def test_hash_changes_values_and_no_structure():
    scrubber = of_conversations("hash", KEY)

    def shape(told):
        match told:
            case dict():
                return {name: shape(value) for name, value in told.items()}
            case list():
                return [shape(value) for value in told]
            case _:
                return type(told)

    for document in map(marked, documents()[:20]):
        assert shape(json.loads(scrubber.scrub(document))) == shape(json.loads(document))


def test_the_same_contact_can_be_counted_over_conversations_and_fields():
    scrubber = of_conversations("hash", KEY)
    one = session_of(scrubbed(scrubber, in_session(ani="tel:+493012345678")))
    other = session_of(scrubbed(scrubber, in_session(callbackNumbers=["+49 30 12345678"], dnis="+4930999999")))
    assert one["ani"] == other["callbackNumbers"][0] != other["dnis"]


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_ids_stay_where_a_field_may_hold_one_or_an_address(mode):
    told = in_session(outboundContactId=ID, flow={"entryReason": ID, "transferTargetAddress": "+493012345678"})
    session = session_of(scrubbed(of_conversations(mode, KEY), told))
    assert (session["outboundContactId"], session["flow"]["entryReason"]) == (ID, ID)
    assert "3012345678" not in str(session)


@pytest.mark.parametrize(("mode", "other"), [("hash", {"name"}), ("drop", set())])
def test_allowed_attributes_keep_their_values(mode, other):
    told = {"participants": [{"attributes": {"language": "de", "name": TOKEN}}]}
    found = scrubbed(of_conversations(mode, KEY, {"language"}), told)["participants"][0]["attributes"]
    assert found["language"] == "de"
    assert found.keys() - {"language"} == other
    assert TOKEN not in str(found)


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_allowed_segment_properties_keep_their_values(mode):
    properties = [{"property": "tier", "value": "gold"}, {"property": "name", "value": TOKEN}, {"property": ["tier"]}]
    told = in_session(segments=[{"properties": properties}])
    found = session_of(scrubbed(of_conversations(mode, KEY, {"tier"}), told))["segments"][0]["properties"]
    assert found[0] == properties[0]
    assert TOKEN not in str(found)


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_unknown_fields_are_left_out_and_counted(mode):
    scrubber = of_conversations(mode, KEY)
    told = in_session(mood={"who": TOKEN}, mediaType="voice", direction={"who": TOKEN}, metrics=[TOKEN, {"name": "n"}])
    assert session_of(scrubbed(scrubber, told)) == {"mediaType": "voice", "metrics": [{"name": "n"}]}
    sessions = "participants.sessions"
    assert scrubber.unknown_fields == {
        f"{sessions}.(unknown fields)": 1,
        f"{sessions}.direction": 1,
        f"{sessions}.metrics": 1,
    }


def test_a_name_that_is_no_fields_name_is_not_repeated():
    scrubber = of_conversations("drop")
    scrubbed(scrubber, in_session(**{f"+49 {TOKEN}": 1}))
    assert TOKEN not in str(scrubber.unknown_fields)


@settings(max_examples=25)
@given(
    st.recursive(
        st.dictionaries(field_names, json_values, max_size=4),
        lambda inner: st.dictionaries(field_names, inner | st.lists(inner, max_size=2), max_size=4),
        max_leaves=6,
    ),
    st.sampled_from(["hash", "drop"]),
)
def test_any_document_is_scrubbed_twice_like_once_where_nothing_personal_is_left(told, mode):
    once = scrubbed(of_conversations(mode, KEY), told)
    assert scrubbed(of_conversations("drop"), once) == scrubbed(of_conversations("drop"), told)


@pytest.mark.parametrize("document", [b'"QZX7PERSONAL"', b'{"ani": "QZX7PERSONAL', b"[]", b"\xff", b""])
def test_what_is_no_document_is_refused_without_being_repeated(document):
    with pytest.raises(PrivacyError) as refused:
        of_conversations("drop").scrub(document)
    assert TOKEN not in str(refused.value)


KEPT = [(record, name) for record in RECORD.walk() for name in sorted(record.kept - {"conversationId"})]
PERSONAL = [
    "+49 30 1234567",
    "tel:+493012345678",
    "ada@example.com",
    493012345678,
    "call me at 0301234567",
    "n4930-1234-5678",
    "tel.4930_1234_5678",
    f"{ID}:493012345678",
    "4-9-3-0-1-2-3-4-5-6-7",
    "ada%40example.com",
    "ada\uff20example.com",
    "\uff14\uff19\uff13\uff10\uff11\uff12\uff13\uff14\uff15",
    "4\u200b9\u200b3\u200b0\u200b1\u200b2\u200b3\u200b4",
]


def told_in(record, name, value):
    """A document with one value in one place, by the record's path."""
    found = {name: value}
    for step in reversed(record.path.split(".") if record.path else []):
        found = {step: found if step == "flow" else [found]}
    return found


@pytest.mark.parametrize("mode", ["hash", "drop"])
@pytest.mark.parametrize("value", PERSONAL)
def test_a_kept_field_keeps_no_number_and_no_address(mode, value):
    scrubber = of_conversations(mode, KEY)
    left = []
    for record, name in KEPT:
        for held in (value, [value]):
            found = json.dumps(scrubbed(scrubber, told_in(record, name, held)))
            if json.dumps(value).strip('"') in found and not (type(value) is int and name in record.numbers):
                left.append((record.path, name, found))
    assert left == []
    assert scrubber.unknown_fields


@pytest.mark.parametrize("mode", ["hash", "drop"])
@pytest.mark.parametrize("value", ["Ada Lovelace", "Call her back, please.", "Ünal", "a" * 200])
def test_only_what_was_given_a_name_keeps_free_text(mode, value):
    scrubber = of_conversations(mode, KEY)
    keeping = {name for record, name in KEPT if value in str(scrubbed(scrubber, told_in(record, name, value)))}
    assert keeping == {name for record, _ in KEPT for name in record.names}


def test_what_a_kept_field_cannot_hold_is_told_by_its_path_and_counted_as_the_same_contact():
    scrubber = of_conversations("hash", KEY)
    session = session_of(scrubbed(scrubber, in_session(provider="tel:+493012345678", ani="+49 30 12345678")))
    assert session["provider"] == session["ani"]
    assert scrubber.unknown_fields == {"participants.sessions.provider": 1}


@pytest.mark.parametrize("mode", ["hash", "drop"])
@pytest.mark.parametrize("name", ["Ada_Lovelace", "ada", TOKEN, "+493012345678", "", "ada@example.com"])
def test_the_name_of_an_unknown_field_is_told_nowhere(mode, name):
    scrubber = of_conversations(mode, KEY)
    found = scrubbed(scrubber, in_session(mediaType="voice", **{name: 1}))
    assert session_of(found) == {"mediaType": "voice"}
    assert scrubber.unknown_fields == {"participants.sessions.(unknown fields)": 1}


def test_a_number_or_an_address_as_an_attributes_name_is_left_out():
    told = {"participants": [{"attributes": {"+49 30 1234567": "x", "ada@example.com": "y", "tier": "z"}}]}
    assert scrubbed(of_conversations("hash", KEY), told)["participants"][0]["attributes"].keys() == {"tier"}


@pytest.mark.parametrize("key", [None, "", "hunter2", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef"])
def test_hash_without_a_key_worth_the_name_is_refused(key):
    with pytest.raises(PrivacyError, match="GENESYS_ASSETS_PRIVACY_KEY") as refused:
        of_conversations("hash", key)
    assert not key or key not in str(refused.value)


def test_a_mode_that_there_is_not_is_refused():
    with pytest.raises(PrivacyError, match="keep, hash, drop"):
        of_conversations("mask")


def test_the_mark_tells_apart_what_is_scrubbed_differently():
    ways = [
        of_conversations(),
        of_conversations("drop"),
        of_conversations("drop", keep_attributes={"a"}),
        of_conversations("hash", KEY),
        of_conversations("hash", KEY + "!"),
    ]
    assert len({way.fingerprint for way in ways}) == len(ways)
    assert of_conversations("hash", KEY).fingerprint == of_conversations("hash", KEY).fingerprint
    assert KEY not in "".join([*(way.fingerprint for way in ways), *map(repr, ways)])


@pytest.mark.parametrize("mode", ["hash", "drop"])
@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("place", ["unknown", "externalTag", "conversationEnd", "mediaStatsMinConversationMos"])
def test_a_value_that_some_reader_refuses_stops_no_document(mode, value, place):
    told = b'{"conversationId":"c","' + place.encode() + b'":' + text_of(value) + b"}"
    kept = of_conversations(mode, KEY).scrub(told)
    assert json.loads(kept)["conversationId"] == "c"


@pytest.mark.parametrize(("mode", "key"), [("drop", None), ("hash", "4f1d0c9b7ae26835b1c0d7e94a2f6683")])
def test_of_equal_keys_the_last_is_stored(mode, key):
    told = of_conversations(mode, key).scrub(b'{"conversationId":"c","divisionIds":["first"],"divisionIds":["last"]}')
    assert json.loads(told)["divisionIds"] == ["last"]
