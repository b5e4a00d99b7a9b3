"""The bodies of queries: their fields with their types, and the values that they allow; anything else is a 400.

Belongs here: what is refused by looking at the body alone, so that whoever evaluates it understands it.
Unknown fields are passed over, and numbers and booleans may come as texts, as the API does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from genesys_assets.sandbox.errors import ApiError, invalid_value
from genesys_assets.sandbox.exchange import instant_of, interval_of
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.vocabulary import (
    OF_CONVERSATIONS,
    OF_EVALUATIONS,
    OF_SEGMENTS,
    OF_SURVEYS,
    RECORD_METRICS,
)

RULES = (
    Rule(
        "A body whose fields are of another type than documented is a 400 `bad.request`; unknown fields are let be.",
        "guess",
        "the usual code of a malformed body; production clients send jobs a `paging` that is passed over",
        "test_a_body_of_whatever_json_is_answered_or_refused_by_the_envelope",
    ),
    Rule(
        "A dimension, metric, operator or order that the query does not have is a 400 `invalid.value` that lists those "
        "there are; segment dimensions belong in segment filters.",
        "official",
        "official API description of 2018 for code and words; official Python SDK 269 for the values",
        "test_a_value_that_is_not_allowed_is_refused_with_those_that_are",
    ),
    Rule(
        "A predicate has one left side (dimension, metric or property) and, unless it asks for existence, a value or a "
        "range.",
        "guess",
        "official Python SDK 269 calls type and operator optional, and says nothing of a predicate without the rest",
        "test_a_filter_that_cannot_be_understood_is_refused",
    ),
    Rule(
        "A filter whose lists of predicates and clauses are empty restricts nothing; one that has neither is a 400.",
        "guess",
        "nothing is documented",
        "test_a_filter_of_empty_lists_restricts_nothing",
    ),
)

Scalar = str | int | float | bool
Limit = float | str
OPERATORS = ("matches", "exists", "notExists")
_LARGEST = 2**31 - 1


class Body(msgspec.Struct, kw_only=True, rename="camel"):
    """Any object of a body: fields in camel case, each of which may be missing or null."""


class Range(Body):
    """The bounds of a predicate: numbers, or instants, which become epoch milliseconds."""

    gt: Limit | None = None
    gte: Limit | None = None
    lt: Limit | None = None
    lte: Limit | None = None

    def __post_init__(self) -> None:
        """Read the bounds that are instants; refuse a range without bounds."""
        bounds = {name: _number(value) for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}
        if not bounds:
            raise ApiError("bad.request")
        for name, value in bounds.items():
            setattr(self, name, value)

    def holds(self, value: float) -> bool:
        """Return whether a number lies within the bounds."""
        return (
            (self.gt is None or value > self.gt)  # type: ignore[operator] # __post_init__ has made them numbers
            and (self.gte is None or value >= self.gte)  # type: ignore[operator]
            and (self.lt is None or value < self.lt)  # type: ignore[operator]
            and (self.lte is None or value <= self.lte)  # type: ignore[operator]
        )


def _number(limit: Limit) -> float:
    if not isinstance(limit, str):
        return limit
    try:
        return float(limit)
    except ValueError:
        return instant_of(limit)


class Predicate(Body):
    """A condition: a dimension, metric or property that matches a value, lies in a range, exists or does not."""

    dimensions: ClassVar[Sequence[str]] = ()
    metrics: ClassVar[Sequence[str]] = ()
    properties: ClassVar[Sequence[str]] = ()

    type: str | None = None
    dimension: str | None = None
    metric: str | None = None
    property_type: str | None = None
    property: str | None = None
    operator: str | None = None
    value: Scalar | None = None
    range: Range | None = None

    def __post_init__(self) -> None:
        """Refuse what is not allowed, and what is incomplete."""
        allowed("type", self.type, ("dimension", "property", "metric"))
        allowed("dimension", self.dimension, self.dimensions)
        allowed("metric", self.metric, self.metrics)
        allowed("propertyType", self.property_type, self.properties)
        allowed("operator", self.operator, OPERATORS)
        sides = {"dimension": self.dimension, "metric": self.metric, "property": self.property}
        given = [name for name, side in sides.items() if side is not None]
        is_of_its_type = self.type in {None, *given} and (self.property is None or bool(self.properties))
        if len(given) != 1 or not is_of_its_type:
            raise ApiError("bad.request")
        if self.operator in {None, "matches"} and self.value is None and self.range is None:
            raise ApiError("bad.request")


class ConversationPredicate(Predicate):
    """A predicate of a conversation filter."""

    dimensions = OF_CONVERSATIONS
    metrics = RECORD_METRICS


class SegmentPredicate(Predicate):
    """A predicate of a segment filter."""

    dimensions = OF_SEGMENTS
    metrics = ("tSegmentDuration",)
    properties = ("bool", "integer", "real", "date", "string", "uuid")


class EvaluationPredicate(Predicate):
    """A predicate of an evaluation filter."""

    dimensions = OF_EVALUATIONS
    metrics = ("oTotalCriticalScore", "oTotalScore")


class SurveyPredicate(Predicate):
    """A predicate of a survey filter."""

    dimensions = OF_SURVEYS
    metrics = ("oSurveyTotalScore",)


class ResolutionPredicate(Predicate):
    """A predicate of a resolution filter."""

    metrics = ("nNextContactAvoided",)


P = TypeVar("P", bound=Predicate)


class Clause(Body, Generic[P]):
    """Predicates joined by and, or by or."""

    type: str | None = None
    predicates: list[P] | None = None

    def __post_init__(self) -> None:
        """Refuse one that does not say how its parts are joined, or has no place for parts."""
        allowed("type", self.type, ("and", "or"))
        if self.type is None or not self.has_parts():
            raise ApiError("bad.request")

    def has_parts(self) -> bool:
        """Return whether there is a list of parts, be it empty."""
        return self.predicates is not None


class Filter(Clause[P], Generic[P]):
    """Predicates and clauses joined by and, or by or."""

    clauses: list[Clause[P]] | None = None

    def has_parts(self) -> bool:
        """Return whether there is a list of parts, be it empty."""
        return self.predicates is not None or self.clauses is not None


class Paging(Body):
    """Which page of how many."""

    page_size: int | None = None
    page_number: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no 32-bit number."""
        bounded(self.page_size, self.page_number)


