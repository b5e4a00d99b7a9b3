"""Aggregates: the figures that Genesys Cloud itself computes, with which ours are compared elsewhere.

The queries count each metric at the instant when it was emitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.transport import decode_json
from genesys_assets.moments import moment
from genesys_assets.windows import Interval


@dataclass(frozen=True, slots=True)
class AggregatesQuery:
    """A query of aggregates.

    Attributes:
        path: Its path.
        permission: What a role of the OAuth client needs for it.
        some_metric: A metric that it knows, for those who only try whether they may ask.
    """

    path: str
    permission: str
    some_metric: str


AGGREGATES: Mapping[Literal["conversations", "flows"], AggregatesQuery] = {
    "conversations": AggregatesQuery(
        "/api/v2/analytics/conversations/aggregates/query", "analytics:conversationAggregate:view", "nOffered"
    ),
    "flows": AggregatesQuery("/api/v2/analytics/flows/aggregates/query", "analytics:flowAggregate:view", "nFlow"),
}
"""The queries, by what they aggregate."""


class _Stats(msgspec.Struct):
    """Numbers may come as texts."""

    count: int | float | None = 0
    sum: int | float | None = None
    numerator: int | float | None = None
    denominator: int | float | None = None


class _Entry(msgspec.Struct):
    metric: str
    stats: _Stats


class _Bucket(msgspec.Struct):
    interval: str | None = None
    metrics: list[_Entry] | None = None


class _Result(msgspec.Struct):
    group: dict[str, str | None] | None = None
    data: list[_Bucket] | None = None


class _Response(msgspec.Struct):
    results: list[_Result] | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One metric of one group, over one bucket of the interval.

    Attributes:
        group: The values of the dimensions; one that is absent is None, such as the queue of metrics on no queue.
        start: When the bucket starts; None: not told.
        metric: The metric's name.
        count: How often a timer was emitted, or the sum of an `n*` metric.
        sum: The milliseconds of a timer, None for an `n*` metric.
        numerator: Of a service level: how many were answered in time.
        denominator: Of how many.
    """

    group: Mapping[str, str | None]
    start: datetime | None
    metric: str
    count: int
    sum: int | None
    numerator: int | None = None
    denominator: int | None = None


async def aggregates(
    cloud: GenesysCloud,
    query: AggregatesQuery,
    interval: Interval,
    metrics: Sequence[str],
    *,
    by: Sequence[str] = (),
    granularity: timedelta | None = None,
    time_zone: str = "UTC",
) -> list[Aggregate]:
    """Return the aggregates of an interval; groups, buckets and metrics without data are left out.

    Args:
        cloud: The session.
        query: One of `AGGREGATES`.
        interval: The time to ask about.
        metrics: The metrics to ask for.
        by: The dimensions by which they are grouped.
        granularity: The length of the buckets, whole minutes; the whole interval when not given.
        time_zone: By whose clocks buckets begin.

    Raises:
        InvalidPageError: The response is not as documented.
    """
    body: dict[str, Any] = {
        "interval": interval.iso(),
        "timeZone": time_zone,
        "groupBy": list(by),
        "metrics": list(metrics),
    }
    if granularity is not None:
        body["granularity"] = f"PT{granularity // timedelta(minutes=1)}M"
    return await cloud.request("POST", query.path, body=body, read=_rows, permission=query.permission)


def _rows(body: bytes) -> list[Aggregate]:
    try:
        response = msgspec.convert(decode_json(body), _Response, strict=False)
        return [
            _row(result.group or {}, bucket, entry)
            for result in response.results or ()
            for bucket in result.data or ()
            for entry in bucket.metrics or ()
        ]
    except msgspec.ValidationError:
        raise
    except (OverflowError, ValueError):  # infinities and NaN, where numbers come as texts
        raise msgspec.ValidationError("a count or a sum is not a number") from None


def _row(group: Mapping[str, str | None], bucket: _Bucket, entry: _Entry) -> Aggregate:
    told = entry.stats
    return Aggregate(
        group,
        moment(bucket.interval.partition("/")[0]) if bucket.interval else None,
        entry.metric,
        int(told.count or 0),
        _whole(told.sum),
        _whole(told.numerator),
        _whole(told.denominator),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
