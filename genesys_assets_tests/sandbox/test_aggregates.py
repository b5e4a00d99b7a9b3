import random
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from genesys_assets.sandbox.buckets import Buckets
from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL
from genesys_assets.sandbox.emissions import Emission, emissions
from genesys_assets.sandbox.exchange import interval_of as interval
from genesys_assets.sandbox.organisation import QUEUES
from genesys_assets.sandbox.scenario import DAY as DAY_MS
from genesys_assets.sandbox.scenario import HOUR, MINUTE, Scenario
from genesys_assets.sandbox.vocabulary import AGGREGATE_METRICS, RECORD_METRICS
from genesys_assets_tests.sandbox.support import AGGREGATES, DAY, FLOW_AGGREGATES, Api, interval_of, small_sandbox

MIDNIGHT = (DAY.toordinal() - UNIX_EPOCH_ORDINAL) * DAY_MS
QUEUE = QUEUES[0].id
VOICE = {"queueId": QUEUE, "mediaType": "voice", "direction": "inbound", "userId": "ada"}
CHAT = {"queueId": QUEUE, "mediaType": "chat", "direction": "inbound"}


def counted(*events: tuple[int, str, int, dict[str, str]]) -> Api:
    """Return a client of a sandbox on whose DAY exactly these events were emitted."""
    sandbox = small_sandbox(conversations_per_day=0)
    log = [Emission(MIDNIGHT + at, metric, value, dimensions) for at, metric, value, dimensions in events]
    sandbox.emissions_of = lambda day: log if day == MIDNIGHT // DAY_MS else []
    return Api(sandbox)


BY_HAND = (
    (9 * HOUR, "nOffered", 1, VOICE),
    (9 * HOUR + 5_000, "tAnswered", 5_000, VOICE),
    (9 * HOUR + 40 * MINUTE, "tHandle", 60_000, VOICE),
    (9 * HOUR + 50 * MINUTE, "nOffered", 1, VOICE),
    (9 * HOUR + 51 * MINUTE, "tAnswered", 60_000, VOICE),
    (9 * HOUR + 51 * MINUTE, "nOverSla", 1, VOICE),
    (10 * HOUR, "nOffered", 1, VOICE),
    (10 * HOUR + 30_000, "tAbandon", 30_000, VOICE),
    (11 * HOUR, "nOffered", 1, CHAT),
    (11 * HOUR, "nConnected", 1, {"mediaType": "voice"}),
)


def ask(api: Api, **body: Any) -> list[dict[str, Any]]:
    response = api.post(AGGREGATES, json={"interval": interval_of(DAY)} | body)
    assert response.status_code == 200, response.text
    return response.json()["results"]


def test_events_counted_by_hand_come_out_by_queue_and_media():
    metrics = ["nOffered", "tAnswered", "tAbandon", "tHandle", "nOverSla"]
    chat, voice = ask(counted(*BY_HAND), groupBy=["queueId", "mediaType"], metrics=metrics)
    assert chat == {
        "group": {"queueId": QUEUE, "mediaType": "chat"},
        "data": [{"interval": interval_of(DAY), "metrics": [{"metric": "nOffered", "stats": {"count": 1}}]}],
    }
    assert voice["group"] == {"queueId": QUEUE, "mediaType": "voice"}
    assert voice["data"][0]["metrics"] == [
        {"metric": "nOffered", "stats": {"count": 3}},
        {"metric": "tAnswered", "stats": {"max": 60_000, "min": 5_000, "count": 2, "sum": 65_000}},
        {"metric": "tAbandon", "stats": {"max": 30_000, "min": 30_000, "count": 1, "sum": 30_000}},
        {"metric": "tHandle", "stats": {"max": 60_000, "min": 60_000, "count": 1, "sum": 60_000}},
        {"metric": "nOverSla", "stats": {"count": 1}},
    ]


def test_the_service_level_counts_those_in_time_of_the_answered_and_the_abandoned():
    [_, voice] = ask(counted(*BY_HAND), groupBy=["queueId", "mediaType"], metrics=["oServiceLevel", "oServiceTarget"])
    assert {each["metric"]: each["stats"] for each in voice["data"][0]["metrics"]} == {
        "oServiceTarget": {"current": 0.8},
        "oServiceLevel": {"ratio": 1 / 3, "numerator": 1, "denominator": 3, "target": 0.8},
    }


def test_events_are_bucketed_by_the_half_hour_of_their_emission():
    [voice] = ask(
        counted(*BY_HAND),
        groupBy=["queueId"],
        granularity="PT30M",
        metrics=["nOffered"],
        filter={
            "type": "and",
            "predicates": [
                {"dimension": "mediaType", "value": "voice"},
                {"dimension": "queueId", "operator": "exists"},
            ],
        },
    )
    assert [(each["interval"][11:16], each["metrics"][0]["stats"]["count"]) for each in voice["data"]] == [
        ("09:00", 1),
        ("09:30", 1),
        ("10:00", 1),
    ]


