"""Documents written by hand, the awkward ones too: what the tables hold of them, and what drift is counted."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from genesys_assets.data_model import PARENTS, TABLES
from genesys_assets.sandbox import Sandbox
from genesys_assets.tables import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets.tables.validator import UnreadableDocumentError
from genesys_assets_tests.nasty import NASTY, text_of
from genesys_assets_tests.tables.record import DAY, Json, decoded, lost

START = "2026-11-20T10:00:00.000Z"
END = "2026-11-20T10:05:00.5Z"


def conversation(*participants: Json, **fields: Any) -> Json:
    told = {"conversationId": "c1", "conversationStart": START, **fields}
    return told | ({"participants": list(participants)} if participants else {})


def participant(*sessions: Json, **fields: Any) -> Json:
    return {"participantId": "p", "purpose": "agent", **fields, "sessions": list(sessions)}


def session(**fields: Any) -> Json:
    return {"sessionId": "s", "mediaType": "voice", "direction": "inbound", **fields}


def rows(frame: pl.LazyFrame, *columns: str) -> list[tuple[Any, ...]]:
    return frame.select(columns).collect().rows()


def test_a_record_of_2016_has_rows_without_metrics(tmp_path: Path) -> None:
    old = conversation(participant({"sessionId": "s", "segments": [{"segmentStart": START}]}, purpose="customer"))
    tables = decoded([old], tmp_path).tables
    assert not lost([old], tables)
    assert rows(tables["staging.session_metrics"], "name") == []
    assert rows(tables["staging.conversations"], "conversation_end", "division_ids") == [(None, None)]


def test_a_conversation_without_participants_is_a_row(tmp_path: Path) -> None:
    tables = decoded([conversation()], tmp_path).tables
    assert rows(tables["staging.conversations"], "conversation_id") == [("c1",)]
    assert rows(tables["staging.participants"], "purpose") == []


@pytest.mark.parametrize("absent", [None, []])
def test_null_and_empty_lists_have_no_rows(absent: list[Json] | None, tmp_path: Path) -> None:
    empty = session(segments=absent, metrics=absent, flow=None, mediaEndpointStats=absent, agentGroups=absent)
    told = [conversation(participant(empty)), {"conversationId": "c2", "conversationStart": START, "surveys": absent}]
    told[1]["participants"] = absent
    result = decoded(told, tmp_path)
    assert not lost(told, result.tables)
    assert result.drifts[DAY].unknown_fields == result.drifts[DAY].unreadable_values == {}


def test_a_list_of_values_that_is_empty_is_told_from_one_that_is_absent(tmp_path: Path) -> None:
    told = [conversation(divisionIds=[]), conversation(divisionIds=["d", None]) | {"conversationId": "c2"}]
    tables = decoded([*told, {**conversation(), "conversationId": "c3"}], tmp_path).tables
    assert rows(tables["staging.conversations"], "division_ids") == [([],), (["d", None],), (None,)]


def test_objects_without_fields_are_rows(tmp_path: Path) -> None:
    told = conversation({"sessions": [{}, {"segments": [{}, {}], "flow": {}, "metrics": [{}]}]}, {})
    tables = decoded([told], tmp_path).tables
    heights = {name: frame.collect().height for name, frame in tables.items()}
    assert {name: n for name, n in heights.items() if n} == {
        "staging.conversations": 1,
        "staging.participants": 2,
        "staging.sessions": 2,
        "staging.segments": 2,
        "staging.flows": 1,
        "staging.session_metrics": 1,
    }


def test_sessions_are_counted_through_the_conversation(tmp_path: Path) -> None:
    told = conversation(participant(session(), session()), participant(), participant(session()))
    tables = decoded([told, {**told, "conversationId": "c2"}], tmp_path).tables
    places = [(0, 0), (0, 1), (2, 2)]
    assert rows(tables["staging.sessions"], "participant_ordinal", "session_ordinal") == places * 2


def test_an_id_may_repeat_within_a_conversation(tmp_path: Path) -> None:
    told = conversation(participant(session(), session()), participant(session()))
    assert not lost([told], decoded([told], tmp_path).tables)


def test_children_carry_what_stands_around_them(tmp_path: Path) -> None:
    legs = session(metrics=[{"name": "tTalk", "value": 5, "emitDate": END}], outboundCampaignId="o")
    told = conversation(participant(legs, userId="u"))
    tables = decoded([told], tmp_path).tables
    carried = ["participant_id", "session_id", "purpose", "user_id", "media_type", "direction", "outbound_campaign_id"]
    assert rows(tables["staging.session_metrics"], *carried) == [("p", "s", "agent", "u", "voice", "inbound", "o")]
    assert rows(tables["staging.sessions"], "purpose", "user_id") == [("agent", "u")]


def test_attributes_are_rows_whatever_their_names(tmp_path: Path) -> None:
    names = {"tier": "gold", "conversationId": "x", "": "", "größe.😀": "ü\n", 'a"b': "null", "empty": None}
    told = conversation(participant(session(), attributes=names), participant(attributes={}), participant())
    tables = decoded([told], tmp_path).tables
    found = rows(tables["staging.participant_attributes"], "participant_ordinal", "participant_id", "name", "value")
    assert found == [(0, "p", name, value) for name, value in names.items()]


def test_attributes_that_are_no_texts_are_kept_as_json(tmp_path: Path) -> None:
    told = conversation(participant(attributes={"a": 1, "b": True, "c": ["x"], "d": 1.5}))
    tables = decoded([told], tmp_path).tables
    found = rows(tables["staging.participant_attributes"], "name", "value")
    assert found == [("a", "1"), ("b", "true"), ("c", '["x"]'), ("d", "1.5")]


def test_unknown_fields_are_counted_by_path_and_lose_nothing_else(tmp_path: Path) -> None:
    legs = session(novelty={"deep": [1]}, metrics=[{"name": "tTalk", "value": 1, "emitDate": END, "unit": "ms"}] * 2)
    told = conversation(participant(legs, mood="fine"), weather="rain")
    result = decoded([told, {**told, "conversationId": "c2"}], tmp_path)
    assert result.drifts[DAY].unknown_fields == {
        "weather": 2,
        "participants.mood": 2,
        "participants.sessions.novelty": 2,
        "participants.sessions.metrics.unit": 4,
    }
    assert rows(result.tables["staging.session_metrics"], "value") == [(1,)] * 4


def test_unknown_fields_are_counted_whatever_they_hold(tmp_path: Path) -> None:
    told = [conversation(novelty=value) for value in (1, None, "x", [1], {"a": {}}, True, 1e300)]
    told[-1]["selfServed"] = "yes"  # read in another way, for the same count
    texts = [json.dumps({**each, "conversationId": str(n)}) for n, each in enumerate(told)]
    texts += [json.dumps(conversation(**{"class": 1, "_x": 2, "a b": 3, "größe": 4}))] * 2
    result = decode.decode(
        pl.LazyFrame({"document": texts}).with_columns(partition_date=pl.lit(DAY)), tmp_path, CONVERSATION
    )
    withheld = "(withheld: no plain name)"
    assert result.drifts[DAY].unknown_fields == {"novelty": 7, "class": 2, "_x": 2, withheld: 4}


def test_any_number_of_unknown_fields_is_counted(tmp_path: Path) -> None:
    told = [conversation(**{f"novelty{n}": 1}) | {"conversationId": str(n)} for n in range(300)]
    result = decoded(told + told, tmp_path)
    assert result.drifts[DAY].unknown_fields == {f"novelty{n}": 2 for n in range(300)}


def test_the_callers_documents_stay_as_they_are(tmp_path: Path) -> None:
    texts = [json.dumps(conversation(selfServed="yes", novelty=1))]
    frame = pl.DataFrame({"partition_date": [DAY], "document": texts})
    decode.decode(frame.lazy(), tmp_path, CONVERSATION)
    assert frame["document"].to_list() == texts


def test_unknown_values_are_stored_and_counted(tmp_path: Path) -> None:
    told = conversation(participant(session(mediaType="hologram"), purpose="robot"), originatingDirection="inbound")
    result = decoded([told], tmp_path)
    assert result.drifts[DAY].unknown_values == {
        "participants.purpose=robot": 1,
        "participants.sessions.mediaType=hologram": 1,
    }
    assert rows(result.tables["staging.sessions"], "media_type") == [("hologram",)]


@pytest.mark.parametrize(
    ("value", "field"), [("Jane Doe <j@x.org>", "tel: 555"), ("491701234567", "491701234567"), ("jane.doe", "jane.doe")]
)
def test_what_is_no_plain_name_is_withheld_from_the_report(value: str, field: str, tmp_path: Path) -> None:
    result = decoded([conversation(participant(purpose=value), **{field: 1})], tmp_path)
    named = [*result.drifts[DAY].unknown_values, *result.drifts[DAY].unknown_fields]
    assert named == ["participants.purpose=(withheld: no plain name)", "(withheld: no plain name)"]


def test_an_unreadable_timestamp_is_null_and_named(tmp_path: Path) -> None:
    legs = session(metrics=[{"name": "tTalk", "value": 1, "emitDate": "soon"}], callbackScheduledTime=5)
    result = decoded([conversation(participant(legs), conversationEnd="2026-02-30T00:00:00.000Z")], tmp_path)
    assert result.drifts[DAY].unreadable_values == {
        "conversationEnd": 1,
        "participants.sessions.metrics.emitDate": 1,
        "participants.sessions.callbackScheduledTime": 1,
    }
    assert rows(result.tables["staging.conversations"], "conversation_end") == [(None,)]


@pytest.mark.parametrize(
    ("value", "stored", "unreadable"),
    [
        (7, 7, 0),
        (-(2**63), -(2**63), 0),
        (2**63 - 1, 2**63 - 1, 0),
        (2**63, None, 1),
        (10**30, None, 1),
        (3.0, 3, 0),
        (1e300, None, 1),
        (3.5, None, 1),
        (True, None, 1),
        ("7", None, 1),
        ([7], None, 1),
        ({}, None, 1),
        (None, None, 0),
    ],
)
def test_a_whole_number_is_stored_or_counted(value: Any, stored: int | None, unreadable: int, tmp_path: Path) -> None:
    result = decoded([conversation(participant(session(mediaCount=value)))], tmp_path)
    assert rows(result.tables["staging.sessions"], "media_count") == [(stored,)]
    assert result.drifts[DAY].unreadable_values.total() == unreadable


@pytest.mark.parametrize(
    ("value", "stored"),
    [(4, 4.0), (4.5, 4.5), (2**70, float(2**70)), (5e-324, 5e-324), ("4", None), (True, None), ([], None)],
)
def test_a_number_is_stored_or_counted(value: Any, stored: float | None, tmp_path: Path) -> None:
    result = decoded([conversation(mediaStatsMinConversationMos=value)], tmp_path)
    assert rows(result.tables["staging.conversations"], "media_stats_min_conversation_mos") == [(stored,)]
    assert result.drifts[DAY].unreadable_values.total() == (stored is None)


@pytest.mark.parametrize(
    ("value", "stored"), [("t", "t"), ("", ""), (12, "12"), (1.5, "1.5"), (True, "true"), (["a"], '["a"]')]
)
def test_a_text_takes_whatever_comes(value: Any, stored: str, tmp_path: Path) -> None:
    result = decoded([conversation(externalTag=value)], tmp_path)
    assert rows(result.tables["staging.conversations"], "external_tag") == [(stored,)]


def test_a_text_cut_within_an_emoji_is_stored_with_a_mark_in_its_place(tmp_path: Path) -> None:
    told = conversation(participant(attributes={"mood \ud83d": "fine \ude00"}), externalTag="😀 \ud83d")
    tables = decoded([told], tmp_path).tables
    assert rows(tables["staging.conversations"], "external_tag") == [("😀 �",)]
    assert rows(tables["staging.participant_attributes"], "name", "value") == [("mood �", "fine �")]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400, "NaN"])
def test_a_number_beyond_all_floats_is_null_and_counted(number: str, tmp_path: Path) -> None:
    text = json.dumps(conversation(mediaStatsMinConversationMos="N", surveys=[{"oSurveyTotalScore": "N"}]))
    frame = pl.LazyFrame({"partition_date": [DAY], "document": [text.replace('"N"', number)]})
    result = decode.decode(frame, tmp_path, CONVERSATION)
    assert result.drifts[DAY].unreadable_values.total() == 2
    assert rows(result.tables["staging.conversations"], "media_stats_min_conversation_mos") == [(None,)]


@pytest.mark.parametrize("told", [{"participants": "none"}, {"participants": [3, "x"]}, {"selfServed": "yes"}])
def test_a_part_of_another_shape_is_left_out_and_counted(told: Json, tmp_path: Path) -> None:
    result = decoded([conversation(**told)], tmp_path)
    assert result.drifts[DAY].unreadable_values.keys() == told.keys()
    assert rows(result.tables["staging.conversations"], "conversation_id") == [("c1",)]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "no conversationId"),
        ("null", "no conversationId"),
        ("{}", "no conversationId"),
        ('{"conversationId": ""}', "no conversationId"),
        ('{"conversationId": null}', "no conversationId"),
    ],
)
def test_a_document_that_cannot_be_keyed_fails_and_names_the_day(document: str, reason: str, tmp_path: Path) -> None:
    frame = pl.LazyFrame({"partition_date": [DAY], "document": [document]})
    with pytest.raises(UnreadableDocumentError, match=f"A document of 2026-11-20 .*{reason}"):
        decode.decode(frame, tmp_path, CONVERSATION)


def test_no_documents_are_typed_tables_without_rows(tmp_path: Path) -> None:
    tables = decoded([], tmp_path).tables
    assert list(tables) == [node.table for node in CONVERSATION.walk()]
    for name, frame in tables.items():
        TABLES[name].validate(frame.collect())


def test_a_file_lacks_the_columns_that_no_document_has(tmp_path: Path) -> None:
    told = [conversation(participant(session())), {**conversation(externalTag="x"), "conversationId": "c2"}]
    result = decoded(told, tmp_path)
    columns = {name: set().union(*map(pl.read_parquet_schema, files)) for name, files in result.files.items()}
    assert {*TABLES["staging.conversations"].primary_key(), "external_tag"} < columns["staging.conversations"]
    assert "media_stats_min_conversation_mos" not in columns["staging.conversations"]
    for name, frame in result.tables.items():
        beside = frame.drop(columns[name]).collect()
        assert all(column.is_null().all() for column in beside)


def test_the_instant_of_the_fetch_is_kept_when_it_is_told(tmp_path: Path) -> None:
    at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    frame = pl.LazyFrame({"partition_date": [DAY], "document": [json.dumps(conversation())], "fetched_at": [at]})
    typed = frame.with_columns(pl.col("fetched_at").cast(pl.Datetime("us", "UTC")), source=pl.lit("job"))
    assert rows(decode.decode(typed, tmp_path, CONVERSATION).tables["staging.conversations"], "fetched_at") == [(at,)]
    assert rows(decoded([conversation()], tmp_path).tables["staging.conversations"], "fetched_at") == [(None,)]


def test_days_are_kept_apart(tmp_path: Path) -> None:
    days = [date(2026, 11, 19), DAY]
    told = [conversation(participant(purpose="robot")), conversation(participant(session()), novelty=1)]
    frame = pl.LazyFrame({"partition_date": days, "document": [json.dumps(each) for each in told]})
    result = decode.decode(frame, tmp_path, CONVERSATION)
    assert {day: drift.documents for day, drift in result.drifts.items()} == dict.fromkeys(days, 1)
    assert [result.drifts[day].unknown_values.total() for day in days] == [1, 0]
    assert [result.drifts[day].unknown_fields.total() for day in days] == [0, 1]
    assert rows(result.tables["staging.sessions"], "partition_date", "session_ordinal") == [(DAY, 0)]


def test_decoding_again_replaces_what_was_there(tmp_path: Path) -> None:
    decoded([conversation(), {**conversation(), "conversationId": "c2"}], tmp_path)
    tables = decoded([{**conversation(), "conversationId": "c3"}], tmp_path).tables
    assert rows(tables["staging.conversations"], "conversation_id") == [("c3",)]


@pytest.fixture(scope="module")
def generated() -> list[Json]:
    """A day of generated traffic, settled."""
    sandbox = Sandbox(seed=3, conversations_per_day=300, now=lambda: datetime(2027, 2, 1, tzinfo=UTC))
    return list(sandbox.conversations(DAY).values())


def test_generated_traffic_decodes_without_loss(generated: list[Json], tmp_path: Path) -> None:
    result = decoded(generated, tmp_path)
    assert not lost(generated, result.tables)
    drift = result.drifts[DAY]
    assert drift.documents == len(generated)
    assert drift.unknown_fields == drift.unknown_values == drift.unreadable_values == {}


def test_generated_traffic_has_the_declared_schemas_and_parents(generated: list[Json], tmp_path: Path) -> None:
    tables = {name: frame.collect() for name, frame in decoded(generated, tmp_path).tables.items()}
    for name, frame in tables.items():
        TABLES[name].validate(frame)
    for child, parent in PARENTS.items():
        assert tables[child].join(tables[parent], on=TABLES[parent].primary_key(), how="anti").is_empty()


def test_neither_the_order_nor_the_batches_matter(
    generated: list[Json], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def content(documents: list[Json]) -> dict[str, pl.DataFrame]:
        tables = decoded(documents, tmp_path).tables
        return {name: frame.sort(TABLES[name].primary_key()).collect() for name, frame in tables.items()}

    whole = content(generated)
    monkeypatch.setattr(decode, "BATCH", 37)
    monkeypatch.setattr(decode, "PIECE", 5)
    pieces = content(generated[::-1])
    assert all(whole[name].equals(pieces[name]) for name in whole)


def test_a_day_after_the_last_has_its_own_copy_of_a_long_conversation(tmp_path: Path) -> None:
    days = [DAY, DAY + timedelta(days=1)]
    text = json.dumps(conversation(participant(session(segments=[{}]))))
    result = decode.decode(pl.LazyFrame({"partition_date": days, "document": [text] * 2}), tmp_path, CONVERSATION)
    for table in ("staging.conversations", "staging.sessions", "staging.segments"):
        assert rows(result.tables[table], "partition_date") == [(day,) for day in days]


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("place", ["unknown", "externalTag", "conversationEnd", "mediaStatsMinConversationMos"])
def test_a_value_that_some_reader_refuses_stops_no_day(value: str | bytes, place: str, tmp_path: Path) -> None:
    sent = b'{"conversationId":"%d","conversationStart":"2026-11-20T10:00:00Z","' + place.encode() + b'":'
    documents = [(sent % number).decode() + text_of(value).decode("utf-8", "replace") + "}" for number in range(3)]
    frame = pl.LazyFrame({"partition_date": [DAY] * 3, "document": documents})
    tables = decode.decode(frame, tmp_path, CONVERSATION).tables
    assert tables["staging.conversations"].collect()["conversation_id"].to_list() == ["0", "1", "2"]


@pytest.mark.parametrize("value", NASTY.values(), ids=NASTY)
def test_an_attribute_that_some_reader_refuses_is_a_row(value: str | bytes, tmp_path: Path) -> None:
    sent = f'{{"conversationId":"c","conversationStart":"{START}","participants":[{{"attributes":{{"b":"c","a":'
    document = sent + text_of(value).decode("utf-8", "replace") + "}}]}"
    tables = decode.decode(
        pl.LazyFrame({"partition_date": [DAY], "document": [document]}), tmp_path, CONVERSATION
    ).tables
    assert tables["staging.participant_attributes"].collect()["name"].to_list() == ["b", "a"]


def test_what_could_not_be_read_is_counted_by_path(tmp_path: Path) -> None:
    told = conversation(participant(attributes={"a": "hi�", "�": "x", "b": "c"}), externalTag="�", novelty=["�"])
    result = decoded([told, {**told, "conversationId": "c2"}], tmp_path)
    assert result.drifts[DAY].unreadable_values == {"externalTag": 2, "participants.attributes": 4, "novelty": 2}
    assert result.drifts[DAY].unknown_fields == {"novelty": 2}
    assert rows(result.tables["staging.conversations"], "external_tag") == [("�",), ("�",)]


def test_of_equal_keys_the_first_is_stored_whether_the_field_is_new_or_not(tmp_path: Path) -> None:
    sent = f'"conversationStart":"{START}","externalTag":"first","externalTag":"last"}}'
    documents = [f'{{"conversationId":"{number}",{sent}' for number in range(3)]
    tables = decode.decode(
        pl.LazyFrame({"partition_date": [DAY] * 3, "document": documents}), tmp_path, CONVERSATION
    ).tables
    assert tables["staging.conversations"].collect()["external_tag"].to_list() == ["first"] * 3


def test_of_two_attributes_of_one_name_one_is_stored(tmp_path: Path) -> None:
    told = json.dumps(conversation(participant(session(), attributes={"colour": "red"})))
    told = told.replace('"colour": "red"', '"colour": "red", "colour": "blue"')
    frame = pl.LazyFrame({"partition_date": [DAY] * 3, "document": [told.replace('"c"', f'"{n}"') for n in range(3)]})
    stored = rows(
        decode.decode(frame, tmp_path, CONVERSATION).tables["staging.participant_attributes"], "name", "value"
    )
    assert len(stored) == 3
    assert set(stored) <= {("colour", "red"), ("colour", "blue")}


def test_a_document_that_is_refused_is_called_by_its_conversation(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"partition_date": [DAY], "conversation_id": ["c-7"], "document": ["{}"]})
    with pytest.raises(UnreadableDocumentError, match="document of conversation c-7 of 2026-11-20"):
        decode.decode(frame, tmp_path, CONVERSATION)


def test_many_documents_that_are_refused_end_the_decoding_and_do_not_hang_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = 4 * decode.THREADS
    monkeypatch.setattr(decode, "BATCH", 1)
    frame = pl.concat(pl.LazyFrame({"partition_date": [DAY], "document": ["{}"]}) for _ in range(batches))
    with pytest.raises(UnreadableDocumentError):
        decode.decode(frame, tmp_path, CONVERSATION)


def test_measurements_and_scores_keep_their_fractions(tmp_path: Path) -> None:
    told = conversation(
        participant(session(metrics=[{"name": "tHandle", "value": 2.5}, {"name": "tHandle", "value": 2}])),
        evaluations=[{"oTotalScore": 98.5, "oTotalCriticalScore": 33.3}],
        surveys=[{"oSurveyTotalScore": 77.7, "surveyPromoterScore": 9}],
    )
    result = decoded([told], tmp_path)
    assert rows(result.tables["staging.session_metrics"], "value") == [(2.5,), (2.0,)]
    assert rows(result.tables["staging.evaluations"], "o_total_score", "o_total_critical_score") == [(98.5, 33.3)]
    assert rows(result.tables["staging.surveys"], "o_survey_total_score", "survey_promoter_score") == [(77.7, 9.0)]
    assert result.drifts[DAY].unreadable_values == {}
