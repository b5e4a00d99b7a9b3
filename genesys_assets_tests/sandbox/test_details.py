from datetime import UTC, date, datetime, timedelta

import pytest

from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.bodies import DetailsQuery, read
from genesys_assets.sandbox.document import without_attributes
from genesys_assets.sandbox.errors import ScriptError
from genesys_assets.sandbox.filters import passes
from genesys_assets.sandbox.organisation import QUEUES
from genesys_assets.sandbox.vocabulary import OF_CONVERSATIONS, OF_SEGMENTS
from genesys_assets_tests.sandbox.support import (
    CONVERSATIONS,
    DAY,
    EVERY_TYPE_OFTEN,
    QUERY,
    Api,
    by_id,
    interval_of,
    small_sandbox,
)
from genesys_assets_tests.tables.record import CLASSES, PLACES

NEVER_IN_A_RECORD = {"canonicalExternalContactId"}
"""The dimensions of segments that no field of the record has."""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return small_sandbox()


@pytest.fixture(scope="module")
def api(sandbox) -> Api:
    return Api(sandbox)


def started_on(sandbox: Sandbox, day: date) -> dict[str, dict]:
    """Return the truth of a day as far as it began on it, as the query shows it."""
    truth = sandbox.conversations(day)
    began = {key: each for key, each in truth.items() if each["conversationStart"].startswith(str(day))}
    return {key: without_attributes(each) for key, each in began.items()}


def predicate(dimension: str, value: str | None = None, operator: str = "matches") -> dict:
    return {"type": "dimension", "dimension": dimension, "operator": operator} | ({"value": value} if value else {})


def all_of(*predicates: dict) -> list[dict]:
    return [{"type": "and", "predicates": list(predicates)}]


def test_the_query_gives_what_began_on_the_day_as_the_truth_has_it(api, sandbox):
    assert by_id(api.query_all()) == started_on(sandbox, DAY)


def test_a_page_announces_how_many_match(api, sandbox):
    assert api.query(size=10).json()["totalHits"] == len(started_on(sandbox, DAY))


def test_pages_follow_one_another_without_gap_or_repetition(api):
    small, large = api.query_all(size=7), api.query_all(size=100)
    assert small == large


def test_past_the_end_there_is_no_conversations_key(api):
    assert api.query(40).json().keys() == {"totalHits"}


def test_a_page_holds_25_when_no_size_is_asked_for(api):
    assert len(api.post(QUERY, json={"interval": interval_of(DAY)}).json()["conversations"]) == 25


@pytest.mark.parametrize("paging", [{"pageSize": 101}, {"pageSize": 0}, {"pageNumber": 0}, {"pageSize": "many"}])
def test_a_page_size_or_number_out_of_bounds_is_refused(api, paging):
    response = api.query(paging=paging)
    assert (response.status_code, response.json()["code"]) == (400, "bad.request")


def test_paging_past_100000_results_is_refused_in_the_documented_words(api):
    assert api.query(1_000).status_code == 200
    response = api.query(1_001)
    assert response.status_code == 400
    assert response.json()["message"].startswith("Pagination may not exceed 100000 results.\n\nTip: When extracting")


def test_an_interval_of_more_than_31_days_is_refused_in_the_documented_words(api):
    response = api.query(interval=interval_of(DAY, 32))
    assert response.json()["message"] == (
        "You must specify a search interval as part of your query that does not exceed 31 days."
    )


def test_without_a_filter_seven_days_are_the_most(api):
    closed = all_of(predicate("conversationEnd", operator="exists"))
    assert api.query(interval=interval_of(DAY, 7)).status_code == 200
    assert api.query(interval=interval_of(DAY, 8)).status_code == 400
    assert api.query(interval=interval_of(DAY, 8), conversationFilters=closed).status_code == 200


@pytest.mark.parametrize("interval", [None, "", "yesterday", "2026-11-19T00:00:00Z", "2026-11-20/2026-11-19"])
def test_what_is_no_interval_is_refused(api, interval):
    assert api.query(interval=interval).status_code == 400


def test_a_body_that_is_no_json_object_is_refused(api):
    assert [api.post(QUERY, content=body).status_code for body in (b"{", b"[]", b"\xff")] == [400, 400, 400]


