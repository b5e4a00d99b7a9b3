"""Conversations written by hand, and the figures that they must give.

A session is written with what it emitted: (metric, seconds or number, minute after midnight). Customers are left out
where they matter to no figure; they stand in the first case, with the queue that their session carries too.
"""

from genesys_assets.marts import roll_up
from genesys_assets.marts.agent_performance import agent_performance
from genesys_assets.marts.flow_performance import flow_performance
from genesys_assets.marts.interactions import interactions
from genesys_assets.marts.open_conversations import open_conversations
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.marts.wrapup_performance import wrapup_performance
from genesys_assets_tests.marts.staging import Conversation, Frames, Session, staged
from genesys_assets_tests.marts.written import table, written


def by_queue(day: Frames, columns: str) -> list[str]:
    """Queue performance of all days, added up by queue."""
    return written(roll_up(queue_performance(day["session_metrics"]), ["queue_id"]), columns)


def by_agent(day: Frames, columns: str) -> list[str]:
    return written(agent_performance(day["session_metrics"]), columns)


def finished(day: Frames, columns: str) -> list[str]:
    tables = ("conversations", "participants", "sessions", "segments", "session_metrics")
    return written(interactions(*(day[name] for name in tables)), columns)


def still_open(day: Frames, columns: str) -> list[str]:
    tables = ("conversations", "participants", "sessions", "segments")
    return written(open_conversations(*(day[name] for name in tables)), columns)


TRANSFER_TO_ANOTHER_QUEUE = Conversation(
    start=600,
    end=608,
    sessions=[
        Session(
            "customer",
            [("nConnected", 1, 600), ("tConnected", 480, 608)],
            queue="sales",
            segments=[("interact", 600, 608, "sales", None)],
        ),
        Session(
            "acd",
            [("nOffered", 1, 600), ("tAcd", 30, 600.5)],
            queue="billing",
            segments=[("interact", 600, 600.5, "billing", None)],
        ),
        Session(
            "agent",
            [
                ("tAlert", 6, 600.5),
                ("tAnswered", 30, 600.5),
                ("nTransferred", 1, 602.5),
                ("nBlindTransferred", 1, 602.5),
                ("tTalk", 120, 602.5),
                ("tTalkComplete", 120, 602.5),
                ("tAcw", 30, 603),
                ("tHandle", 150, 603),
            ],
            queue="billing",
            user="ann",
            segments=[("interact", 600.5, 602.5, "billing", None), ("wrapup", 602.5, 603, "billing", "wrong queue")],
        ),
        Session(
            "acd",
            [("nOffered", 1, 602.5), ("tAcd", 90, 604), ("nOverSla", 1, 604)],
            queue="sales",
            segments=[("interact", 602.5, 604, "sales", None)],
        ),
        Session(
            "agent",
            [("tAlert", 4, 604), ("tAnswered", 90, 604), ("tTalkComplete", 240, 608), ("tHandle", 240, 608)],
            queue="sales",
            user="bob",
            segments=[("interact", 604, 608, "sales", "sold")],
        ),
    ],
)


def test_a_transfer_to_another_queue_is_offered_and_answered_in_both() -> None:
    day = staged(TRANSFER_TO_ANOTHER_QUEUE)
    columns = "queue_id offered answered handled handle_time_ms transferred blind_transferred service_level"
    assert by_queue(day, columns) == table("""
        billing 1 1 1 150 1 1 1
        sales   1 1 1 240 0 0 0
    """)


def test_a_transferred_call_is_one_interaction_of_two_queues_and_two_agents() -> None:
    columns = "first_queue_id last_queue_id user_ids agents wrap_up_code talk_time_ms transferred duration_ms"
    assert finished(staged(TRANSFER_TO_ANOTHER_QUEUE), columns) == table("billing sales ann,bob 2 sold 360 1 480")


def test_each_session_counts_for_its_own_wrap_up_code() -> None:
    day = staged(TRANSFER_TO_ANOTHER_QUEUE)
    codes = wrapup_performance(day["session_metrics"])
    assert written(codes, "wrap_up_code queue_id handled handle_time_ms after_call_work_ms") == table("""
        sold          sales   1 240  0
        wrong queue   billing 1 150 30
    """)


def test_of_two_wrap_up_codes_of_a_session_the_last_one_counts() -> None:
    segments = [("wrapup", 2, 3, "billing", "first thought"), ("wrapup", 3, 4, "billing", "resolved")]
    agent = Session("agent", [("tHandle", 60, 4)], queue="billing", user="ann", segments=segments)
    day = staged(Conversation(0, 4, [agent]))
    codes = wrapup_performance(day["session_metrics"])
    assert written(codes, "wrap_up_code handled") == table("resolved 1")


