"""The details jobs: submit one, ask for its state, read its results page by page with a cursor, cancel it.

A job reads a snapshot of the data lake, which holds what happened up to its watermark: conversations that began later
are silently missing, and those that went on later are shown as they were then.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from genesys_assets.sandbox.bodies import DetailsQuery, read
from genesys_assets.sandbox.details import filtered, in_order, page, watermark_text
from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.errors import CURSOR_REFUSED, TOO_LONG_INTERVAL, ApiError, paging_cap_message
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY, SECOND
from genesys_assets.sandbox.state import State
from genesys_assets.sandbox.stores import Job
from genesys_assets.sandbox.traffic import Head

RULES = (
    Rule(
        "A filter, order or limit that cannot be understood is refused when the job is submitted.",
        "guess",
        "the details query does so, and the body is the same",
        "test_a_job_that_cannot_be_understood_is_refused_at_once",
    ),
    Rule(
        "A job is accepted by 202 and its id.",
        "official",
        "official Python SDK 269, AsyncQueryResponse",
        "test_a_job_is_accepted_with_202_and_its_id_alone",
    ),
    Rule(
        "A job has each conversation whose life overlaps the interval, with attributes.",
        "official",
        "Genesys developer centre, page Conversation details job",
        "test_a_job_gives_every_conversation_active_on_the_day_as_the_truth_has_it",
    ),
    Rule(
        "startOfDayIntervalMatching leaves out what began before the first UTC day.",
        "official",
        "official Python SDK 269, AsyncConversationQuery",
        "test_the_flag_leaves_out_what_began_before_the_first_day",
    ),
    Rule(
        "A page has `conversations`, `dataAvailabilityDate`, and a `cursor` but on the last one.",
        "production code",
        "a production connector that refuses other keys; a record of 2024",
        "test_the_last_page_has_no_cursor",
    ),
    Rule(
        "What the data lake does not have yet is left out without a word.",
        "production code",
        "two production programs guard against it",
        "test_what_the_lake_does_not_have_yet_is_omitted_without_a_word",
    ),
    Rule(
        "A page has 1,000 conversations unless asked otherwise, and 10,000 at most.",
        "guess",
        "sizes of 1,000, 2,000 and 10,000 were used in production",
        "test_pages_hold_1000_unless_asked_otherwise_and_never_more_than_10000",
    ),
    Rule(
        "Results that are read before the job is fulfilled are a page without conversations.",
        "production code",
        "one client reads so; a 404 is as likely",
        "test_results_read_too_early_are_empty_without_a_word",
    ),
    Rule(
        "A cursor belongs to one job, can be used again, and is otherwise refused by 400.",
        "guess",
        "no code for it is documented",
        "test_a_cursor_is_of_one_job_alone",
    ),
    Rule(
        "An expired or cancelled job has no results: 404.",
        "guess",
        "no code for it is documented",
        "test_a_cancelled_job_says_so_and_has_no_results",
    ),
    Rule(
        "An interval is of 31 days at most, as of the query.",
        "guess",
        "by analogy; nothing is documented",
        "test_an_interval_of_more_than_31_days_is_refused",
    ),
    Rule(
        "A page without conversations has an empty list of them.",
        "production code",
        "a production connector requires the key",
        "test_an_empty_page_of_a_job_has_a_list_of_conversations",
    ),
    Rule(
        "Each page tells the watermark of the data lake, as the availability does.",
        "real payload",
        "a record of 2024; official Python SDK 269, AnalyticsConversationAsyncQueryResponse",
        "test_the_watermark_is_told_by_the_availability_and_on_every_page",
    ),
    Rule(
        "limit bounds how many conversations a job returns.",
        "official",
        "official Python SDK 269, AsyncConversationQuery",
        "test_a_limit_bounds_the_results",
    ),
)

DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 1_000, 10_000
RESULTS_CAP = 400_000
LONGEST_DAYS = 31
_OUTCOMES = {"FAILED": "The query failed: an internal service did not answer."}


def submit(sandbox: State, request: Request) -> Response:
    """Start a job, and return 202 with its id."""
    query = read(request.json, DetailsQuery)
    start, end = query.interval
    if end - start > LONGEST_DAYS * DAY:
        raise ApiError("bad.request", TOO_LONG_INTERVAL.format(LONGEST_DAYS))
    at = sandbox.instant()
    job = sandbox.jobs.add(query, at, sandbox.watermark(request.effects.get("lag")))
    return Response.of({"jobId": job.id}, status=202)


def status(sandbox: State, request: Request) -> Response:
    """Return a job's state."""
    job = sandbox.jobs.get(request)
    state = sandbox.jobs.state(job)
    shown: dict[str, Any] = {"state": state, "submissionDate": timestamp(job.submitted_at)}
    if state in _OUTCOMES:
        shown["errorMessage"] = _OUTCOMES[state]
    if state in {"FULFILLED", "EXPIRED", "FAILED"}:
        completed_at = job.submitted_at + int(sandbox.jobs.run_seconds * SECOND)
        shown["completionDate"] = timestamp(completed_at)
        shown["expirationDate"] = timestamp(completed_at + int(sandbox.jobs.lifetime_seconds * SECOND))
    return Response.of(shown)


