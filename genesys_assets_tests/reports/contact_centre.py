"""A plausible day of a contact centre as marts, for reports and exports: drawn by seed, computed by the formulas."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import polars as pl

from genesys_assets.marts import MARTS, with_names
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import SCHEMAS, empty

DAY = date(2026, 11, 20)  # a Friday

Row = dict[str, object]
Marts = dict[str, pl.LazyFrame]


@dataclass(frozen=True)
class Queue:
    """A queue, its share of the traffic, its mean wait and its target."""

    id: str
    name: str
    media: str
    share: float
    wait_seconds: float
    target: float
    target_seconds: int


QUEUES = (
    Queue("q1", "Billing", "voice", 0.30, 14, 0.80, 20),
    Queue("q2", "Technical Support", "voice", 0.25, 34, 0.80, 20),
    Queue("q3", "Sales", "voice", 0.15, 6, 0.90, 15),
    Queue("q4", "Deliveries and Returns", "voice", 0.12, 17, 0.80, 20),
    Queue("q5", "Web Chat", "chat", 0.12, 25, 0.80, 60),
    Queue("q6", "Customer E-mail", "email", 0.06, 900, 0.90, 3600),
)
AGENTS = ("Amara Okafor", "Bruno Keller", "Chloé Martin", "Dilara Öztürk", "Elena Rossi", "Farid Haddad", "Grace Lin")
WRAP_UPS = ("Resolved", "Invoice explained", "Address changed", "Technician booked", "Complaint", "Call back agreed")
FLOWS = ("Main IVR", "Billing IVR")
REPORTED = ("queue_performance", "agent_performance", "wrapup_performance", "flow_performance")
OUTCOMES = ("Balance told", "Identified")

directory = {
    "queues": pl.LazyFrame({"id": [queue.id for queue in QUEUES], "name": [queue.name for queue in QUEUES]}),
    "users": pl.LazyFrame({"id": [f"u{n}" for n in range(len(AGENTS))], "name": AGENTS}),
    "wrapup_codes": pl.LazyFrame({"id": [f"w{n}" for n in range(len(WRAP_UPS))], "name": WRAP_UPS}),
}
targets = pl.DataFrame(
    {
        "queue_id": [queue.id for queue in QUEUES],
        "media_type": [queue.media for queue in QUEUES],
        "service_level_target": [queue.target for queue in QUEUES],
        "service_level_duration_ms": [queue.target_seconds * 1000 for queue in QUEUES],
    }
)


@cache
def marts(day: date = DAY, interactions: int = 600) -> Marts:
    """The marts of a day, with names, collected."""
    made = every_mart({**empty(), **_staging(day, interactions)})
    return {name: with_names(made[name], **directory).collect().lazy() for name in REPORTED}


def no_marts() -> Marts:
    """The marts of a day on which nothing happened."""
    return {name: MARTS[name].schema.create_empty().lazy() for name in REPORTED}


def history(*weeks_ago: int, day: date = DAY) -> pl.LazyFrame:
    """marts.queue_performance of earlier days; the further back, the quieter."""
    days = [marts(day - timedelta(weeks=weeks), 600 - 25 * weeks) for weeks in weeks_ago]
    return pl.concat([frames["queue_performance"] for frames in days] or [no_marts()["queue_performance"]])


def _staging(day: date, interactions: int) -> Marts:
    dice = random.Random(day.toordinal())  # noqa: S311 - a drawing, not a secret
    rows: dict[str, list[Row]] = {table: [] for table in ("session_metrics", "flows", "flow_outcomes", "conversations")}
    for number in range(interactions):
        _interaction(dice, rows, day, f"{day}-{number}")
    return {table: pl.LazyFrame(drawn, schema=SCHEMAS[table]) for table, drawn in rows.items()}


def _interaction(dice: random.Random, rows: dict[str, list[Row]], day: date, conversation_id: str) -> None:
    queue = dice.choices(QUEUES, [queue.share for queue in QUEUES])[0]
    hour = min(max(dice.choice((dice.gauss(10.5, 1.6), dice.gauss(15, 1.9))), 5), 22)
    offered_at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
    key: Row = {"partition_date": day, "conversation_id": conversation_id}
    entry: Row = {**key, "participant_ordinal": 1, "session_ordinal": 1, "purpose": "acd", "queue_id": queue.id}
    entry |= {"media_type": queue.media, "direction": "inbound"}
    _flow(dice, rows, key, offered_at)
    wait = dice.expovariate(1 / queue.wait_seconds)
    ends_at = offered_at + timedelta(seconds=wait)
    told = rows["session_metrics"]
    told.append({**entry, "name": "nOffered", "value": 1, "emit_date": offered_at})
    if wait > 3 * queue.wait_seconds * dice.random() + queue.target_seconds * 1.5:
        told.append({**entry, "name": "tAbandon", "value": int(wait * 1000), "emit_date": ends_at})
        return
    told.append({**entry, "name": "tAnswered", "value": int(wait * 1000), "emit_date": ends_at})
    if wait > queue.target_seconds:
        told.append({**entry, "name": "nOverSla", "value": 1, "emit_date": ends_at})
    _handling(dice, rows, entry, ends_at)


def _handling(dice: random.Random, rows: dict[str, list[Row]], entry: Row, answered_at: datetime) -> None:
    agent = {**entry, "session_ordinal": 2, "purpose": "agent", "user_id": f"u{dice.randrange(len(AGENTS))}"}
    agent["wrap_up_code"] = dice.choice([f"w{n}" for n in range(len(WRAP_UPS))] + ["w0", "w0", None])
    spent = {"tTalkComplete": dice.gauss(210, 60), "tHeldComplete": dice.choice((0, 0, 40)), "tAcw": dice.gauss(45, 12)}
    spent = {name: max(0, int(seconds * 1000)) for name, seconds in spent.items()}
    spent["tHandle"] = sum(spent.values())
    over_at = answered_at + timedelta(milliseconds=spent["tHandle"])
    rows["session_metrics"] += [
        {**agent, "name": name, "value": value, "emit_date": over_at} for name, value in spent.items() if value
    ]
    rows["session_metrics"].append({**agent, "name": "tAlert", "value": 4000, "emit_date": answered_at})
    if dice.random() < 0.08:
        rows["session_metrics"].append({**agent, "name": "nTransferred", "value": 1, "emit_date": over_at})


def _flow(dice: random.Random, rows: dict[str, list[Row]], key: Row, offered_at: datetime) -> None:
    session = {**key, "session_ordinal": 0}
    name = dice.choice(FLOWS)
    flow = {"flow_id": name, "flow_name": name, "flow_type": "INBOUNDCALL", "exit_reason": "TRANSFER"}
    rows["flows"].append({**session, **flow})
    told = {**session, "participant_ordinal": 0, "purpose": "ivr", "emit_date": offered_at}
    rows["session_metrics"] += [{**told, "name": "nFlow", "value": 1}, {**told, "name": "tFlow", "value": 42_000}]
    outcome = {"flow_outcome_id": dice.choice(OUTCOMES), "flow_outcome_value": dice.choice(("SUCCESS", "FAILURE"))}
    times = {"flow_outcome_start_timestamp": offered_at, "flow_outcome_end_timestamp": offered_at}
    rows["flow_outcomes"].append({**session, **outcome, **times})