class DetailsQuery(Body):
    """The body of a details query or job."""

    interval: Any = None
    order: str | None = None
    order_by: str | None = None
    paging: Paging | None = None
    limit: int | None = None
    start_of_day_interval_matching: bool | None = None
    conversation_filters: list[Filter[ConversationPredicate]] | None = None
    segment_filters: list[Filter[SegmentPredicate]] | None = None
    evaluation_filters: list[Filter[EvaluationPredicate]] | None = None
    survey_filters: list[Filter[SurveyPredicate]] | None = None
    resolution_filters: list[Filter[ResolutionPredicate]] | None = None
    aggregations: list[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        """Read the interval; refuse an unknown order, and what is no 32-bit number."""
        self.interval = interval_of(self.interval)
        allowed("order", self.order, ("asc", "desc", "unordered"))
        allowed("orderBy", self.order_by, ("conversationStart", "conversationEnd", "segmentStart", "segmentEnd"))
        bounded(self.limit)

    @property
    def is_filtered(self) -> bool:
        """Return whether the query asks for less than everything."""
        return any(
            (
                self.conversation_filters, self.segment_filters, self.evaluation_filters, self.survey_filters,
                self.resolution_filters,
            )
        )  # fmt: skip


B = TypeVar("B", bound=Body)


def read(body: dict[str, Any], form: type[B]) -> B:
    """Return a body in its form; ApiError 400 if it does not fit."""
    try:
        return msgspec.convert(body, form, strict=False)
    except (msgspec.ValidationError, RecursionError):
        raise ApiError("bad.request") from None


def allowed(field: str, value: str | None, values: Sequence[str]) -> None:
    """Raise ApiError 400 for a value that is given and is none of these."""
    if value is not None and value not in values:
        raise invalid_value(field, value, values)


def bounded(*numbers: int | None) -> None:
    """Raise ApiError 400 for a number that is given and is no positive one of 32 bits."""
    if any(number is not None and not 0 < number <= _LARGEST for number in numbers):
        raise ApiError("bad.request")
