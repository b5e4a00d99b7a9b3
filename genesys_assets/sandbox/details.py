"""The conversation details endpoints without a job: the query, one conversation, several, the availability."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from genesys_assets.sandbox.bodies import DetailsQuery, Paging, read
from genesys_assets.sandbox.document import timestamp_without_trailing_zeros, visible_end
from genesys_assets.sandbox.errors import TOO_LONG_INTERVAL, ApiError, paging_cap_message
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.filters import passes
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY
from genesys_assets.sandbox.state import State
from genesys_assets.sandbox.traffic import Head

RULES = (
    Rule(
        "A page of the query has 25 conversations unless asked otherwise.",
        "official",
        "official Python SDK 269, PagingSpec",
        "test_a_page_holds_25_when_no_size_is_asked_for",
    ),
    Rule(
        "A page of the query has at most 100; a larger size is a 400.",
        "production code",
        "six production clients ask for no more; a page of the developer blog says 200",
        "test_a_page_size_or_number_out_of_bounds_is_refused",
    ),
    Rule(
        "Pages reach to 100,000 results; the message of the 400 is the real one.",
        "production code",
        "message quoted by a production connector",
        "test_paging_past_100000_results_is_refused_in_the_documented_words",
    ),
    Rule(
        "An interval is of 31 days at most; the message of the 400 is the real one.",
        "production code",
        "message quoted by a production connector",
        "test_an_interval_of_more_than_31_days_is_refused_in_the_documented_words",
    ),
    Rule(
        "Without a filter an interval is of 7 days at most.",
        "official",
        "Genesys developer centre, page Analytics detail queries",
        "test_without_a_filter_seven_days_are_the_most",
    ),
    Rule(
        "Past the last page the key `conversations` is absent.",
        "official",
        "Genesys developer blog of April 2022 on paging",
        "test_past_the_end_there_is_no_conversations_key",
    ),
    Rule(
        "The query and one conversation lack the attributes of participants.",
        "official",
        "official Python SDK 269, AnalyticsConversationWithoutAttributes",
        "test_the_query_gives_what_began_on_the_day_as_the_truth_has_it",
    ),
    Rule(
        "Conversations asked for by id are left out where they are unknown.",
        "guess",
        "a list of ids elsewhere in the API does so",
        "test_several_conversations_are_found_and_unknown_ones_left_out",
    ),
    Rule(
        "Conversations come by their start, the earliest first, unless asked otherwise.",
        "official",
        "official Python SDK 269, ConversationQuery",
        "test_rows_come_in_the_order_asked_for",
    ),
    Rule(
        "Several conversations are asked for by a list of ids, or by the parameter id repeated.",
        "official",
        "official Python SDK 269, ConversationsApi: a parameter of multi format",
        "test_several_ids_may_be_repeated_parameters",
    ),
    Rule(
        "A page tells how many conversations match, as totalHits.",
        "official",
        "official Python SDK 269, AnalyticsConversationQueryResponse",
        "test_a_page_announces_how_many_match",
    ),
)

DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 25, 100
RESULTS_CAP = 100_000
LONGEST_DAYS, LONGEST_DAYS_UNFILTERED = 31, 7


def query(sandbox: State, request: Request) -> Response:
    """Return the requested page of the conversations that match."""
    body = read(request.json, DetailsQuery)
    _check_length(body)
    size, number = _checked_paging(body.paging or Paging(), request.effects)
    at = sandbox.instant()
    heads = in_order(sandbox, _matching(sandbox, body, at), body, at)
    announced: dict[str, Any] = {"totalHits": max(0, len(heads) + request.effects.get("total_hits", 0))}
    if request.effects.get("next_page_cursor"):
        first = sandbox.query_cursors.redeem(request.cursor) if request.cursor else 0
        if first + size < len(heads):
            announced["nextPageCursor"] = sandbox.query_cursors.issue(first + size)
    else:
        first = _first_row(number, size, request.effects)
    return page(sandbox, heads[first : first + size], announced, at, attributes=False)


def one(sandbox: State, request: Request) -> Response:
    """Return one conversation by its id."""
    at = sandbox.instant()
    head = sandbox.traffic.find_head(request.path_params["conversation_id"])
    if head is None or head.start > at:
        raise ApiError("not.found")
    return Response(sandbox.document(head, at, attributes=False))


def several(sandbox: State, request: Request) -> Response:
    """Return the conversations of a comma-separated list of ids, without those that are unknown."""
    at = sandbox.instant()
    ids = request.several("id")
    if len(ids) > LARGEST_PAGE_SIZE:
        raise ApiError("bad.request")
    found = (sandbox.traffic.find_head(each) for each in ids)
    heads = [head for head in found if head is not None and head.start <= at]
    return page(sandbox, heads, {}, at, attributes=False)


def availability(sandbox: State, request: Request) -> Response:
    """Return the instant before which the data lake is complete."""
    return Response.of({"dataAvailabilityDate": watermark_text(sandbox.watermark(request.effects.get("lag")))})


def page(sandbox: State, heads: list[Head], facts: dict[str, Any], at: int, *, attributes: bool) -> Response:
    """Return the page with these conversations and facts; an empty page of the query has no key `conversations`."""
    parts = [msgspec.json.encode(name) + b":" + msgspec.json.encode(value) for name, value in facts.items()]
    if heads or attributes:
        documents = b",".join(sandbox.document(head, at, attributes=attributes) for head in heads)
        parts.insert(0, b'"conversations":[' + documents + b"]")
    return Response(b"{" + b",".join(parts) + b"}")


def watermark_text(at: int) -> str:
    """Return a watermark as the API writes it: whole seconds, no fraction."""
    return timestamp_without_trailing_zeros(at // 1_000 * 1_000)


def filtered(sandbox: State, heads: Iterable[Head], query: DetailsQuery, at: int) -> list[Head]:
    """Return those conversations that pass the filters of a query's body."""
    if not query.is_filtered:
        return list(heads)
    decode = msgspec.json.Decoder().decode
    return [head for head in heads if passes(decode(sandbox.document(head, at, attributes=False)), query)]


