"""The filters of a details query, evaluated on documents as the caller would see them.

Belongs here: where in a record the values of a dimension stand, and when they match. `vocabulary` says which names
there are; a filter that could not be evaluated has been refused by `bodies`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from genesys_assets.sandbox.bodies import Clause, DetailsQuery, Filter, Predicate, Scalar
from genesys_assets.sandbox.exchange import milliseconds_of
from genesys_assets.sandbox.rules import Rule

RULES = (
    Rule(
        "Predicates and clauses are joined by `and` or `or`; a segment filter holds if one segment fulfils all of it.",
        "official",
        "official Python SDK 269, SegmentDetailQueryFilter",
        "test_a_segment_filter_finds_conversations_with_such_a_segment",
    ),
    Rule(
        "A metric predicate takes a range.",
        "official",
        "official Python SDK 269, NumericRange",
        "test_a_metric_filter_takes_a_range",
    ),
    Rule(
        "A dimension is found in the list of its plural, and in the objects of a list, such as scoredAgents.",
        "official",
        "official Python SDK 269, SegmentDetailQueryPredicate has the singular of each such list of the record",
        "test_every_segment_dimension_finds_what_has_it",
    ),
    Rule(
        "A property predicate is about the properties of a segment.",
        "official",
        "official Python SDK 269, SegmentDetailQueryPredicate; that they are those of the segment is a guess",
        "test_a_property_of_a_segment_can_be_asked_for",
    ),
    Rule(
        "A telephone number matches by its digits, with or without `tel:+`.",
        "production code",
        "one program asks so: weak",
        "test_a_telephone_number_is_found_by_its_digits",
    ),
)

Document = dict[str, Any]
Row = list[Document]
_BRANCHES = frozenset({"participants", "sessions", "segments", "metrics", "evaluations", "surveys", "resolutions"})
"""Lists of a record that have rows or levels of their own."""
_NUMBERS = frozenset({"ani", "dnis", "sessionDnis", "addressFrom", "addressTo", "callbackNumber", "destinationAddress"})
"""Dimensions whose values may be telephone numbers."""


def passes(document: Document, query: DetailsQuery) -> bool:
    """Return whether a conversation passes all filters of a query.

    Each filter must be satisfied by the conversation, or by one of its segments, evaluations, surveys or resolutions.
    """
    conditions: tuple[tuple[Sequence[Filter[Any]] | None, Callable[[Document], Iterable[Row]]], ...] = (
        (query.conversation_filters, lambda shown: [[shown]]),
        (query.segment_filters, _segments),
        (query.evaluation_filters, lambda shown: [[entry] for entry in shown.get("evaluations", ())]),
        (query.survey_filters, lambda shown: [[entry] for entry in shown.get("surveys", ())]),
        (query.resolution_filters, lambda shown: [[entry] for entry in shown.get("resolutions", ())]),
    )
    return all(
        any(satisfies(each, lambda predicate, row=row: _holds(row, predicate)) for row in rows(document))  # type: ignore[misc]
        for filters, rows in conditions
        for each in filters or ()
    )


def satisfies(condition: Clause[Any], holds: Callable[[Predicate], bool]) -> bool:
    """Return whether a filter or clause is satisfied: its parts joined by and, or by or; without any, it is."""
    parts = [holds(predicate) for predicate in condition.predicates or ()]
    if isinstance(condition, Filter):
        parts += [satisfies(clause, holds) for clause in condition.clauses or ()]
    return not parts or (any(parts) if condition.type == "or" else all(parts))


def matches(predicate: Predicate, values: Sequence[Any]) -> bool:
    """Return whether the values that a predicate is about are as it asks."""
    if predicate.operator == "exists":
        return bool(values)
    if predicate.operator == "notExists":
        return not values
    if predicate.range is not None:
        numbers = (_number(value) for value in values)
        return any(number is not None and predicate.range.holds(number) for number in numbers)
    wanted = _text(predicate.value)
    if predicate.dimension in _NUMBERS:
        return any(_text(value) == wanted or _is_number(_text(value), wanted) for value in values)
    return any(_text(value) == wanted for value in values)


def _segments(document: Document) -> Iterator[Row]:
    """Yield each segment with the session, flow and participant that it is found under."""
    for participant in document["participants"]:
        for session in participant["sessions"]:
            for segment in session["segments"]:
                yield [segment, session, session.get("flow", {}), participant]


def _holds(row: Row, predicate: Predicate) -> bool:
    """Return whether a row is as a predicate asks."""
    if predicate.property is not None:
        kept = (each for each in row[0].get("properties", ()) if each.get("property") == predicate.property)
        kinds = {None, predicate.property_type}
        return matches(predicate, [each.get("value") for each in kept if {each.get("propertyType"), None} & kinds])
    return matches(predicate, _values(row, predicate))


def _values(row: Row, predicate: Predicate) -> list[Any]:
    """Return the values of a predicate's dimension or metric, as far as the row has them."""
    if predicate.metric == "tSegmentDuration":
        start, end = _number(row[0].get("segmentStart")), _number(row[0].get("segmentEnd"))
        return [] if start is None or end is None else [end - start]
    if predicate.metric is not None and "participants" in row[0]:
        return [metric["value"] for metric in _metrics(row[0]) if metric["name"] == predicate.metric]
    name = predicate.metric or predicate.dimension or ""
    return next((found for place in row if (found := _named(place, name))), [])


def _named(place: Document, name: str) -> list[Any]:
    """Return the values that a part of a record has under a name: its own, its list's, or those of its objects."""
    found: list[Any] = []
    for key, value in place.items():
        if key in {name, f"{name}s", f"{name}es"}:
            found += value if isinstance(value, list) else [value]
        elif isinstance(value, list) and key not in _BRANCHES:
            found += [inner for each in value if isinstance(each, dict) for inner in _named(each, name)]
    return found


def _metrics(document: Document) -> Iterator[Document]:
    for participant in document["participants"]:
        for session in participant["sessions"]:
            yield from session.get("metrics", ())


def _text(value: Scalar | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_number(value: str, wanted: str) -> bool:
    """Return whether two texts are one telephone number, however each is written."""
    digits, asked = ("".join(filter(str.isdecimal, text)) for text in (value, wanted.removeprefix("tel:")))
    return value.startswith("tel:") and digits == asked != "" and not any(map(str.isalpha, wanted.removeprefix("tel:")))


def _number(value: Any) -> float | None:
    """Return a number, or an instant in epoch milliseconds; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return milliseconds_of(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return None
