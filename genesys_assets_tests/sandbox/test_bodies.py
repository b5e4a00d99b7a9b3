"""Whatever a request says, it is answered, or refused by the envelope of Genesys Cloud's errors."""

import inspect
import re
from typing import Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 - the package is named like a class
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_assets.sandbox import vocabulary
from genesys_assets.sandbox.bodies import SegmentPredicate
from genesys_assets_tests.sandbox.support import AGGREGATES, DAY, JOBS, QUERY, Api, interval_of, small_sandbox

FLOWS = "/api/v2/analytics/flows/aggregates/query"
ENVELOPE = {"message", "code", "status", "messageParams", "contextId", "details", "errors"}


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(small_sandbox(conversations_per_day=8))


def json_values() -> st.SearchStrategy[Any]:
    leaves = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
        | st.sampled_from(["and", "x"])
    )
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


def mostly(*values: Any) -> st.SearchStrategy[Any]:
    """One of these values, or any JSON at all."""
    return st.one_of(st.sampled_from(values), st.sampled_from(values), json_values())


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=fields) | json_values()


NUMBERS = mostly(1, 0, -1, 25, 2**31, 10**30, "7", 1.5)
RANGES = objects(gt=mostly(1, "2026-11-19T00:00:00Z"), gte=mostly(0), lt=mostly(1e12), lte=mostly("now"))
PREDICATES = objects(
    type=mostly("dimension", "metric", "property"),
    dimension=mostly("queueId", "conversationEnd", "ani", "userId", "flowId", "mood"),
    metric=mostly("tTalk", "nOffered", "tSegmentDuration", "oTotalScore"),
    property=mostly("x"),
    propertyType=mostly("string", "uuid"),
    operator=mostly("matches", "exists", "notExists", "contains"),
    value=mostly("voice", 5, True),
    range=RANGES,
)
CLAUSES = objects(type=mostly("and", "or", "xor"), predicates=st.lists(PREDICATES, max_size=2) | json_values())
FILTERS = objects(
    type=mostly("and", "or"),
    predicates=st.lists(PREDICATES, max_size=2) | json_values(),
    clauses=st.lists(CLAUSES, max_size=2) | json_values(),
)
FILTER_LISTS = st.lists(FILTERS, max_size=2) | json_values()
INTERVALS = mostly(
    interval_of(DAY), "0001-01-01/0001-01-02", "9999-12-30T00:00/9999-12-31T23:59:59.999", "2026-11-19/P1D"
)
DETAILS = objects(
    interval=INTERVALS,
    order=mostly("asc", "unordered"),
    orderBy=mostly("conversationEnd", "segmentStart"),
    paging=objects(pageSize=NUMBERS, pageNumber=NUMBERS),
    limit=NUMBERS,
    startOfDayIntervalMatching=mostly(True),
    conversationFilters=FILTER_LISTS,
    segmentFilters=FILTER_LISTS,
    evaluationFilters=FILTER_LISTS,
    surveyFilters=FILTER_LISTS,
    resolutionFilters=FILTER_LISTS,
    aggregations=json_values(),
    cursor=json_values(),
)


COUNTED = objects(
    interval=INTERVALS,
    granularity=mostly("PT30M", "P1D", "P1M", "PT0M", "P999999999999D"),
    timeZone=mostly("UTC", "Europe/Berlin", "Mars"),
    groupBy=mostly(["queueId", "mediaType"], ["mood"], [["x"]], ["queueId"] * 2),
    metrics=mostly(["nOffered", "tHandle", "oServiceLevel"], ["nHolograms"], []),
    filter=FILTERS,
    flattenMultivaluedDimensions=mostly(True),
    views=st.lists(
        objects(target=mostly("tHandle"), name=mostly("a"), function=mostly("rangeBound"), range=RANGES), max_size=2
    )
    | json_values(),
    alternateTimeDimension=mostly("eventTime"),
    queryType=mostly("topN", "bottomN", "groupBy"),
    sortMetric=objects(name=mostly("tHandle"), function=mostly("sum", "average")),
    limit=NUMBERS,
)


def is_answered(api: Api, path: str, body: Any) -> None:
    """Post a body; the answer is a success, or the envelope of a 400."""
    response = api.post(path, json=body)
    if response.status_code not in {200, 202}:
        assert (response.status_code, response.json().keys()) == (400, ENVELOPE), response.text


TRIED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("path", [QUERY, JOBS])
@TRIED
@given(body=DETAILS)
def test_a_body_of_whatever_json_is_answered_or_refused_by_the_envelope(api, path, body):
    is_answered(api, path, body)