def cancel(sandbox: State, request: Request) -> Response:
    """Cancel a job, or drop its results."""
    sandbox.jobs.get(request).outcome = "CANCELLED"
    return Response(status=204, content_type="")


def results(sandbox: State, request: Request) -> Response:
    """Return a page of a job's results and, unless it is the last one, the cursor of the next.

    Before the job is fulfilled there is a page without conversations and without a cursor: who does not ask for the
    state first reads nothing, and no error says so.
    """
    job = sandbox.jobs.get(request)
    state = sandbox.jobs.state(job)
    if state in {"FAILED", "EXPIRED", "CANCELLED"}:
        raise ApiError("not.found")
    facts: dict[str, Any] = {"dataAvailabilityDate": watermark_text(job.watermark)}
    if state != "FULFILLED":
        return Response.of(facts)
    largest = request.effects.get("clamp", LARGEST_PAGE_SIZE)
    size = min(max(1, request.number("pageSize", DEFAULT_PAGE_SIZE)), largest)
    heads = _heads(sandbox, job)
    first = _place(job, request.cursor)
    cap = request.effects.get("cap", RESULTS_CAP)
    if min(first + size, len(heads)) > cap:
        raise ApiError("bad.request", paging_cap_message(cap, "pagination"))
    following = 0 if request.effects.get("repeat") else first + max(1, size - request.effects.get("shift", 0))
    if request.effects.get("repeat") or following < len(heads):
        facts = {"cursor": _cursor(job, following), **facts}
    return page(sandbox, heads[first : first + size], facts, job.watermark, attributes=True)


def _heads(sandbox: State, job: Job) -> list[Head]:
    """Return the rows of a job, read from the lake once."""
    if job.heads is None:
        start, end = job.query.interval
        heads = sandbox.traffic.active(start, end, job.watermark)
        if job.query.start_of_day_interval_matching:
            heads = [head for head in heads if head.start >= start // DAY * DAY]
        heads = in_order(sandbox, filtered(sandbox, heads, job.query, job.watermark), job.query, job.watermark)
        job.heads = heads[: job.query.limit]
    return job.heads


def _cursor(job: Job, place: int) -> str:
    return base64.b64encode(f"cursor_v2>{job.id}?{place}".encode()).decode()


def _place(job: Job, cursor: str | None) -> int:
    """Return the row at which a cursor of this job goes on; ApiError 400 for any other cursor."""
    if cursor is None:
        return 0
    try:
        owner, _, place = base64.b64decode(cursor, validate=True).decode().removeprefix("cursor_v2>").partition("?")
        if owner == job.id and place.isascii() and place.isdecimal():
            return int(place)
    except (binascii.Error, ValueError):
        pass
    raise ApiError("bad.request", CURSOR_REFUSED)
