"""An agent's handling: talk and hold, after-call work with its wrap-up code, the handing on."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from genesys_assets.sandbox.organisation import DEFAULT_WRAP_UP, RETIRED_WRAP_UP, Entity, Queue
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Session
from genesys_assets.sandbox.steps.distributions import chance
from genesys_assets.sandbox.steps.legs import measure_line

RULES = (
    Rule(
        "tHandle is tTalkComplete + tHeldComplete + tAcw + tDialing + tContacting.",
        "real payload",
        "15 of 15 sessions",
        "test_handle_time_is_talk_and_hold_and_after_call_work_and_dialling",
    ),
    Rule(
        "tTalk and tHeld are emitted for each stretch, tTalkComplete and tHeldComplete once, with the sum.",
        "real payload",
        "records of 2021 to 2025",
        "test_the_stretches_of_talk_and_hold_add_up",
    ),
    Rule(
        "tAcw is emitted when the work is over; its segment may end seconds later.",
        "real payload",
        "a record of 2024",
        "test_after_call_work_may_be_measured_seconds_before_its_segment_ends",
    ),
    Rule(
        "Wrap-up and alert segments may have a disconnectType.",
        "real payload",
        "records of 2016 and 2024",
        "test_wrap_up_and_alert_segments_may_say_how_they_ended",
    ),
)


class Handled(NamedTuple):
    """When an agent's part ended: the talk, and the after-call work behind it."""

    hung_up_at: int
    done_at: int


class Measured(NamedTuple):
    """What an agent spent before the talk, as far as it belongs to the handle time."""

    dialing: int = 0
    contacting: int = 0


NOTHING_BEFORE = Measured()
_PAUSES = {"hold": "tHeld", "parked": "tPark"}
"""The segments between two stretches of talk, and what times them."""


def talk(
    session: Session,
    at: int,
    stretches: list[int],
    disconnect: str,
    before: Measured = NOTHING_BEFORE,
    *,
    acw: int,
    pause: str = "hold",
) -> Handled:
    """Add the agent's handling: talk, hold, talk, ... in these milliseconds, then after-call work.

    Args:
        session: The agent's leg.
        at: When the talk begins.
        stretches: Milliseconds of talk and hold in turn; the last is talk.
        disconnect: How the talk ends.
        before: What of the handle time passed before the talk.
        acw: Milliseconds of after-call work; 0 when there is none.
        pause: What the agent does with the customer between two stretches of talk: `hold`, or `parked`, which is no
            handle time.
    """
    talked, paused = stretches[0::2], stretches[1::2]
    timer = _PAUSES[pause]
    now = at
    for number, milliseconds in enumerate(stretches):
        kind, metric = (pause, timer) if number % 2 else ("interact", "tTalk")
        last = number == len(stretches) - 1
        session.segment(kind, now, now + milliseconds, {"disconnectType": disconnect} if last else None)
        now += milliseconds
        session.emit(metric, milliseconds, now)
    session.emit("tTalkComplete", sum(talked), now)
    if paused:
        session.emit(f"{timer}Complete", sum(paused), now - stretches[-1])
    if session.media == "voice":
        measure_line(session, now)
    done_at = wrap_up(session, now, acw, disconnect)
    held = sum(paused) if pause == "hold" else 0
    session.emit("tHandle", sum(talked) + held + acw + before.dialing + before.contacting, done_at)
    return Handled(now, done_at)


def wrap_up(session: Session, at: int, milliseconds: int, disconnect: str | None = None) -> int:
    """Add after-call work with its wrap-up code, none at all for 0 milliseconds; return when it is over.

    At times its segment repeats how the talk ended, and ends seconds after the work was measured.
    """
    if milliseconds == 0:
        session.later(at, acwSkipped=True)
        return at
    random, queue = session.scenario.random, session.queue
    code = _wrap_up_code(random, queue) if queue else DEFAULT_WRAP_UP
    closing: dict[str, Any] = {"wrapUpCode": code.name if code is DEFAULT_WRAP_UP else code.id}
    if chance(random, 0.12):
        closing["wrapUpNote"] = "Customer asked for a written confirmation."
    if chance(random, 0.05):
        closing["wrapUpTags"] = ["follow-up", "written"]
    if disconnect is not None and chance(random, 0.3):
        closing["disconnectType"] = disconnect
    lingers = random.randrange(500, 6_000) if chance(random, 0.1) else 0
    session.segment("wrapup", at, at + milliseconds + lingers, closing)
    session.emit("tAcw", milliseconds, at + milliseconds)
    session.wrap_up = closing["wrapUpCode"]
    return at + milliseconds


def _wrap_up_code(random: Random, queue: Queue) -> Entity:
    if chance(random, 0.01):
        return RETIRED_WRAP_UP
    return DEFAULT_WRAP_UP if chance(random, 0.02) else random.choice(queue.wrap_ups)


def transferred(session: Session, at: int, metric: str) -> None:
    """Count that the agent handed the conversation on; `metric` is nBlindTransferred or nConsultTransferred."""
    session.emit("nTransferred", 1, at)
    session.emit(metric, 1, at)