def test_a_group_without_the_dimension_has_no_key_for_it():
    groups = [
        each["group"] for each in ask(counted(*BY_HAND), groupBy=["queueId", "mediaType"], metrics=["nConnected"])
    ]
    assert {"mediaType": "voice"} in groups


def test_without_grouping_there_is_one_result():
    [everything] = ask(counted(*BY_HAND), metrics=["nOffered"])
    assert (everything["group"], everything["data"][0]["metrics"][0]["stats"]) == ({}, {"count": 4})


def test_groups_without_data_are_absent():
    assert ask(counted(*BY_HAND), groupBy=["queueId"], metrics=["tFlowOut"]) == []


def test_a_view_counts_those_in_its_range():
    view = {"name": "quick", "target": "tAnswered", "function": "rangeBound", "range": {"gte": 0, "lt": 60_000}}
    [result] = ask(counted(*BY_HAND), metrics=["tAnswered"], views=[view])
    assert result["data"][0]["views"] == [
        {"name": "quick", "stats": {"max": 5_000, "min": 5_000, "count": 1, "sum": 5_000}}
    ]


def test_the_flow_aggregates_count_the_metrics_of_flows_alone():
    flow = {"mediaType": "voice", "flowId": "menu", "queueId": QUEUE}
    api = counted((HOUR, "nFlow", 1, flow), (HOUR, "tFlow", 700, flow), (HOUR, "tIvr", 700, flow), *BY_HAND[:1])
    body = {"interval": interval_of(DAY), "groupBy": ["flowId"], "metrics": ["nFlow", "tFlow"]}
    [result] = api.post(FLOW_AGGREGATES, json=body).json()["results"]
    assert result["group"] == {"flowId": "menu"}
    assert [each["metric"] for each in result["data"][0]["metrics"]] == ["nFlow", "tFlow"]
    refused = api.post(FLOW_AGGREGATES, json=body | {"metrics": ["nFlow", "tIvr"]})
    assert refused.json()["code"] == "invalid.value"


def test_what_is_emitted_before_a_wrap_up_is_grouped_under_its_code():
    scenario = Scenario("c", 0, random.Random(1), fields={"divisionIds": ["d"]})  # noqa: S311
    session = scenario.session(scenario.join("agent"), "voice", "inbound", None)
    session.emit("tTalkComplete", 5, 10)
    session.emit("tAcw", 5, 20)
    session.wrap_up = "resolved"
    assert [each.dimensions["wrapUpCode"] for each in emissions(scenario)] == ["resolved", "resolved"]


def test_waits_are_told_under_their_aggregate_name_too():
    [result] = ask(counted((HOUR, "tAcd", 700, VOICE)), metrics=["tWait"])
    assert result["data"][0]["metrics"] == [
        {"metric": "tWait", "stats": {"max": 700, "min": 700, "count": 1, "sum": 700}}
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"groupBy": ["mood"]}, {"groupBy": ["flowId"]}, {"groupBy": [["x"]]}, {"granularity": "often"},
        {"granularity": "PT0M"}, {"granularity": "P"}, {"interval": "now"}, {"interval": interval_of(DAY, 367)},
        {"filter": {"type": "and"}}, {"filter": "x"}, {"metrics": None}, {"metrics": []}, {"metrics": ["nHolograms"]},
        {"metrics": ["nFlow"]}, {"views": ["x"]}, {"timeZone": "Mars"}, {"limit": "x"}, {"queryType": "middleN"},
        {"alternateTimeDimension": "x"}, {"sortMetric": {"function": "mode"}},
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_understood_is_refused(broken):
    response = counted().post(AGGREGATES, json={"interval": interval_of(DAY), "metrics": ["nOffered"]} | broken)
    assert (response.status_code, response.json()["status"]) == (400, 400)


@pytest.mark.parametrize("without", ["name", "target", "range"])
def test_a_view_needs_a_name_a_metric_and_a_range(without):
    view = {"name": "quick", "target": "tAnswered", "range": {"gte": 0}}
    body = {"interval": interval_of(DAY), "metrics": ["tAnswered"]}
    assert counted().post(AGGREGATES, json=body | {"views": [view] * 10}).status_code == 200
    assert counted().post(AGGREGATES, json=body | {"views": [view] * 11}).status_code == 400
    del view[without]
    assert counted().post(AGGREGATES, json=body | {"views": [view]}).status_code == 400


def test_the_largest_and_the_smallest_groups_can_be_asked_for():
    api = counted(*BY_HAND)
    body = {"groupBy": ["mediaType"], "metrics": ["nOffered"], "limit": 1}
    assert [each["group"] for each in ask(api, queryType="topN", **body)] == [{"mediaType": "voice"}]
    assert [each["group"] for each in ask(api, queryType="bottomN", **body)] == [{"mediaType": "chat"}]
    assert len(ask(api, queryType="groupBy", **body)) == 2
    several = body | {"metrics": ["nOffered", "tAnswered"], "queryType": "topN", "interval": interval_of(DAY)}
    assert api.post(AGGREGATES, json=several).status_code == 400
    by = {"name": "tAnswered", "function": "average"}
    assert [each["group"] for each in ask(api, **several, sortMetric=by)] == [{"mediaType": "voice"}]


