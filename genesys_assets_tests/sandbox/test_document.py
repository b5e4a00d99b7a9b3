import re
from typing import Any

import PureCloudPlatformClientV2.models as sdk
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.sandbox.document import (
    UNIX_EPOCH_ORDINAL,
    document,
    timestamp,
    timestamp_without_trailing_zeros,
    without_attributes,
)  # fmt: skip
from genesys_assets.sandbox.traffic import Key, Traffic
from genesys_assets_tests.sandbox.support import DAY, LONG_AFTER, small_sandbox
from genesys_assets_tests.sandbox.test_scenario_types import TRAFFIC, every_scenario, scenarios

SOME_DAY = DAY.toordinal() - UNIX_EPOCH_ORDINAL
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


_PLANNED = {"callbackScheduledTime", "inactivityTimeout"}
"""Times that a record tells before they come."""


def leaves(value: Any) -> list[Any]:
    """Return all values of a document that are no containers, but for times that are planned."""
    if isinstance(value, dict):
        return [leaf for name, each in value.items() if name not in _PLANNED for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def metrics_of(shown: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (session["sessionId"], metric["name"], metric["emitDate"])
        for participant in shown["participants"]
        for session in participant["sessions"]
        for metric in session.get("metrics", ())
    }


@given(scenarios(), st.floats(0, 1))
@every_scenario
def test_nothing_is_shown_before_it_happens(scenario, share):
    at = int(scenario.start + share * (scenario.settled_at - scenario.start))
    times = [leaf for leaf in leaves(document(scenario, at)) if isinstance(leaf, str) and _TIMESTAMP.fullmatch(leaf)]
    assert times
    assert max(time.rstrip("Z") for time in times) <= timestamp(at).rstrip("Z")


@given(scenarios(), st.floats(0, 1), st.floats(0, 1))
@every_scenario
def test_a_conversation_only_grows(scenario, one, other):
    early, late = (int(scenario.start + share * (scenario.end - scenario.start)) for share in sorted((one, other)))
    assert metrics_of(document(scenario, early)) <= metrics_of(document(scenario, late))


@given(scenarios())
@every_scenario
def test_empty_values_are_absent_keys(scenario):
    assert all(leaf is not None for leaf in leaves(document(scenario, scenario.settled_at)))


@given(scenarios(), st.floats(0, 0.999))
@every_scenario
def test_an_open_conversation_has_no_end_and_its_running_segment_has_none(scenario, share):
    life = scenario.lives[-1]
    shown = document(scenario, int(life.start + share * (life.end - 1 - life.start)))
    assert "conversationEnd" not in shown


@given(scenarios())
@every_scenario
def test_a_closed_conversation_has_an_end_and_so_have_all_its_segments(scenario):
    shown = document(scenario, scenario.settled_at)
    segments = [
        segment
        for participant in shown["participants"]
        for session in participant["sessions"]
        for segment in session["segments"]
    ]  # fmt: skip
    assert "conversationEnd" in shown
    assert all("segmentEnd" in segment for segment in segments)


def test_a_conversation_that_reopens_is_closed_between_its_lives():
    scenario = TRAFFIC["reopened_message"].scenario(Key(1, SOME_DAY, 0))
    first, second = scenario.lives
    ends = [
        document(scenario, at).get("conversationEnd") for at in (first.end - 1, first.end, second.start, second.end)
    ]
    write = timestamp_without_trailing_zeros if scenario.drops_trailing_zeros else timestamp
    assert ends == [None, write(first.end), None, write(second.end)]


@given(scenarios())
@every_scenario
def test_every_field_is_one_that_the_official_sdk_knows(scenario):
    assert unknown_fields(document(scenario, scenario.settled_at), "AnalyticsConversation") == []


def unknown_fields(value: Any, model_name: str) -> list[str]:
    """Return the paths of fields that the SDK's model does not have."""
    model = getattr(sdk, model_name)()
    types = {wire: model.swagger_types[name] for name, wire in model.attribute_map.items()}
    found = [f"{model_name}.{name}" for name in value if name not in types]
    for name, child in value.items():
        inner = re.search(r"Analytics\w+", types.get(name, ""))
        if inner:
            children = child if isinstance(child, list) else [child]
            found += [path for each in children for path in unknown_fields(each, inner.group())]
    return found


def test_trailing_zeros_of_the_fraction_are_dropped_in_some_conversations():
    texts = str(small_sandbox(conversations_per_day=200).conversations(DAY))
    assert re.search(r":\d\d\.\d0\dZ", texts)
    assert re.search(r":\d\d\.\d{2}Z", texts)
    assert re.search(r":\d\d\.\d\d0Z", texts)


@given(st.integers(0, 4_000_000_000_000))
def test_a_timestamp_means_the_same_with_and_without_trailing_zeros(instant):
    short, long = timestamp_without_trailing_zeros(instant), timestamp(instant)
    assert long.startswith(short.removesuffix("Z"))
    assert set(long.removeprefix(short.removesuffix("Z"))) <= {".", "0", "Z"}


def test_participant_attributes_are_kept_from_the_query():
    truth = small_sandbox(now=lambda: LONG_AFTER).conversations(DAY)
    with_some = [each for each in truth.values() if any("attributes" in person for person in each["participants"])]
    assert with_some
    assert all("attributes" not in person for each in with_some for person in without_attributes(each)["participants"])


def test_a_document_is_of_realistic_size():
    calls = Traffic(seed=1, per_day=50, mix={"answered_call": 1})
    sizes = [len(str(document(calls.scenario(head.key), head.settled_at))) for head in calls.heads_of(SOME_DAY)]
    assert 4_000 < sum(sizes) / len(sizes) < 8_500