def test_what_was_handled_without_a_wrap_up_code_has_a_row_without_one() -> None:
    day = staged(Conversation(0, 4, [Session("agent", [("tHandle", 60, 4)], queue="billing", user="ann")]))
    codes = wrapup_performance(day["session_metrics"])
    assert written(codes, "wrap_up_code queue_id handled") == table("- billing 1")


def test_a_consult_transfer_is_not_a_blind_one() -> None:
    day = staged(
        Conversation(
            start=600,
            end=610,
            sessions=[
                Session("acd", [("nOffered", 1, 600), ("tAcd", 12, 600.2)], queue="billing"),
                Session(
                    "agent",
                    [
                        ("tAnswered", 12, 600.2),
                        ("nConsult", 1, 603),
                        ("nTransferred", 1, 605),
                        ("nConsultTransferred", 1, 605),
                        ("tHeld", 60, 604),
                        ("tHeldComplete", 60, 605),
                        ("tTalkComplete", 228, 605),
                        ("tHandle", 288, 605),
                    ],
                    queue="billing",
                    user="ann",
                ),
                Session("user", [("tTalkComplete", 420, 610), ("tHandle", 420, 610)], user="eve"),
            ],
        )
    )
    columns = "user_id queue_id answered handled transferred blind_transferred consult_transferred average_hold_time_ms"
    assert by_agent(day, columns) == table("""
        ann billing 1 1 1 0 1 60
        eve -       0 1 0 0 0 -
    """)
    assert by_queue(day, "queue_id handled transfer_rate") == table("billing 1 1")


def test_an_agent_who_does_not_respond_is_alerted_but_has_answered_nothing() -> None:
    day = staged(
        Conversation(
            start=600,
            end=604,
            sessions=[
                Session("acd", [("nOffered", 1, 600), ("tAcd", 60, 601)], queue="billing"),
                Session("agent", [("tAlert", 20, 600.5), ("tNotResponding", 20, 600.5)], queue="billing", user="ann"),
                Session(
                    "agent",
                    [("tAlert", 5, 601), ("tAnswered", 60, 601), ("tTalkComplete", 180, 604), ("tHandle", 180, 604)],
                    queue="billing",
                    user="bob",
                ),
            ],
        )
    )
    assert by_agent(day, "user_id alerted not_responding not_responding_time_ms answered handled") == table("""
        ann 1 1 20 0 0
        bob 1 0  0 1 1
    """)
    assert by_queue(day, "offered answered alerted not_responding average_speed_of_answer_ms") == table("1 1 2 1 60")
    assert finished(day, "user_ids agents not_responding") == table("bob 1 1")


ABANDON = Conversation(
    600,
    602,
    [Session("acd", [("nOffered", 1, 600), ("tAbandon", 120, 602), ("tAcd", 120, 602)], queue="billing")],
    id="abandon",
)
SHORT_ABANDON = Conversation(
    600,
    600.05,
    [
        Session(
            "acd",
            [("nOffered", 1, 600), ("tAbandon", 3, 600.05), ("tShortAbandon", 3, 600.05), ("tAcd", 3, 600.05)],
            queue="billing",
        )
    ],
    id="short",
)


def test_a_short_abandon_is_an_abandon_too() -> None:
    columns = "offered answered abandoned short_abandoned abandon_rate average_abandon_time_ms service_level"
    assert by_queue(staged(ABANDON, SHORT_ABANDON), columns) == table("2 0 2 1 1 61.5 0")


FLOW_OUT = Conversation(
    600,
    606,
    [
        Session(
            "acd",
            [("nOffered", 1, 600), ("tFlowOut", 300, 605), ("tAcd", 300, 605)],
            queue="billing",
            segments=[("interact", 600, 605, "billing", None)],
        ),
        Session("voicemail", [("tVoicemail", 60, 606)]),
    ],
)


def test_a_flow_out_is_neither_answered_nor_abandoned() -> None:
    columns = "offered answered abandoned flow_outs flow_out_time_ms abandon_rate service_level"
    assert by_queue(staged(FLOW_OUT), columns) == table("1 0 0 1 300 0 -")
    assert finished(staged(FLOW_OUT), "last_queue_id user_ids flow_outs wait_time_ms") == table("billing [] 1 300")