def test_a_body_that_says_it_is_no_json_is_refused(api):
    response = api.post(QUERY, content=b"{}", headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported.media.type")


def test_a_request_over_the_size_limit_is_refused(api):
    response = api.post(QUERY, json={"interval": interval_of(DAY), "padding": "x" * 512_000})
    assert (response.status_code, response.json()["code"]) == (413, "request.entity.too.large")


@pytest.mark.parametrize("matching", ["overlap_and_startday", "startday", "start_in_interval"])
def test_an_interval_means_what_the_setting_says(matching):
    api = Api(small_sandbox(interval_matching=matching, conversations_per_day=150))
    rows = api.query_all(interval=f"{DAY}T10:00:00.000Z/{DAY}T11:00:00.000Z")
    starts = [row["conversationStart"] for row in rows]
    whole_day = len(api.query_all())
    before = [row for row in rows if row["conversationStart"] < f"{DAY}T10:00"]
    match matching:
        case "startday":
            assert len(rows) == whole_day
        case "start_in_interval":
            assert not before
        case _:
            assert before
            assert all(row.get("conversationEnd", "9") >= f"{DAY}T10:00" for row in before)
    assert min(starts) >= f"{DAY}T00:00"


def test_an_unknown_matching_is_refused_with_those_there_are():
    with pytest.raises(ScriptError, match="overlap_and_startday, startday, start_in_interval"):
        Sandbox(interval_matching="sometimes")


def test_hourly_slices_together_hold_the_day(sandbox, api):
    found: dict[str, dict] = {}
    for hour in range(24):
        start = datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC)
        slice_ = f"{start.isoformat()}/{(start + timedelta(hours=1)).isoformat()}"
        found |= by_id(api.query_all(interval=slice_))
    assert found == started_on(sandbox, DAY)


def test_rows_come_in_the_order_asked_for(api):
    ascending = [row["conversationId"] for row in api.query_all(order="asc")]
    assert [row["conversationId"] for row in api.query_all(order="desc")] == ascending[::-1]
    assert sorted(row["conversationId"] for row in api.query_all(order="unordered")) == sorted(ascending)


def test_rows_can_be_ordered_by_their_end(api):
    closed = all_of(predicate("conversationEnd", operator="exists"))
    rows = api.query_all(orderBy="conversationEnd", conversationFilters=closed)
    ends = [row["conversationEnd"].rstrip("Z") for row in rows]
    assert ends == sorted(ends)


@pytest.mark.parametrize("ordering", [{"order": "random"}, {"orderBy": "mood"}])
def test_an_unknown_order_is_refused(api, ordering):
    assert api.query(**ordering).status_code == 400


def test_closed_conversations_alone_can_be_asked_for(api, sandbox):
    closed = all_of(predicate("conversationEnd", operator="exists"))
    expected = {key for key, each in started_on(sandbox, DAY).items() if "conversationEnd" in each}
    assert by_id(api.query_all(conversationFilters=closed)).keys() == expected
    still_open = all_of(predicate("conversationEnd", operator="notExists"))
    assert len(api.query_all(conversationFilters=still_open)) == len(started_on(sandbox, DAY)) - len(expected)


def segments_of(document: dict) -> list[dict]:
    return [
        {"mediaType": session["mediaType"], "userId": participant.get("userId"), **segment}
        for participant in document["participants"]
        for session in participant["sessions"]
        for segment in session["segments"]
    ]


@pytest.mark.parametrize("filters", [{"mediaType": "chat"}, {"queueId": QUEUES[0].id, "segmentType": "alert"}])
def test_a_segment_filter_finds_conversations_with_such_a_segment(api, sandbox, filters):
    conditions = all_of(*(predicate(name, value) for name, value in filters.items()))
    expected = {
        key
        for key, each in started_on(sandbox, DAY).items()
        if any(filters.items() <= segment.items() for segment in segments_of(each))
    }
    assert expected
    assert by_id(api.query_all(segmentFilters=conditions)).keys() == expected


def test_clauses_are_joined_by_or(api):
    clauses = [{"type": "and", "predicates": [predicate("mediaType", media)]} for media in ("chat", "email")]
    both = api.query_all(segmentFilters=[{"type": "or", "clauses": clauses}])
    single = [api.query_all(segmentFilters=all_of(predicate("mediaType", media))) for media in ("chat", "email")]
    assert len(both) == len(single[0]) + len(single[1])


def test_a_metric_filter_takes_a_range(api):
    long_talk = {"type": "metric", "metric": "tTalk", "range": {"gte": 300_000}}
    rows = api.query_all(conversationFilters=all_of(long_talk))
    assert rows
    assert len(rows) < len(api.query_all())


def test_a_telephone_number_is_found_by_its_digits(api, sandbox):
    sessions = [
        session
        for each in started_on(sandbox, DAY).values()
        for participant in each["participants"]
        for session in participant["sessions"]
    ]
    number = next(each["ani"] for each in sessions if each.get("ani", "").startswith("tel:+"))
    digits = number.removeprefix("tel:+")
    found = [
        by_id(api.query_all(segmentFilters=all_of(predicate("ani", asked))))
        for asked in (number, digits, f"+{digits}", f"+{digits[:2]} {digits[2:]}")
    ]
    assert found[0]
    assert found == found[:1] * 4
    assert api.query_all(segmentFilters=all_of(predicate("ani", digits[:-1]))) == []


