"""Aggregates of conversations and flows: emitted metrics in groups, each counted in the bucket of its instant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import product
from typing import Any

from genesys_assets.sandbox.aggregate_bodies import (
    AggregatesQuery,
    ConversationAggregatesQuery,
    FlowAggregatesQuery,
    Sort,
    View,
)
from genesys_assets.sandbox.bodies import Predicate, read
from genesys_assets.sandbox.buckets import Buckets
from genesys_assets.sandbox.emissions import Emission
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.filters import matches, satisfies
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
    Rule(
        "An event with several values of a dimension is counted in the group of each, or, flattened, of all together.",
        "official",
        "official Python SDK 269, flattenMultivaluedDimensions",
        "test_an_event_with_several_values_is_counted_for_each_or_flattened",
    ),
    Rule(
        "topN and bottomN return `limit` groups, by a statistic of one metric over the whole interval.",
        "official",
        "official Python SDK 269, ConversationAggregationQuery; that all buckets count together is a guess",
        "test_the_largest_and_the_smallest_groups_can_be_asked_for",
    ),
)

_ALIASES = {"tWait": "tAcd"}
"""Metrics that exist in aggregates only, and the metrics that they repeat."""
_TARGETS = {(queue.id, media): level.percentage for queue in QUEUES for media, level in queue.service_levels.items()}

Query = AggregatesQuery[Any]
Group = tuple[str | None, ...]
Cell = dict[str, "Tally"]


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
    return _counted(sandbox, read(request.json, ConversationAggregatesQuery))


def flow_query(sandbox: State, request: Request) -> Response:
    """Return the flow aggregates."""
    return _counted(sandbox, read(request.json, FlowAggregatesQuery))


def _counted(sandbox: State, query: Query) -> Response:
    """Return one result for each group that has data, with one entry for each interval."""
    dimensions = list(dict.fromkeys(query.group_by or ()))
    buckets, needed = Buckets(query.interval, query.granularity, query.time_zone), _needed(query)
    groups: dict[Group, dict[int, Cell]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Tally)))
    start, end = query.interval
    for event in _within(sandbox, start, end, sandbox.instant()):
        if event.metric in needed and _passes(event, query):
            for group in _groups(event, dimensions, flat=bool(query.flatten_multivalued_dimensions)):
                groups[group][buckets.number(event.at)][event.metric].values.append(event.value)
    results = []
    for group, cells in _ranked(groups, query):
        named = {name: value for name, value in zip(dimensions, group, strict=True) if value is not None}
        data = [
            {"interval": buckets.text(number), **shown}
            for number, cell in sorted(cells.items())
            if (shown := _cell(cell, named, query))["metrics"]
        ]
        if data:
            results.append({"group": named, "data": data})
    return Response.of({"results": results})


def _needed(query: Query) -> set[str]:
    """Return the metrics of which a query's answer is made."""
    asked = {*(query.metrics or ()), *(view.target or "" for view in query.views or ())}
    if query.sort_metric is not None and query.sort_metric.name is not None:
        asked.add(query.sort_metric.name)
    if asked & {"oServiceLevel", "oServiceTarget"}:
        asked |= {"nOffered", "tAnswered", "tAbandon", "nOverSla"}
    return {_source(metric) for metric in asked}


def _passes(event: Emission, query: Query) -> bool:
    def holds(predicate: Predicate) -> bool:
        return matches(predicate, event.known(predicate.dimension or ""))

    return query.filter is None or satisfies(query.filter, holds)


def _groups(event: Emission, dimensions: list[str], *, flat: bool) -> Iterable[Group]:
    """Return the groups that an event belongs to: one for each combination of its values, or one of all together."""
    values = [event.known(name) or (None,) for name in dimensions]
    if flat:
        return [tuple(",".join(each) if len(each) > 1 else each[0] for each in values)]
    return product(*values)


def _ranked(groups: dict[Group, dict[int, Cell]], query: Query) -> list[tuple[Group, dict[int, Cell]]]:
    """Return the groups by name or, where a query asks for the largest or smallest, as many of these by their size."""
    named = sorted(groups.items(), key=lambda item: [value or "" for value in item[0]])
    if query.query_type not in {"topN", "bottomN"}:
        return named
    by = query.sort_metric or Sort()
    source = _source(by.name or (query.metrics or [""])[0])

    def size(item: tuple[Group, dict[int, Cell]]) -> float:
        values = [value for cell in item[1].values() if source in cell for value in cell[source].values]
        return _statistic(by.function or ("count" if source.startswith("n") else "sum"), values)

    having = [item for item in named if any(source in cell for cell in item[1].values())]
    return sorted(having, key=size, reverse=query.query_type == "topN")[: query.limit]


def _statistic(function: str, values: list[int]) -> float:
    return {
        "average": sum(values) / len(values), "count": len(values), "max": max(values), "min": min(values),
        "sum": sum(values),
    }[function]  # fmt: skip


def _source(metric: str) -> str:
    return _ALIASES.get(metric, metric)


def _within(sandbox: State, start: int, end: int, at: int) -> Iterable[Emission]:
    for day in range(start // DAY, -(-end // DAY)):
        for event in sandbox.emissions_of(day):
            if start <= event.at < end and event.at <= at:
                yield event


def _cell(cell: Cell, group: dict[str, str], query: Query) -> dict[str, Any]:
    """Return the metrics of one interval of one group, and the views of them."""
    wanted = list(dict.fromkeys(query.metrics or ()))
    metrics = [{"metric": name, "stats": cell[_source(name)].stats(name)} for name in wanted if _source(name) in cell]
    target = _TARGETS.get((group.get("queueId", ""), group.get("mediaType", "")))
    if "oServiceTarget" in wanted and target is not None:
        metrics.append({"metric": "oServiceTarget", "stats": {"current": target}})
    if "oServiceLevel" in wanted and (level := _service_level(cell, target)):
        metrics.append({"metric": "oServiceLevel", "stats": level})
    views = [_view(cell, view) for view in query.views or () if _source(view.target or "") in cell]
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


def _view(cell: Cell, view: View) -> dict[str, Any]:
    """Return a rangeBound view: the statistics of those values that lie in its range."""
    metric = view.target or ""
    within = Tally()
    within.values = [each for each in cell[_source(metric)].values if view.range is not None and view.range.holds(each)]
    return {"name": view.name, "stats": within.stats(metric) if within.values else {"count": 0}}