def test_an_event_with_several_values_is_counted_for_each_or_flattened():
    sandbox = small_sandbox(conversations_per_day=0)
    event = Emission(MIDNIGHT + HOUR, "nOffered", 1, VOICE, {"requestedRoutingSkillId": ("a", "b")})
    sandbox.emissions_of = lambda day: [event] if day == MIDNIGHT // DAY_MS else []
    body = {"groupBy": ["requestedRoutingSkillId"], "metrics": ["nOffered"]}
    assert [each["group"] for each in ask(Api(sandbox), **body)] == [
        {body["groupBy"][0]: "a"},
        {body["groupBy"][0]: "b"},
    ]
    flat = ask(Api(sandbox), **body, flattenMultivaluedDimensions=True)
    assert [each["group"] for each in flat] == [{"requestedRoutingSkillId": "a,b"}]
    of_b = {"type": "and", "predicates": [{"dimension": "requestedRoutingSkillId", "value": "b"}]}
    assert len(ask(Api(sandbox), **body, filter=of_b)) == 2


def test_events_are_grouped_by_the_fields_of_their_session():
    api = Api(small_sandbox(conversations_per_day=150))
    for dimension in ("ani", "dnis", "provider", "disconnectType", "requestedLanguageId", "requestedRoutingSkillId"):
        groups = [
            each["group"] for each in ask(api, groupBy=[dimension], metrics=["nConnected", "nOffered", "tHandle"])
        ]
        assert any(dimension in group for group in groups), dimension


def test_days_are_those_of_the_time_zone():
    night = "2026-10-24T22:00:00.000Z/2026-10-26T23:00:00.000Z"  # two days of Berlin, the first of 25 hours
    buckets = Buckets(interval(night), "P1D", "Europe/Berlin")
    assert [buckets.text(number) for number in (0, 1)] == [
        "2026-10-24T22:00:00.000Z/2026-10-25T23:00:00.000Z",
        "2026-10-25T23:00:00.000Z/2026-10-26T23:00:00.000Z",
    ]
    hours = [interval(f"{at}/2026-12-01")[0] for at in ("2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z")]
    assert [buckets.number(at) for at in hours] == [0, 1]


def test_months_are_as_long_as_they_are():
    buckets = Buckets(interval("2026-01-31/2026-04-30"), "P1M", None)
    assert [buckets.text(number)[:10] for number in range(3)] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert buckets.text(2).endswith("/2026-04-30T00:00:00.000Z")


def test_the_aggregates_of_a_day_are_those_of_its_documents_added_up():
    sandbox = small_sandbox(conversations_per_day=400)
    expected: dict[tuple[str | None, str, str], list[int]] = defaultdict(list)
    for document in sandbox.conversations(DAY).values():
        for session in (each for participant in document["participants"] for each in participant["sessions"]):
            queue = next((each["queueId"] for each in session["segments"] if "queueId" in each), None)
            for metric in session.get("metrics", ()):
                if metric["emitDate"].startswith(str(DAY)):
                    expected[queue, session["mediaType"], metric["name"]].append(metric["value"])
    in_record = [name for name in AGGREGATE_METRICS if name in RECORD_METRICS]
    expected = {key: values for key, values in expected.items() if key[2] in in_record}
    found = {
        (result["group"].get("queueId"), result["group"]["mediaType"], each["metric"]): each["stats"]
        for result in ask(Api(sandbox), groupBy=["queueId", "mediaType"], metrics=in_record)
        for each in result["data"][0]["metrics"]
    }
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        total = {"count": sum(values)} if key[2].startswith("n") else {"count": len(values), "sum": sum(values)}
        assert total.items() <= found[key].items()


def test_every_event_is_in_exactly_one_day_and_one_bucket():
    api = Api(small_sandbox(mix={"email_of_days": 1, "long_call": 1}, conversations_per_day=20))
    days = [ask(api, interval=interval_of(DAY - timedelta(days=days)), metrics=["tHandle"]) for days in (2, 1)]
    [both] = ask(api, interval=interval_of(DAY - timedelta(days=2), 2), metrics=["tHandle"])
    [hourly] = ask(api, interval=interval_of(DAY - timedelta(days=2), 2), metrics=["tHandle"], granularity="PT1H")
    whole = both["data"][0]["metrics"][0]["stats"]["count"]
    assert sum(result[0]["data"][0]["metrics"][0]["stats"]["count"] for result in days) == whole
    assert sum(each["metrics"][0]["stats"]["count"] for each in hourly["data"]) == whole
