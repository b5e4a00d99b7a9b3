"""The filters of a details query, evaluated on documents as the caller would see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import instant_of
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
)

Document = dict[str, Any]
Row = list[Document]
_RENAMED = {"divisionId": "divisionIds", "requestedRoutingSkillId": "requestedRoutingSkillIds"}


def is_filtered(body: Document) -> bool:
    """Return whether a query asks for less than everything."""
    return any(body.get(name) for name in _ROWS)


def passes(document: Document, body: Document) -> bool:
    """Return whether a conversation passes all filters of a query's body.

    Each filter must be satisfied by the conversation, or by one of its segments, evaluations, surveys or resolutions.

    Raises:
        ApiError: 400, a filter that cannot be understood.
    """
    return all(
        any(_satisfies(row, each) for row in rows(document))
        for name, rows in _ROWS.items()
        for each in body.get(name) or ()
    )


def _segments(document: Document) -> Iterator[Row]:
    """Yield each segment with the session, flow and participant that it is found under."""
    for participant in document["participants"]:
        for session in participant["sessions"]:
            for segment in session["segments"]:
                yield [segment, session, session.get("flow", {}), participant]


_ROWS: dict[str, Callable[[Document], Iterable[Row]]] = {
    "conversationFilters": lambda document: [[document]],
    "segmentFilters": _segments,
    "evaluationFilters": lambda document: [[entry] for entry in document.get("evaluations", ())],
    "surveyFilters": lambda document: [[entry] for entry in document.get("surveys", ())],
    "resolutionFilters": lambda document: [[entry] for entry in document.get("resolutions", ())],
}


def _satisfies(row: Row, condition: Document) -> bool:
    """Return whether a row satisfies a filter, or a clause of one: its predicates and clauses joined by and, or or."""
    parts = [_holds(row, predicate) for predicate in condition.get("predicates") or ()]
    parts += [_satisfies(row, clause) for clause in condition.get("clauses") or ()]
    if condition.get("type") not in {"and", "or"} or not parts:
        raise ApiError("bad.request")
    return any(parts) if condition["type"] == "or" else all(parts)


def _holds(row: Row, predicate: Document) -> bool:
    operator = predicate.get("operator") or "matches"
    values = _values(row, predicate)
    if operator == "exists":
        return bool(values)
    if operator == "notExists":
        return not values
    if operator != "matches":
        raise ApiError("bad.request")
    if predicate.get("range"):
        return any(_within(value, predicate["range"]) for value in values)
    wanted = str(predicate.get("value"))
    return any(_text(value) == wanted for value in values)


def _values(row: Row, predicate: Document) -> list[Any]:
    """Return the values that a predicate is about, as far as the row has them."""
    if predicate.get("metric"):
        return [metric["value"] for metric in _metrics(row) if metric["name"] == predicate["metric"]]
    name = predicate.get("dimension")
    if not isinstance(name, str):
        raise ApiError("bad.request")
    name = _RENAMED.get(name, name)
    for place in row:
        if name in place:
            value = place[name]
            return list(value) if isinstance(value, list) else [value]
    return []


def _metrics(row: Row) -> list[Document]:
    if len(row) > 1:
        return list(row[1].get("metrics", ()))
    sessions = (session for each in row[0].get("participants", ()) for session in each["sessions"])
    return [metric for session in sessions for metric in session.get("metrics", ())]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _within(value: Any, bounds: Document) -> bool:
    """Return whether a number, or an instant, lies within gt, gte, lt and lte."""
    number = instant_of(value) if isinstance(value, str) else value
    limits = {name: instant_of(limit) if isinstance(limit, str) else limit for name, limit in bounds.items()}
    return (
        ("gt" not in limits or number > limits["gt"])
        and ("gte" not in limits or number >= limits["gte"])
        and ("lt" not in limits or number < limits["lt"])
        and ("lte" not in limits or number <= limits["lte"])
    )
