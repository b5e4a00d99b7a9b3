"""The bodies of aggregates queries: their fields with their types, and the values that they allow; the rest is a 400.

Belongs here: what `bodies` is to details queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from genesys_assets.sandbox.bodies import Body, Filter, Predicate, Range, allowed, bounded
from genesys_assets.sandbox.errors import TOO_LONG_INTERVAL, ApiError
from genesys_assets.sandbox.exchange import interval_of
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY
from genesys_assets.sandbox.vocabulary import AGGREGATE_METRICS, FLOW_METRICS, OF_AGGREGATES, OF_FLOW_AGGREGATES

RULES = (
    Rule(
        "A query of aggregates names its metrics; without any it is a 400, and an unknown metric or dimension is a 400 "
        "`invalid.value`.",
        "official",
        "official Python SDK 269: only named metrics will be retrieved",
        "test_a_query_that_cannot_be_understood_is_refused",
    ),
    Rule(
        "A query has at most ten views, each of a metric, with a name and a range.",
        "official",
        "Genesys developer centre, page Analytics aggregate queries",
        "test_a_view_needs_a_name_a_metric_and_a_range",
    ),
    Rule(
        "topN and bottomN need a sortMetric when several metrics are asked for.",
        "official",
        "official Python SDK 269, ConversationAggregationQuery",
        "test_the_largest_and_the_smallest_groups_can_be_asked_for",
    ),
    Rule(
        "An interval is of 366 days at most.",
        "guess",
        "nothing is known; the sandbox would count for hours",
        "test_a_query_that_cannot_be_understood_is_refused",
    ),
)

LONGEST_DAYS = 366
MOST_VIEWS = 10


class ConversationAggregatePredicate(Predicate):
    """A predicate of the filter of conversation aggregates."""

    dimensions = OF_AGGREGATES


class FlowAggregatePredicate(Predicate):
    """A predicate of the filter of flow aggregates."""

    dimensions = OF_FLOW_AGGREGATES


P = TypeVar("P", bound=Predicate)


class View(Body):
    """A count of those values of a metric that lie in a range."""

    target: str | None = None
    name: str | None = None
    function: str | None = None
    range: Range | None = None

    def __post_init__(self) -> None:
        """Refuse an incomplete one."""
        allowed("function", self.function, ("rangeBound",))
        if not self.target or not self.name or self.range is None:
            raise ApiError("bad.request")


class Sort(Body):
    """By what the largest and the smallest groups are found."""

    name: str | None = None
    function: str | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown statistic."""
        allowed("function", self.function, ("average", "count", "max", "min", "sum"))


class AggregatesQuery(Body, Generic[P]):
    """The body of an aggregates query."""

    known_metrics: ClassVar[Sequence[str]] = ()
    known_dimensions: ClassVar[Sequence[str]] = ()

    interval: Any = None
    granularity: str | None = None
    time_zone: str | None = None
    group_by: list[str] | None = None
    filter: Filter[P] | None = None
    metrics: list[str] | None = None
    flatten_multivalued_dimensions: bool | None = None
    views: list[View] | None = None
    alternate_time_dimension: str | None = None
    query_type: str | None = None
    sort_metric: Sort | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        """Read the interval; refuse what is not known, not complete or too long."""
        self.interval = interval_of(self.interval)
        start, end = self.interval
        if end - start > LONGEST_DAYS * DAY:
            raise ApiError("bad.request", TOO_LONG_INTERVAL.format(LONGEST_DAYS))
        for name in self.group_by or ():
            allowed("groupBy", name, self.known_dimensions)
        sorted_by = self.sort_metric.name if self.sort_metric else None
        for name in (*(self.metrics or ()), *(view.target for view in self.views or ()), sorted_by):
            allowed("metrics", name, self.known_metrics)
        allowed("alternateTimeDimension", self.alternate_time_dimension, ("eventTime",))
        allowed("queryType", self.query_type, ("bottomN", "groupBy", "topN"))
        bounded(self.limit)
        if not self.metrics or len(self.views or ()) > MOST_VIEWS or self._lacks_an_order():
            raise ApiError("bad.request")

    def _lacks_an_order(self) -> bool:
        is_ranked = self.query_type in {"topN", "bottomN"}
        return is_ranked and len(self.metrics or ()) > 1 and (self.sort_metric is None or self.sort_metric.name is None)


class ConversationAggregatesQuery(AggregatesQuery[ConversationAggregatePredicate]):
    """The body of a query of conversation aggregates."""

    known_metrics = AGGREGATE_METRICS
    known_dimensions = OF_AGGREGATES


class FlowAggregatesQuery(AggregatesQuery[FlowAggregatePredicate]):
    """The body of a query of flow aggregates."""

    known_metrics = FLOW_METRICS
    known_dimensions = OF_FLOW_AGGREGATES
