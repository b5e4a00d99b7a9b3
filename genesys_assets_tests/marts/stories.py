"""Generated conversations: each goes from queue to queue and emits what Genesys Cloud emits on such a way.

Written from the emission rules (which purpose emits what, and when), not from the formulas under test.
"""

from __future__ import annotations

from hypothesis import strategies as st

from genesys_assets_tests.marts.staging import Conversation, Session

QUEUES = ("billing", "sales", "support")
USERS = ("ann", "bob", "eve", "joe")
CODES = (None, "resolved", "call again")
SECONDS = st.integers(0, 20_000)
FLOW = {"flow_id": "f1", "flow_name": "Main IVR", "flow_type": "INBOUNDCALL"}


@st.composite
def conversations(draw: st.DrawFn, number: int) -> Conversation:
    """One closed conversation that begins on one of two days and may last for several."""
    began = draw(st.integers(0, 2 * 1440 - 1))
    media = draw(st.sampled_from(["voice", "chat", "email"]))
    minute, sessions = _flow(draw, began, media)
    for _ in range(draw(st.integers(1, 3))):
        minute, visit, goes_on = _queue_visit(draw, minute, media)
        sessions += visit
        if not goes_on:
            break
    return Conversation(began, minute, sessions, id=f"c{number}")


def days(most: int = 6) -> st.SearchStrategy[list[Conversation]]:
    """A few conversations, each with its own id."""
    return st.integers(1, most).flatmap(lambda count: st.tuples(*map(conversations, range(count)))).map(list)


def _flow(draw: st.DrawFn, began: float, media: str) -> tuple[float, list[Session]]:
    if draw(st.booleans()):
        return began, []
    ended = began + draw(SECONDS) / 60
    seconds = (ended - began) * 60
    metrics = [("nFlow", 1, began), ("tIvr", seconds, ended), ("tFlow", seconds, ended), ("tFlowExit", seconds, ended)]
    reached = draw(st.lists(st.sampled_from(["SUCCESS", "FAILURE"]), max_size=2))
    outcomes = [(f"outcome{n}", value, began) for n, value in enumerate(reached)]
    flow = {**FLOW, "exit_reason": draw(st.sampled_from(["TRANSFER", "DISCONNECT"]))}
    return ended, [Session("ivr", metrics, media=media, flow=flow, outcomes=outcomes)]


def _queue_visit(draw: st.DrawFn, entered: float, media: str) -> tuple[float, list[Session], bool]:
    """The minute of its end, its sessions, and whether the conversation goes on to another queue."""
    queue = draw(st.sampled_from(QUEUES))
    waited = draw(SECONDS)
    left = entered + waited / 60
    acd = [("nOffered", 1, entered), ("tAcd", waited, left)]
    end = draw(st.sampled_from(["answered", "answered", "abandoned", "flowed out"]))
    if end == "abandoned":
        acd.append(("tAbandon", waited, left))
        acd += [("tShortAbandon", waited, left)] if waited < 10 else []
    if end == "flowed out":
        acd.append(("tFlowOut", waited, left))
    segments = [("interact", entered, left, queue, None)]
    in_queue = Session("acd", acd, queue=queue, media=media, segments=segments)
    if end != "answered":
        return left, [in_queue], False
    if draw(st.booleans()):
        acd.append(("nOverSla", 1, left))
    done, agent, transferred = _agent(draw, queue, left, waited, media)
    return done, [in_queue, agent], transferred


def _agent(draw: st.DrawFn, queue: str, answered: float, waited: float, media: str) -> tuple[float, Session, bool]:
    talk, hold, work, dial = (draw(SECONDS) for _ in range(4))
    ended = answered + (talk + hold + dial) / 60
    done = ended + work / 60
    metrics = [("tAlert", 5, answered), ("tAnswered", waited, answered), ("tTalkComplete", talk, ended)]
    metrics += [("tHeldComplete", hold, ended)] if hold else []
    metrics += [("tDialing", dial, answered)] if dial else []
    metrics += [("tAcw", work, done)] if work else []
    metrics.append(("tHandle", talk + hold + work + dial, done))
    transferred = draw(st.booleans())
    if transferred:
        kind = draw(st.sampled_from(["nBlindTransferred", "nConsultTransferred"]))
        metrics += [("nTransferred", 1, ended), (kind, 1, ended)]
    code = draw(st.sampled_from(CODES))
    segments = [("interact", answered, ended, queue, None), ("wrapup", ended, done, queue, code)]
    user = draw(st.sampled_from(USERS))
    return done, Session("agent", metrics, queue=queue, user=user, media=media, segments=segments), transferred
