"""Aggregates of conversations and flows: emitted metrics in groups, each counted in the bucket of its instant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Set
from datetime import timedelta
from typing import Any

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.emissions import Emission
from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import Request, Response, interval_of
from genesys_assets.sandbox.organisation import QUEUES
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY
from genesys_assets.sandbox.state import State

RULES = (
    Rule(
        "Counts have `count`; durations have `max`, `min`, `count` and `sum`.",
        "real payload",
        "an answer of 2025",
        "test_events_counted_by_hand_come_out_by_queue_and_media",
    ),
    Rule(
        "oServiceLevel tells ratio, numerator, denominator and target: in time, of those answered or abandoned.",
        "real payload",
        "an answer of 2025, 7 of 9 and 0 of 4; the default switches of the service level",
        "test_the_service_level_counts_those_in_time_of_the_answered_and_the_abandoned",
    ),
    Rule(
        "An event is counted in the bucket of its instant.",
        "official",
        "Genesys developer forum: aggregates go by the time of the event",
        "test_events_are_bucketed_by_the_half_hour_of_their_emission",
    ),
    Rule(
        "Groups and metrics without data are absent.",
        "real payload",
        "an answer of 2025",
        "test_groups_without_data_are_absent",
    ),
    Rule(
        "tWait is counted as tAcd.",
        "real payload",
        "an answer of 2025, in which both are equal",
        "test_waits_are_told_under_their_aggregate_name_too",
    ),
    Rule(
        "A view counts the values within its range.",
        "official",
        "official Python SDK 269, ConversationAggregationView",
        "test_a_view_counts_those_in_its_range",
    ),
    Rule(
        "The flow aggregates count the metrics of flows alone, and group them by flow.",
        "official",
        "official Python SDK 269, FlowAggregationView and FlowAggregateQueryPredicate",
        "test_the_flow_aggregates_count_the_metrics_of_flows_alone",
    ),
    Rule(
        "What a session emits before its wrap-up is grouped under the session's last wrap-up code, too.",
        "guess",
        "nothing tells; the project compares by code only what is emitted at the end of the wrap-up",
        "test_what_is_emitted_before_a_wrap_up_is_grouped_under_its_code",
    ),
)

DIMENSIONS = (
    "queueId", "userId", "mediaType", "direction", "purpose", "originatingDirection", "conversationId", "wrapUpCode",
    "divisionId", "flowId", "flowType",
)  # fmt: skip
_DURATION = re.compile(r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?")
_ALIASES = {"tWait": "tAcd"}
"""Metrics that exist in aggregates only, and the metrics that they repeat."""
_OF_FLOWS = frozenset({"nFlow", "nFlowMilestone", "nFlowOutcome", "nFlowOutcomeFailed", "oFlowMilestone"}) | {
    "tFlow", "tFlowDisconnect", "tFlowExit", "tFlowOutcome",
}  # fmt: skip
"""The metrics of the flow aggregates."""
_TARGETS = {(queue.id, media): level.percentage for queue in QUEUES for media, level in queue.service_levels.items()}

Group = tuple[str | None, ...]


class Tally:
    """The statistics of one metric in one cell."""

    def __init__(self) -> None:
        self.values: list[int] = []

    def stats(self, metric: str) -> dict[str, Any]:
        """Return the API's statistics: of counts the count, of durations and observations also max, min and sum."""
        if metric.startswith("n"):
            return {"count": sum(self.values)}
        values = self.values
        return {"max": max(values), "min": min(values), "count": len(values), "sum": sum(values)}


def query(sandbox: State, request: Request) -> Response:
    """Return the conversation aggregates."""
    return _counted(sandbox, request.json, None)


def flow_query(sandbox: State, request: Request) -> Response:
    """Return the flow aggregates."""
    return _counted(sandbox, request.json, _OF_FLOWS)