def test_a_callback_is_offered_and_handled_but_neither_answered_nor_abandoned() -> None:
    callback = Conversation(
        start=540,
        end=665,
        sessions=[
            Session("customer", [("nConnected", 1, 540), ("tConnected", 120, 542)]),
            Session("acd", [("nOffered", 1, 541), ("tFlowOut", 60, 542), ("tAcd", 60, 542)], queue="billing"),
            Session("acd", [("nOffered", 1, 542), ("tAcd", 6480, 650)], queue="billing", media="callback"),
            Session(
                "agent",
                [("tAlert", 10, 650), ("tActiveCallback", 840, 664), ("tAcw", 60, 665), ("tHandle", 900, 665)],
                queue="billing",
                user="ann",
                media="callback",
                direction="outbound",
            ),
        ],
    )
    day = staged(callback)
    rows = roll_up(queue_performance(day["session_metrics"]), ["media_type"])
    columns = "media_type offered answered abandoned flow_outs handled answer_rate service_level"
    assert written(rows, columns) == table("""
        callback 1 0 0 0 1 0 -
        voice    1 0 0 1 0 0 -
    """)
    assert finished(day, "media_type media_types offered") == table("voice voice,callback 2")


def test_a_call_over_midnight_is_offered_on_the_one_day_and_handled_on_the_other() -> None:
    call = Conversation(
        start=23 * 60,
        end=25 * 60,
        sessions=[
            Session("acd", [("nOffered", 1, 1380.5), ("tAcd", 90, 1382)], queue="billing"),
            Session(
                "agent",
                [("tAnswered", 90, 1382), ("tTalkComplete", 7080, 1500), ("tHandle", 7080, 1500)],
                queue="billing",
                user="ann",
            ),
        ],
    )
    day = staged(call)
    rows = queue_performance(day["session_metrics"])
    assert written(rows, "partition_date interval_start offered answered handled handle_time_ms") == table("""
        D+0 23:00 1 1 0 0
        D+1 01:00 0 0 1 7080
    """)
    assert finished(day, "partition_date answered handle_time_ms duration_ms") == table("D+1 1 7080 7200")


def test_a_chat_with_two_agents_is_handled_twice_and_offered_once() -> None:
    chat = Conversation(
        start=600,
        end=620,
        sessions=[
            Session("acd", [("nOffered", 1, 600), ("tAcd", 30, 600.5)], queue="web", media="chat"),
            Session(
                "agent",
                [("tAnswered", 30, 600.5), ("tTalkComplete", 600, 610.5), ("tHandle", 600, 610.5)],
                queue="web",
                user="ann",
                media="chat",
            ),
            Session(
                "agent",
                [("tTalkComplete", 840, 620), ("tHandle", 840, 620)],
                queue="web",
                user="bob",
                media="chat",
            ),
        ],
    )
    assert by_queue(staged(chat), "offered answered handled average_handle_time_ms") == table("1 1 2 720")
    assert by_agent(staged(chat), "user_id media_type answered handled") == table("""
        ann chat 1 1
        bob chat 0 1
    """)
    assert finished(staged(chat), "user_ids agents handle_time_ms") == table("ann,bob 2 1440")


EMAIL_OF_FIVE_DAYS = Conversation(
    start=600,
    end=600 + 4 * 1440,
    sessions=[
        Session(
            "acd",
            [("nOffered", 1, 600), ("tAcd", 172_800, 600 + 2 * 1440)],
            queue="post",
            media="email",
            segments=[("interact", 600, 600 + 2 * 1440, "post", None)],
        ),
        Session(
            "agent",
            [
                ("tAnswered", 172_800, 600 + 2 * 1440),
                ("nOverSla", 1, 600 + 2 * 1440),
                ("tTalkComplete", 900, 600 + 4 * 1440),
                ("tHandle", 900, 600 + 4 * 1440),
            ],
            queue="post",
            user="ann",
            media="email",
            segments=[("interact", 600 + 2 * 1440, 600 + 4 * 1440, "post", "answered")],
        ),
    ],
)


def test_an_email_of_five_days_counts_each_metric_on_its_own_day() -> None:
    day = staged(EMAIL_OF_FIVE_DAYS)
    assert day["conversations"].collect().height == 5
    rows = queue_performance(day["session_metrics"])
    assert written(rows, "partition_date offered answered answered_over_service_level handled") == table("""
        D+0 1 0 0 0
        D+2 0 1 1 0
        D+4 0 0 0 1
    """)
    assert finished(day, "partition_date wrap_up_code duration_ms") == table("D+4 answered 345600")


def test_a_day_fetched_while_the_email_lives_shows_it_open() -> None:
    day = staged(
        Conversation(start=600, end=None, sessions=EMAIL_OF_FIVE_DAYS.sessions[:1]),
        fetched=720,
    )
    first_day = {
        name: frame.filter(partition_date=day["conversations"].collect()["partition_date"][0])
        for name, frame in day.items()
    }
    assert still_open(first_day, "conversation_id age_ms media_type last_queue_id last_user_id") == table(
        "c1 7200 email post -"
    )
    assert finished(first_day, "conversation_id") == []


