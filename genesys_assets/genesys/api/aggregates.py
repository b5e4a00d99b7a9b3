"""Conversation aggregates: the figures that Genesys Cloud itself computes, with which ours are compared elsewhere.

The query counts each metric at the instant when it was emitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.transport import decode_json
from genesys_assets.windows import Interval

PATH = "/api/v2/analytics/conversations/aggregates/query"
AGGREGATES_PERMISSION = "analytics:conversationAggregate:view"
"""What a role of the OAuth client needs for it."""


class _Group(msgspec.Struct, rename="camel"):
    queue_id: str | None = None
    media_type: str | None = None


class _Stats(msgspec.Struct):
    """Numbers may come as texts."""

    count: int | float | None = 0
    sum: int | float | None = None


class _Entry(msgspec.Struct):
    metric: str
    stats: _Stats


class _Bucket(msgspec.Struct):
    metrics: list[_Entry] | None = None


class _Result(msgspec.Struct):
    group: _Group | None = None
    data: list[_Bucket] | None = None


class _Response(msgspec.Struct):
    results: list[_Result] | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One metric of one group over the whole interval.

    Attributes:
        queue_id: The queue, None for metrics on no queue.
        media_type: The media type, None for metrics of none.
        metric: The metric's name.
        count: How often a timer was emitted, or the sum of an `n*` metric.
        sum: The milliseconds of a timer, None for an `n*` metric.
    """

    queue_id: str | None
    media_type: str | None
    metric: str
    count: int
    sum: int | None


async def conversation_aggregates(cloud: GenesysCloud, interval: Interval, metrics: Sequence[str]) -> list[Aggregate]:
    """Return the aggregates of an interval by queue and media type; groups and metrics without data are left out.

    Raises:
        InvalidPageError: The response is not as documented.
    """
    body = {
        "interval": interval.iso(),
        "timeZone": "UTC",
        "groupBy": ["queueId", "mediaType"],
        "metrics": list(metrics),
    }
    return await cloud.request("POST", PATH, body=body, read=_rows, permission=AGGREGATES_PERMISSION)


def _rows(body: bytes) -> list[Aggregate]:
    try:
        response = msgspec.convert(decode_json(body), _Response, strict=False)
        return [
            Aggregate(
                result.group.queue_id if result.group else None,
                result.group.media_type if result.group else None,
                entry.metric,
                int(entry.stats.count or 0),
                None if entry.stats.sum is None else int(entry.stats.sum),
            )
            for result in response.results or ()
            for bucket in result.data or ()
            for entry in bucket.metrics or ()
        ]
    except msgspec.ValidationError:
        raise
    except (OverflowError, ValueError):  # infinities and NaN, where numbers come as texts
        raise msgspec.ValidationError("a count or a sum is not a number") from None
