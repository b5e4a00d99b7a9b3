"""Conversation aggregates: what Genesys Cloud itself counts, to be held against what we count.

The query buckets by the instant of emission. How its rows are compared with ours is no business of this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from genesys_assets.genesys.client import GenesysCloud
from genesys_assets.genesys.errors import InvalidPageError
from genesys_assets.genesys.interval import Interval

PATH = "/api/v2/analytics/conversations/aggregates/query"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One metric of one group over the whole interval.

    Attributes:
        queue_id: The queue, None for what stands on no queue.
        media_type: The media, None where there is none.
        metric: The metric's name.
        count: Occurrences of a timer, or what an `n*` metric adds up to.
        sum: Milliseconds of a timer, None for an `n*` metric.
    """

    queue_id: str | None
    media_type: str | None
    metric: str
    count: int
    sum: int | None


async def conversation_aggregates(cloud: GenesysCloud, interval: Interval, metrics: Sequence[str]) -> list[Aggregate]:
    """Return the aggregates of an interval by queue and media; what has no data is not among them.

    Raises:
        InvalidPageError: The answer is none of the query's.
    """
    body = {
        "interval": interval.iso(),
        "timeZone": "UTC",
        "groupBy": ["queueId", "mediaType"],
        "metrics": list(metrics),
    }
    answer = await cloud.post(PATH, body)
    try:
        return list(_rows(answer))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InvalidPageError(
            f"{PATH} gave an answer that cannot be read as aggregates; run this check again."
        ) from error


def _rows(answer: Any) -> Iterator[Aggregate]:
    for result in answer.get("results") or []:
        group = result.get("group") or {}
        for bucket in result.get("data") or []:
            for entry in bucket.get("metrics") or []:
                stats = entry["stats"]
                total = stats.get("sum")
                yield Aggregate(
                    group.get("queueId"),
                    group.get("mediaType"),
                    entry["metric"],
                    int(stats.get("count", 0)),
                    None if total is None else int(total),
                )
