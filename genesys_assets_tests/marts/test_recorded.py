"""Facts of real records, as documents of our own, through decoding and marts, to figures worked out by hand."""

from pathlib import Path
from typing import Any

from genesys_assets.marts import roll_up
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.recorded import Emitted, Json, conversation, leg, staged


def figures(folder: Path, mart: str, by: list[str], *documents: Json) -> dict[Any, dict[str, Any]]:
    """The figures of a mart, by one or several of its columns."""
    rows = roll_up(every_mart(staged(folder, *documents))[mart], by).collect().iter_rows(named=True)
    return {tuple(row[name] for name in by) if len(by) > 1 else row[by[0]]: row for row in rows}


def some(row: dict[str, Any], names: str) -> dict[str, Any]:
    return {name: row[name] for name in names.split()}


def a_chat_that_ends_on_hold() -> Json:
    """A record of 2021: answered after 11.179 s, talked for 374.561 s, then on hold to the end, with an error."""
    customer = leg("customer", [("nConnected", 1, 0)], [("interact", 0, 929_917, "q")], media="chat")
    acd = leg("acd", [("nOffered", 1, 2), ("tAcd", 11_179, 11_181)], [("interact", 2, 11_181, "q")], media="chat")
    emitted: list[Emitted] = [
        ("tAlert", 11_050, 11_183), ("tAnswered", 11_179, 11_183), ("tTalk", 374_561, 385_744),
        ("tTalkComplete", 374_561, 385_744), ("nError", 1, 929_920), ("tHandle", 918_737, 929_920),
        ("tHeld", 544_176, 929_920), ("tHeldComplete", 544_176, 929_920),
    ]  # fmt: skip
    segments = [("alert", 133, 11_183, "q"), ("interact", 11_183, 385_744, "q"), ("hold", 385_744, 929_920, "q")]
    return conversation(1, 929_920, customer, acd, leg("agent", emitted, segments, media="chat", user="ann"))


def test_a_chat_that_ends_on_hold_is_handled_for_its_talk_and_its_hold(tmp_path):
    [row] = figures(tmp_path, "queue_performance", ["queue_id"], a_chat_that_ends_on_hold()).values()
    names = "offered answered answer_time_ms talk_time_ms hold_time_ms after_call_work_count handled handle_time_ms"
    assert some(row, names) == {
        "offered": 1, "answered": 1, "answer_time_ms": 11_179, "talk_time_ms": 374_561, "hold_time_ms": 544_176,
        "after_call_work_count": 0, "handled": 1, "handle_time_ms": 374_561 + 544_176,
    }  # fmt: skip


def test_a_chat_that_is_still_open_is_answered_and_not_yet_handled(tmp_path):
    """A record of 2021 without an end, whose agent's segment has none either: talk is told before it is complete."""
    customer = leg("customer", [("nConnected", 1, 0)], [("interact", 0, None, "q")], media="chat")
    acd = leg("acd", [("nOffered", 1, 4), ("tAcd", 6_384, 6_388)], [("interact", 4, 6_388, "q")], media="chat")
    emitted = [("tAlert", 6_232, 6_391), ("tAnswered", 6_384, 6_391), ("tTalk", 923_484, 929_875)]
    segments = [("alert", 159, 6_391, "q"), ("interact", 6_391, None, "q")]
    told = conversation(1, None, customer, acd, leg("agent", emitted, segments, media="chat", user="ann"))
    [row] = figures(tmp_path, "queue_performance", ["queue_id"], told).values()
    assert some(row, "offered answered wait_time_ms talk_count handled") == {
        "offered": 1, "answered": 1, "wait_time_ms": 6_384, "talk_count": 0, "handled": 0,
    }  # fmt: skip
    assert every_mart(staged(tmp_path, told))["open_conversations"].collect().height == 1