def test_an_open_conversation_names_whom_it_alerts() -> None:
    alerting = Session("agent", [], queue="post", user="ann", segments=[("alert", 610, 611, "post", None)])
    day = staged(Conversation(600, None, [EMAIL_OF_FIVE_DAYS.sessions[0], alerting]), fetched=611)
    assert still_open(day, "last_user_id")[:1] == ["ann"]


def test_a_reopened_conversation_counts_each_metric_once_and_ends_when_it_last_ended() -> None:
    first_agent = Session("agent", [("tHandle", 300, 620)], queue="post", user="ann", media="message")
    second_agent = Session("agent", [("tHandle", 120, 630 + 1440)], queue="post", user="bob", media="message")
    closed = staged(Conversation(600, 620, [first_agent]))
    reopened = staged(Conversation(600, 630 + 1440, [first_agent, second_agent]))
    assert finished(closed, "partition_date user_ids") == table("D+0 ann")
    assert finished(reopened, "partition_date user_ids") == table("D+1 ann,bob")
    assert by_agent(reopened, "partition_date user_id handled handle_time_ms") == table("""
        D+0 ann 1 300
        D+1 bob 1 120
    """)


def test_outcomes_of_a_flow_do_not_multiply_its_executions() -> None:
    flow = {"flow_id": "f1", "flow_name": "Main IVR", "flow_type": "INBOUNDCALL", "exit_reason": "TRANSFER"}
    ivr = Session(
        "ivr",
        [("nFlow", 1, 600), ("tIvr", 60, 601), ("tFlow", 58, 601), ("tFlowExit", 58, 601)],
        flow=flow,
        outcomes=[("identified", "SUCCESS", 600.5), ("self-served", "FAILURE", 600.8)],
    )
    hung_up = Session(
        "ivr",
        [("nFlow", 1, 600), ("tFlow", 2, 600), ("tFlowDisconnect", 2, 600)],
        flow={**flow, "exit_reason": "DISCONNECT"},
    )
    day = staged(Conversation(600, 601, [ivr]), Conversation(600, 600, [hung_up], id="c2"))
    rows = flow_performance(day["session_metrics"], day["flows"], day["flow_outcomes"], day["conversations"])
    columns = "exit_reason flow_outcome_id flow_outcome_value executions exits disconnects flow_time_ms outcomes"
    assert written(rows, columns) == table("""
        DISCONNECT -           -       1 0 1 2  0
        TRANSFER   -           -       1 1 0 58 0
        TRANSFER   identified  SUCCESS 0 0 0 0  1
        TRANSFER   self-served FAILURE 0 0 0 0  1
    """)
    assert written(roll_up(rows, ["flow_id"]), "executions outcomes average_flow_time_ms") == table("2 2 30")


def test_a_flow_over_midnight_begins_on_the_one_day_and_ends_on_the_other() -> None:
    flow = {"flow_id": "f1", "flow_name": "Main IVR", "flow_type": "INBOUNDCALL", "exit_reason": "TRANSFER"}
    ivr = Session(
        "ivr", [("nFlow", 1, 1439), ("tFlow", 120, 1441)], flow=flow, outcomes=[("identified", "SUCCESS", 1439.5)]
    )
    day = staged(Conversation(1439, 1441, [ivr]))
    rows = flow_performance(day["session_metrics"], day["flows"], day["flow_outcomes"], day["conversations"])
    assert written(rows, "partition_date flow_outcome_id executions finished outcomes") == table("""
        D+0 -          1 0 0
        D+0 identified 0 0 1
        D+1 -          0 1 0
    """)


def test_a_campaign_without_agents_shows_its_attempts_in_the_queue() -> None:
    campaign = Session(
        "outbound",
        [("nOutboundAttempted", 1, 600), ("nOutboundConnected", 1, 600.3), ("nOutboundAbandoned", 1, 600.4)],
        queue="campaign",
        direction="outbound",
    )
    day = staged(Conversation(600, 601, [campaign], direction="outbound"))
    columns = "queue_id offered outbound_attempts outbound_connects outbound_abandons"
    assert by_queue(day, columns) == table("campaign 0 1 1 1")


def test_a_conversation_without_metrics_is_an_interaction_all_the_same() -> None:
    day = staged(Conversation(600, 601, [Session("customer", [])], mos=4.4))
    assert finished(day, "offered handled user_ids last_queue_id min_mos") == table("0 0 [] - 4.4")