@pytest.mark.parametrize("path", [AGGREGATES, FLOWS])
@TRIED
@given(body=COUNTED)
def test_a_query_of_aggregates_of_whatever_json_is_answered_or_refused_by_the_envelope(api, path, body):
    is_answered(api, path, body)


@pytest.mark.parametrize("path", [QUERY, JOBS, AGGREGATES, FLOWS])
@pytest.mark.parametrize(
    "content",
    [
        b'{"interval":NaN}',
        b"[" * 100_000,
        b'{"a":' * 90_000,
        b'{"a":' + b"1" * 5_000 + b"}",
        b'"\\ud83d"',
        b'{"a":"\xff"}',
    ],
)
def test_a_body_that_is_hardly_json_is_refused(api, path, content):
    response = api.post(path, content=content, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "bad.request")


def of(**predicate: Any) -> list[dict[str, Any]]:
    return [{"type": "and", "predicates": [predicate]}]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"conversationFilters": of(dimension="queueId", value="x")}, "Value [queueId] is not valid for field type"),
        ({"segmentFilters": of(dimension="mood", value="x")}, "Value [mood] is not valid for field type [dimension]."),
        ({"segmentFilters": of(metric="tTalk", range={"gt": 1})}, "Allowable values are: tSegmentDuration"),
        ({"conversationFilters": of(metric="oServiceLevel", range={"gt": 1})}, "Value [oServiceLevel] is not valid"),
        ({"evaluationFilters": of(dimension="surveyId", operator="exists")}, "Value [surveyId] is not valid"),
        ({"segmentFilters": of(dimension="ani", operator="contains", value="1")}, "matches, exists, notExists"),
        ({"segmentFilters": [{"type": "xor", "predicates": []}]}, "Allowable values are: and, or"),
        ({"order": "random"}, "Allowable values are: asc, desc, unordered"),
        ({"orderBy": "mood"}, "Value [mood] is not valid for field type [orderBy]."),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_those_that_are(api, body, message):
    for path in (QUERY, JOBS):
        refused = api.post(path, json={"interval": interval_of(DAY)} | body)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid.value")
        assert message in refused.json()["message"]


@pytest.mark.parametrize(
    "filters",
    [
        {"type": "and"}, ["x"], "x", [{"type": "and"}], [{"predicates": []}], [{"type": "and", "predicates": ["x"]}],
        of(value="x"), of(dimension="ani"), of(dimension="ani", metric="tSegmentDuration", value="1"),
        of(dimension=["ani"]),
        of(type="metric", dimension="ani", value="1"), of(dimension="ani", range={}), of(dimension="ani", range="1"),
        of(dimension="ani", value={"x": 1}), of(metric="tSegmentDuration", range={"gt": "soon"}),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_understood_is_refused(api, filters):
    refused = api.query(segmentFilters=filters)
    assert (refused.status_code, refused.json().keys()) == (400, ENVELOPE)


@pytest.mark.parametrize("empty", [{"clauses": []}, {"predicates": []}, {"predicates": [], "clauses": []}])
def test_a_filter_of_empty_lists_restricts_nothing(api, empty):
    assert api.query(segmentFilters=[{"type": "or", **empty}]).json() == api.query().json()


def values_in_sdk(model: str, field: str) -> list[str]:
    """The values that the official SDK allows in a field."""
    setter = re.search(
        rf"@{field}\.setter.*?allowed_values = (\[.*?\])", inspect.getsource(getattr(sdk, model)), re.DOTALL
    )
    assert setter is not None
    return re.findall(r'"(\w+)"', setter[1])


@pytest.mark.parametrize(
    ("names", "model", "field"),
    [
        (vocabulary.OF_CONVERSATIONS, "ConversationDetailQueryPredicate", "dimension"),
        (vocabulary.RECORD_METRICS, "ConversationDetailQueryPredicate", "metric"),
        (vocabulary.OF_SEGMENTS, "SegmentDetailQueryPredicate", "dimension"),
        (SegmentPredicate.properties, "SegmentDetailQueryPredicate", "property_type"),
        (vocabulary.OF_EVALUATIONS, "EvaluationDetailQueryPredicate", "dimension"),
        (vocabulary.OF_SURVEYS, "SurveyDetailQueryPredicate", "dimension"),
        (vocabulary.OF_AGGREGATES, "ConversationAggregateQueryPredicate", "dimension"),
        (vocabulary.OF_FLOW_AGGREGATES, "FlowAggregateQueryPredicate", "dimension"),
        (vocabulary.AGGREGATE_METRICS, "ConversationAggregationView", "target"),
        (vocabulary.FLOW_METRICS, "FlowAggregationView", "target"),
    ],
)
def test_the_names_of_queries_are_those_of_the_official_sdk(names, model, field):
    assert sorted(names) == sorted(values_in_sdk(model, field))
