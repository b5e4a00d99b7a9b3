"""What nobody knows about Genesys Cloud and a day of a tenant can tell, in counts.

What belongs here: one function for each question. Its answer is removed from here when it is known and a rule of the
sandbox has it.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl

from genesys_assets.evidence.metrics import told_of
from genesys_assets.evidence.stored_day import StoredDay
from genesys_assets.evidence.words import word
from genesys_assets.genesys import AGGREGATES, Aggregate, GenesysCloud, PermanentError, aggregates
from genesys_assets.marts import emitted_on_its_day

Rows = list[dict[str, Any]]
OF_UNKNOWN_PLACE = ("nCallback", "tCallback", "nCfc", "tCfc", "nOutbound", "nOverSla")
OF_A_LEG = ("tAlert", "tAnswered", "tTalkComplete", "tHeldComplete", "tAcw", "tHandle", "nTransferred", "nOutbound")
"""Metrics that an agent's leg emits, some of them before its wrap-up."""
_SESSION = ["conversation_id", "session_ordinal"]
_BUCKET_MS = 5_000
_LAST_BUCKET = 12


async def asked(cloud: GenesysCloud, day: StoredDay, time_zone: str) -> dict[str, Any]:
    """Return the answers for which the aggregates are asked."""
    told, _ = await told_of(cloud, day.window, OF_A_LEG, by=["wrapUpCode"])
    return {
        "wrap_up_codes": wrap_up_codes(day, told),
        "time_zones": [await time_zone_of(cloud, day, zone) for zone in dict.fromkeys(("UTC", time_zone))],
    }


def recorded(day: StoredDay) -> dict[str, Any]:
    """Return the answers that the records alone give."""
    return {"places": places(day), "consults": consults(day), "short_abandons": short_abandons(day)}


def places(day: StoredDay) -> Rows:
    """Say on which sessions nCallback*, nCfc*, nOutbound* and nOverSla stand, and whether with a queue and a user."""
    by = {"name": "metric", "purpose": "purpose", "media_type": "media_type", "direction": "direction"}
    wanted = pl.any_horizontal(pl.col("name").str.starts_with(prefix) for prefix in OF_UNKNOWN_PLACE)
    on = {"on_a_queue": pl.col("queue_id").is_not_null(), "of_a_user": pl.col("user_id").is_not_null()}
    counted = day.tables["staging.session_metrics"].filter(wanted).with_columns(**on)
    rows = counted.group_by(*by, *on).len("emitted").sort(*by, *on).collect().iter_rows(named=True)
    return [{**{title: word(row.pop(column)) for column, title in by.items()}, **row} for row in rows]


def wrap_up_codes(day: StoredDay, told: list[Aggregate]) -> Rows:
    """Say whether wrapUpCode groups metrics that were emitted before the wrap-up.

    It does where Genesys Cloud's count with a code is that of sessions with a code; it does not where it is less by
    those before the wrap-up.
    """
    theirs = Counter[tuple[str, bool]]()
    for each in told:
        theirs[each.metric, each.group.get("wrapUpCode") is not None] += each.count
    wrap_ups = day.tables["staging.segments"].filter(pl.col("segment_type") == "wrapup")
    began = wrap_ups.group_by(_SESSION).agg(wrap_up_at=pl.col("segment_start").min())
    emitted = emitted_on_its_day(day.tables["staging.session_metrics"], day.zone)
    has_code = pl.col("wrap_up_code").is_not_null()
    ours = (
        emitted.filter(pl.col("name").is_in(OF_A_LEG))
        .join(began, on=_SESSION, how="left")
        .group_by(metric="name")
        .agg(
            ours_with_code=has_code.sum(),
            ours_without=(~has_code).sum(),
            ours_before_the_wrap_up=(has_code & (pl.col("emit_date") < pl.col("wrap_up_at"))).sum(),
        )
        .sort("metric")
        .collect()
    )
    return [
        {**row, "genesys_with_code": theirs[row["metric"], True], "genesys_without": theirs[row["metric"], False]}
        for row in ours.iter_rows(named=True)
    ]


def consults(day: StoredDay) -> dict[str, Any]:
    """Say whether the leg by which an agent consults emits metrics: another session of who emitted nConsult."""
    metrics = day.tables["staging.session_metrics"]
    participant = ["conversation_id", "participant_ordinal"]
    consulting = metrics.filter(pl.col("name") == "nConsult").select(*participant, "session_ordinal").unique()
    theirs = day.tables["staging.sessions"].join(consulting.select(participant).unique(), on=participant, how="semi")
    legs = theirs.join(consulting, on=[*participant, "session_ordinal"], how="anti")
    emitted = metrics.join(legs.select(_SESSION), on=_SESSION, how="semi").group_by("name").len().sort("name").collect()
    silent = legs.join(metrics, on=_SESSION, how="anti").select(pl.len()).collect().item()
    return {
        "consulting_sessions": consulting.select(pl.len()).collect().item(),
        "other_sessions": legs.select(pl.len()).collect().item(),
        "other_sessions_without_metrics": silent,
        "metrics_of_other_sessions": {word(name): count for name, count in emitted.iter_rows()},
    }


def short_abandons(day: StoredDay) -> Rows:
    """Say up to how long a wait an abandon is a short one: abandons by the five seconds in which they fall."""
    metrics = day.tables["staging.session_metrics"]
    short = metrics.filter(pl.col("name") == "tShortAbandon").select(_SESSION).unique().with_columns(is_short=True)
    bucket = (pl.col("value") // _BUCKET_MS).cast(pl.Int64, strict=False).clip(0, _LAST_BUCKET)
    is_short = pl.col("is_short").fill_null(value=False)
    rows = (
        metrics.filter(pl.col("name") == "tAbandon")
        .join(short, on=_SESSION, how="left")
        .group_by("media_type", bucket=bucket)
        .agg(short=is_short.sum(), others=(~is_short).sum())
        .sort("media_type", "bucket")
        .collect()
    )
    told = rows.iter_rows(named=True)
    return [{"media_type": word(row.pop("media_type")), "seconds": _seconds(row.pop("bucket")), **row} for row in told]


def _seconds(bucket: int | None) -> str:
    if bucket is None:
        return "not told"
    first = bucket * _BUCKET_MS // 1_000
    return f"from {first}" if bucket == _LAST_BUCKET else f"{first} to {first + _BUCKET_MS // 1_000}"


async def time_zone_of(cloud: GenesysCloud, day: StoredDay, time_zone: str) -> dict[str, Any]:
    """Say whether the figures of the day's window, or its buckets of a day, depend on the query's time zone."""
    asked_by = "UTC" if time_zone == "UTC" else "the organisation's"
    query, one_day = AGGREGATES["conversations"], timedelta(days=1)
    try:
        told = await aggregates(cloud, query, day.window, [query.some_metric], granularity=one_day, time_zone=time_zone)
    except PermanentError:
        return {"time_zone": asked_by, "is_refused": True}
    offered = sum(each.count for each in told)
    return {"time_zone": asked_by, "buckets": len({each.start for each in told}), "offered": offered}