def in_order(sandbox: State, heads: list[Head], query: DetailsQuery, at: int) -> list[Head]:
    """Return conversations in the order that a query's body asks for, by default by start."""
    if query.order == "unordered":
        return sorted(heads, key=lambda head: sandbox.traffic.id_of(head.key))
    keys = {
        "conversationStart": lambda head: (head.start, head.key),
        "segmentStart": lambda head: (head.start, head.key),
        "conversationEnd": lambda head: (visible_end(head.lives, at) or at, head.key),
        "segmentEnd": lambda head: (visible_end(head.lives, at) or at, head.key),
    }
    return sorted(heads, key=keys[query.order_by or "conversationStart"], reverse=query.order == "desc")


def _check_length(query: DetailsQuery) -> None:
    """Raise ApiError 400 for an interval that is too long."""
    start, end = query.interval
    longest = LONGEST_DAYS if query.is_filtered or end - start > LONGEST_DAYS * DAY else LONGEST_DAYS_UNFILTERED
    if end - start > longest * DAY:
        raise ApiError("bad.request", TOO_LONG_INTERVAL.format(longest))


def _checked_paging(paging: Paging, effects: dict[str, Any]) -> tuple[int, int]:
    size, number = paging.page_size or DEFAULT_PAGE_SIZE, paging.page_number or 1
    if size > LARGEST_PAGE_SIZE:
        raise ApiError("bad.request")
    size, cap = min(size, effects.get("clamp", size)), effects.get("cap", RESULTS_CAP)
    if number * size > cap:
        raise ApiError("bad.request", paging_cap_message(cap))
    return size, number


def _matching(sandbox: State, query: DetailsQuery, at: int) -> list[Head]:
    """Return the conversations that match a query, by the sandbox's meaning of its interval."""
    start, end = query.interval
    first_day = start // DAY * DAY
    if sandbox.interval_matching == "startday":
        start, end = first_day, -(-end // DAY) * DAY
    heads = sandbox.traffic.active(start, end, at)
    earliest = first_day if sandbox.interval_matching != "start_in_interval" else start
    return filtered(sandbox, (head for head in heads if head.start >= earliest), query, at)


def _first_row(number: int, size: int, effects: dict[str, Any]) -> int:
    """Return the number of a page's first row, shifted or repeated where a fault says so."""
    if effects.get("repeat"):
        return 0
    step: int = max(1, size - effects.get("shift", 0))
    return (number - 1) * step