def a_call_by_direct_routing() -> Json:
    """A record of 2025, from a mock's template, which has another queue in each segment of queue and agent."""
    customer = leg(
        "customer", [("nConnected", 1, 230), ("tConnected", 57_476, 57_706)],
        [("system", 0, 230, None), ("interact", 230, 57_706, "q")],
    )  # fmt: skip
    menu = leg(
        "ivr",
        [("nFlow", 1, 286), ("tIvr", 28_979, 29_003), ("tFlow", 28_722, 29_008), ("tFlowExit", 28_722, 29_008)],
        [("system", 10, 24, None), ("ivr", 24, 29_003, None)],
        flow={"flowId": "f", "flowName": "Menu", "flowType": "INBOUNDCALL", "exitReason": "TRANSFER"},
    )
    acd = leg(
        "acd", [("nOffered", 1, 29_102), ("tAcd", 1_829, 30_931)],
        [("delay", 29_054, 29_102, "q1"), ("interact", 29_102, 30_931, "q2")],
    )  # fmt: skip
    agent = leg(
        "agent",
        [
            *(("tAlert", 1_608, 30_888), ("tAnswered", 1_829, 30_888), ("tHandle", 26_824, 57_712)),
            *(("tTalk", 26_824, 57_712), ("tTalkComplete", 26_824, 57_712)),
        ],
        [("alert", 29_280, 30_888, "q3"), ("interact", 30_888, 57_712, "q4")],
        user="ann",
    )
    return conversation(1, 57_712, customer, menu, acd, agent)


def test_where_each_segment_has_its_own_queue_a_time_counts_for_the_one_that_ends_and_a_number_for_the_next(tmp_path):
    queues = figures(tmp_path, "queue_performance", ["queue_id"], a_call_by_direct_routing())
    assert queues.keys() == {"q2", "q3", "q4"}
    assert some(queues["q2"], "offered wait_count wait_time_ms") == {
        "offered": 1,
        "wait_count": 1,
        "wait_time_ms": 1_829,
    }
    assert some(queues["q3"], "alerted answered answer_time_ms") == {
        "alerted": 1,
        "answered": 1,
        "answer_time_ms": 1_829,
    }
    assert some(queues["q4"], "handled handle_time_ms") == {"handled": 1, "handle_time_ms": 26_824}


def test_the_flow_of_that_call_is_left_after_its_time_and_the_call_spent_more_in_the_menu(tmp_path):
    [flow] = figures(tmp_path, "flow_performance", ["flow_id"], a_call_by_direct_routing()).values()
    assert some(flow, "executions exits disconnects flow_time_ms") == {
        "executions": 1,
        "exits": 1,
        "disconnects": 0,
        "flow_time_ms": 28_722,
    }
    [call] = every_mart(staged(tmp_path, a_call_by_direct_routing()))["interactions"].collect().to_dicts()
    assert (call["duration_ms"], call["ivr_time_ms"], call["agents"]) == (57_712, 28_979, 1)


def test_an_agent_who_lets_it_ring_may_be_handled_without_an_answer(tmp_path):
    """A record of 2024: alert, error, and 57 s of after-call work with a code, without talk; a flow in the queue."""
    acd = leg(
        "acd", [("nOffered", 1, 0), ("tAcd", 30_000, 30_000), ("tAbandon", 30_000, 30_000)],
        [("interact", 0, 30_000, "q")], flow={"flowId": "music", "flowType": "INQUEUECALL"},
    )  # fmt: skip
    agent = leg(
        "agent",
        [
            *(("tAlert", 8_000, 9_000), ("tNotResponding", 8_000, 9_000), ("nError", 1, 9_000)),
            *(("tAcw", 57_000, 66_000), ("tHandle", 57_000, 66_000)),
        ],
        [("alert", 1_000, 9_000, "q"), ("wrapup", 9_000, 66_000, "q")],
        user="ann",
        code="ININ-WRAP-UP-TIMEOUT",
    )
    told = conversation(1, 66_000, acd, agent)
    [queue] = figures(tmp_path, "queue_performance", ["queue_id"], told).values()
    assert some(queue, "answered abandoned not_responding handled handle_time_ms after_call_work_ms") == {
        "answered": 0, "abandoned": 1, "not_responding": 1, "handled": 1, "handle_time_ms": 57_000,
        "after_call_work_ms": 57_000,
    }  # fmt: skip
    assert figures(tmp_path, "wrapup_performance", ["wrap_up_code"], told)["ININ-WRAP-UP-TIMEOUT"]["handled"] == 1
    assert figures(tmp_path, "flow_performance", ["flow_id"], told) == {}