def _counted(sandbox: State, body: dict[str, Any], known: Set[str] | None) -> Response:
    """Return one result for each group that has data, with one entry for each interval.

    Args:
        sandbox: The sandbox.
        body: The query.
        known: The metrics that are counted; None: all.
    """
    start, end = interval_of(body.get("interval"))
    dimensions = _checked_dimensions(body.get("groupBy") or [])
    step = _step(body.get("granularity"), end - start)
    _passes({}, body.get("filter"))  # an invalid filter is refused even when there is nothing to count
    at = sandbox.instant()
    cells: dict[Group, dict[int, dict[str, Tally]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Tally)))
    for event in _within(sandbox, start, end, at):
        if (known is None or event.metric in known) and _passes(event.dimensions, body.get("filter")):
            group = tuple(event.dimensions.get(name) for name in dimensions)
            cells[group][(event.at - start) // step][event.metric].values.append(event.value)
    wanted = body.get("metrics") or sorted(
        {name for buckets in cells.values() for cell in buckets.values() for name in cell}
    )
    results = []
    for group, buckets in sorted(cells.items(), key=lambda item: [value or "" for value in item[0]]):
        named = {name: value for name, value in zip(dimensions, group, strict=True) if value is not None}
        data = [
            {
                "interval": _interval(start + number * step, min(start + (number + 1) * step, end)),
                **_cell(cell, wanted, named, body),
            }
            for number, cell in sorted(buckets.items())
        ]
        data = [entry for entry in data if entry["metrics"]]
        if data:
            results.append({"group": named, "data": data})
    return Response.of({"results": results})


def _within(sandbox: State, start: int, end: int, at: int) -> Iterable[Emission]:
    for day in range(start // DAY, -(-end // DAY)):
        for event in sandbox.emissions_of(day):
            if start <= event.at < end and event.at <= at:
                yield event


def _cell(cell: dict[str, Tally], wanted: list[str], group: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics of one interval of one group, and the views of them."""
    metrics = [
        {"metric": name, "stats": cell[source].stats(source)}
        for name in wanted
        if (source := _ALIASES.get(name, name)) in cell
    ]
    target = _TARGETS.get((group.get("queueId", ""), group.get("mediaType", "")))
    if "oServiceTarget" in wanted and target is not None:
        metrics.append({"metric": "oServiceTarget", "stats": {"current": target}})
    if "oServiceLevel" in wanted and (level := _service_level(cell, target)):
        metrics.append({"metric": "oServiceLevel", "stats": level})
    views = [_view(cell, view) for view in body.get("views") or () if view.get("target") in cell]
    return {"metrics": metrics, "views": views} if views else {"metrics": metrics}


def _service_level(cell: dict[str, Tally], target: float | None) -> dict[str, float] | None:
    """Return the service level of a cell with the platform's defaults: (answered - late) of (answered + abandoned)."""
    counts = {name: len(cell[name].values) if name in cell else 0 for name in ("tAnswered", "tAbandon", "nOverSla")}
    denominator = counts["tAnswered"] + counts["tAbandon"]
    if denominator == 0:
        return None
    numerator = counts["tAnswered"] - counts["nOverSla"]
    level: dict[str, float] = {"ratio": numerator / denominator, "numerator": numerator, "denominator": denominator}
    return level if target is None else level | {"target": target}


def _view(cell: dict[str, Tally], view: dict[str, Any]) -> dict[str, Any]:
    """Return a rangeBound view: the statistics of those values that lie in its range."""
    bounds = view.get("range") or {}
    within = Tally()
    within.values = [
        value
        for value in cell[view["target"]].values
        if bounds.get("gte", value) <= value < bounds.get("lt", value + 1)
        and value > bounds.get("gt", value - 1)
        and value <= bounds.get("lte", value)
    ]
    return {"name": view.get("name"), "stats": within.stats(view["target"]) if within.values else {"count": 0}}


def _passes(dimensions: dict[str, str], condition: dict[str, Any] | None) -> bool:
    """Return whether an event passes a filter, or a clause of one."""
    if not condition:
        return True
    parts = [_holds(dimensions, predicate) for predicate in condition.get("predicates") or ()]
    parts += [_passes(dimensions, clause) for clause in condition.get("clauses") or ()]
    if condition.get("type") not in {"and", "or"} or not parts:
        raise ApiError("bad.request")
    return any(parts) if condition["type"] == "or" else all(parts)


def _holds(dimensions: dict[str, str], predicate: dict[str, Any]) -> bool:
    found = dimensions.get(_checked_dimensions([predicate.get("dimension")])[0])
    if predicate.get("operator") == "exists":
        return found is not None
    if predicate.get("operator") == "notExists":
        return found is None
    return found == predicate.get("value")


def _checked_dimensions(names: list[Any]) -> list[str]:
    if not set(names) <= set(DIMENSIONS):
        raise ApiError("bad.request", f"The sandbox groups and filters aggregates by: {', '.join(DIMENSIONS)}.")
    return names


def _step(granularity: Any, whole: int) -> int:
    """Return the length of a bucket in milliseconds; the whole interval by default."""
    if granularity is None:
        return whole
    match = _DURATION.fullmatch(str(granularity))
    parts = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    if not parts:
        raise ApiError("bad.request")
    return int(timedelta(**parts) / timedelta(milliseconds=1))


def _interval(start: int, end: int) -> str:
    return f"{timestamp(start)}/{timestamp(end)}"
