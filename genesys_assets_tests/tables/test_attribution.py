"""Which queue and wrap-up code a metric belongs to."""

from pathlib import Path

import pytest

from genesys_assets_tests.tables.record import Json, decoded


def at(second: float) -> str:
    return f"2026-11-20T10:00:{second:06.3f}Z"


def queues_of(
    segments: list[Json], *seconds: float | None, tmp_path: Path, name: str | None = "tTalk"
) -> list[str | None]:
    """The queue of a metric emitted at each of the seconds, in a session of these segments."""
    named = {"value": 1} if name is None else {"name": name, "value": 1}
    metrics = [named | ({} if s is None else {"emitDate": at(s)}) for s in seconds]
    told = {"conversationId": "c", "conversationStart": at(0)}
    sessions = [{"segments": segments, "metrics": metrics}, {"segments": [{"queueId": "other"}]}]
    tables = decoded([{**told, "participants": [{"sessions": sessions}]}], tmp_path).tables
    return tables["staging.session_metrics"].select("queue_id").collect()["queue_id"].to_list()


def segment(queue: str | None, start: float | None, end: float | None, **fields: object) -> Json:
    told = {"queueId": queue, "segmentStart": None, "segmentEnd": None, **fields}
    told |= {"segmentStart": at(start)} if start is not None else {}
    return told | ({"segmentEnd": at(end)} if end is not None else {})


def test_a_session_of_one_queue_has_it_at_any_instant(tmp_path: Path) -> None:
    segments = [segment(None, 0, 1), segment("q", 1, 2), segment(None, 2, 3), segment("q", 3, 4)]
    assert queues_of(segments, 0.5, 2.5, 50, None, tmp_path=tmp_path) == ["q"] * 4


def test_a_session_without_queue_has_none(tmp_path: Path) -> None:
    assert queues_of([segment(None, 0, 1)], 0.5, tmp_path=tmp_path) == [None]
    assert queues_of([], 0.5, tmp_path=tmp_path) == [None]


@pytest.mark.parametrize(
    ("second", "queue"),
    [
        (0.0, "a"),  # before all: the first
        (1.0, "a"),  # the start of the first
        (2.0, "a"),
        (3.0, "a"),  # the end of a's: what ended there is emitted there
        (3.001, "b"),
        (5.0, "b"),
        (5.5, "b"),  # in no segment: the last before
        (6.0, "a"),  # the start of a's, where none of another queue ends
        (6.5, "a"),
        (20.0, "a"),  # the last one is open
        (None, "a"),  # no instant: the first
    ],
)
def test_of_several_queues_the_instant_decides(second: float | None, queue: str, tmp_path: Path) -> None:
    segments = [segment("a", 1, 3), segment("b", 3, 5), segment(None, 5, 6), segment("a", 6, None)]
    assert queues_of(segments, second, tmp_path=tmp_path) == [queue]


@pytest.mark.parametrize(
    ("second", "queue"),
    [
        (0.0, "a"),  # before all: the first
        (1.0, "a"),
        (3.0, "b"),  # the start of b's: what begins there is emitted there
        (4.999, "b"),
        (5.0, "b"),  # the end of b's, where none of another queue begins
        (6.0, "a"),
        (20.0, "a"),
        (None, "a"),
    ],
)
def test_where_two_segments_meet_a_number_belongs_to_the_one_that_begins(
    second: float | None, queue: str, tmp_path: Path
) -> None:
    segments = [segment("a", 1, 3), segment("b", 3, 5), segment(None, 5, 6), segment("a", 6, None)]
    assert queues_of(segments, second, tmp_path=tmp_path, name="nOffered") == [queue]


def test_each_queue_of_one_leg_is_offered_once_and_waits_once(tmp_path: Path) -> None:
    segments = [segment("a", 0, 30), segment("b", 30, 45)]
    assert queues_of(segments, 0, 30, tmp_path=tmp_path, name="nOffered") == ["a", "b"]
    assert queues_of(segments, 30, 45, tmp_path=tmp_path, name="tAcd") == ["a", "b"]


def test_of_two_segments_at_once_the_one_that_began_later_counts(tmp_path: Path) -> None:
    segments = [segment("a", 0, 10), segment("b", 2, 4)]
    assert queues_of(segments, 2, 3, 4, tmp_path=tmp_path, name="nOffered") == ["b", "b", "a"]
    assert queues_of(segments, 2, 3, 4, tmp_path=tmp_path, name="tAcd") == ["a", "b", "b"]


def test_a_number_in_a_segment_of_no_length_belongs_to_it(tmp_path: Path) -> None:
    assert queues_of([segment("a", 0, 3), segment("b", 3, 3)], 3, tmp_path=tmp_path, name="nOffered") == ["b"]


def test_a_metric_without_a_name_belongs_to_a_queue_all_the_same(tmp_path: Path) -> None:
    assert queues_of([segment("a", 1, 3), segment("b", 3, 5)], 4, tmp_path=tmp_path, name=None) == ["b"]


def test_segments_need_not_come_in_order_of_time(tmp_path: Path) -> None:
    segments = [segment("b", 3, 5), segment("a", 1, 3)]
    assert queues_of(segments, 0.5, 2, 4, 9, tmp_path=tmp_path) == ["a", "a", "b", "b"]


def test_a_segment_without_times_counts_only_where_no_other_does(tmp_path: Path) -> None:
    segments = [segment("x", None, None), segment("a", 1, 3)]
    assert queues_of(segments, 2, 9, tmp_path=tmp_path) == ["a", "a"]
    assert queues_of([segment("x", None, None), segment("y", None, None)], 2, tmp_path=tmp_path) == ["x"]


def test_of_several_wrap_up_codes_the_one_of_the_segment_that_began_last_counts(tmp_path: Path) -> None:
    segments = [segment("q", 2, 3, wrapUpCode="later"), segment("q", 0, 1, wrapUpCode="sooner")]
    sessions = [{"segments": segments, "metrics": [{"name": "tAcw"}]}]
    told = {"conversationId": "c", "conversationStart": at(0), "participants": [{"sessions": sessions}]}
    metrics = decoded([told], tmp_path).tables["staging.session_metrics"].collect()
    assert metrics["wrap_up_code"].to_list() == ["later"]


def test_the_last_wrap_up_code_of_the_session_is_that_of_all_its_metrics(tmp_path: Path) -> None:
    codes = [segment("q", 0, 1, wrapUpCode="first"), segment("q", 1, 2, wrapUpCode="last"), segment("q", 2, 3)]
    sessions = [
        {"segments": codes, "metrics": [{"name": "tAcw"}, {"name": "tHandle"}]},
        {"metrics": [{"name": "tIvr"}]},
    ]
    told = {"conversationId": "c", "conversationStart": at(0), "participants": [{"sessions": sessions}]}
    metrics = decoded([told], tmp_path).tables["staging.session_metrics"].collect()
    assert metrics.select("name", "wrap_up_code").rows() == [("tAcw", "last"), ("tHandle", "last"), ("tIvr", None)]