def full(model: str) -> dict:
    """Return an object of the record that has every field of its class, and every object that may be in it."""
    fields = {name: f"{name} of {model}" for name in CLASSES[model]}
    lists = {name: [value] for name, value in fields.items() if CLASSES[model][name][0].startswith("list[str")}
    inner = {name: full(PLACES[name].model) for name in fields if name in PLACES}
    return fields | lists | {name: each if name == "flow" else [each] for name, each in inner.items()}


@pytest.mark.parametrize("name", sorted({*OF_SEGMENTS} - NEVER_IN_A_RECORD))
def test_every_segment_dimension_finds_what_has_it(name):
    wanted = {"interval": interval_of(DAY), "segmentFilters": all_of(predicate(name, operator="exists"))}
    assert passes(full("AnalyticsConversation"), read(wanted, DetailsQuery))


@pytest.mark.parametrize("name", OF_CONVERSATIONS)
def test_every_conversation_dimension_finds_what_has_it(name):
    wanted = {"interval": interval_of(DAY), "conversationFilters": all_of(predicate(name, operator="exists"))}
    assert passes(full("AnalyticsConversation"), read(wanted, DetailsQuery))


def test_a_property_of_a_segment_can_be_asked_for():
    api = Api(small_sandbox(conversations_per_day=300, mix=EVERY_TYPE_OFTEN))
    owned = next(
        each for row in api.query_all() for segment in segments_of(row) for each in segment.get("properties", ())
    )
    asked = {"type": "property", "propertyType": owned["propertyType"], "property": owned["property"]}
    found = api.query(segmentFilters=all_of(asked | {"value": owned["value"]})).json()
    assert found["totalHits"] > 0
    assert api.query(segmentFilters=all_of(asked | {"value": "another"})).json()["totalHits"] == 0
    assert api.query(segmentFilters=all_of(asked | {"operator": "exists"})).json()["totalHits"] >= found["totalHits"]


def test_the_length_of_a_segment_can_be_asked_for(api):
    long_segment = {"type": "metric", "metric": "tSegmentDuration", "range": {"gte": 300_000}}
    assert 0 < len(api.query_all(segmentFilters=all_of(long_segment))) < len(api.query_all())


def test_the_start_of_a_conversation_may_lie_in_a_range_of_instants(api):
    noon = f"{DAY}T12:00:00.000Z"
    later = all_of(predicate("conversationStart") | {"range": {"gte": noon}})
    expected = [row for row in api.query_all() if row["conversationStart"] >= noon]
    assert api.query_all(conversationFilters=later) == expected


def test_one_conversation_is_found_by_its_id(api, sandbox):
    conversation_id, expected = next(iter(started_on(sandbox, DAY).items()))
    assert api.get(f"{CONVERSATIONS}/{conversation_id}/details").json() == expected
    assert api.get(f"{CONVERSATIONS}/nonsense/details").status_code == 404


def test_several_conversations_are_found_and_unknown_ones_left_out(api, sandbox):
    truth = started_on(sandbox, DAY)
    wanted = [*list(truth)[:3], "00000000-0000-4000-8000-000000000000"]
    found = by_id(api.get(f"{CONVERSATIONS}/details", params={"id": ",".join(wanted)}).json()["conversations"])
    assert found == {key: truth[key] for key in wanted[:3]}


def test_several_ids_may_be_repeated_parameters(api, sandbox):
    wanted = list(started_on(sandbox, DAY))[:4]
    parameters = [("id", wanted[0]), ("id", f"{wanted[1]},{wanted[2]}"), ("id", wanted[3])]
    found = api.get(f"{CONVERSATIONS}/details", params=parameters).json()["conversations"]
    assert [each["conversationId"] for each in found] == wanted


def test_a_conversation_of_the_future_is_not_found():
    tomorrow = datetime(2026, 11, 21, tzinfo=UTC)
    future = next(iter(small_sandbox(now=lambda: tomorrow + timedelta(days=1)).conversations(tomorrow.date())))
    earlier = Api(small_sandbox(now=lambda: datetime(2026, 8, 1, tzinfo=UTC)))
    assert earlier.get(f"{CONVERSATIONS}/{future}/details").status_code == 404


def test_an_open_conversation_grows_between_two_reads():
    times = iter([datetime(2026, 11, 19, 12, tzinfo=UTC), datetime(2026, 11, 19, 18, tzinfo=UTC)])
    now = next(times)
    api = Api(small_sandbox(conversations_per_day=200, now=lambda: now))
    early = by_id(api.query_all())
    now = next(times)
    late = by_id(api.query_all())
    assert early.keys() < late.keys()
    assert any("conversationEnd" not in early[key] and "conversationEnd" in late[key] for key in early)
