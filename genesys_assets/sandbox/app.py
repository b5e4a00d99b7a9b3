"""The HTTP application: routes to the endpoints, and the steps that every request and response goes through.

Faults that match the request take effect; it is counted against the rate limit, authorised and handled. The response is
corrupted where a fault says so, compressed and sent, unless a fault drops the connection.
"""

from __future__ import annotations

import asyncio
import gzip
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Mount, Route, compile_path, request_response
from starlette.types import Receive, Scope, Send

from genesys_assets.sandbox import aggregates, caller, corrupt_responses, details, directory, jobs
from genesys_assets.sandbox.errors import CURSOR_REFUSED, ApiError
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.state import Endpoint, State

ABORT = "genesys_assets.sandbox.abort"
"""The key in the ASGI scope under which `server` puts the function that cuts the connection."""

_DETAIL = ("analytics:conversationDetail:view", "analytics:agentConversationDetail:view")
_AGGREGATE = ("analytics:conversationAggregate:view",)
_FLOW_AGGREGATE = ("analytics:flowAggregate:view",)
_WORTH_COMPRESSING_BYTES = 1_000
_SLOW_CHUNKS = 10
_LARGEST_REQUEST_BYTES = 512_000

_CONVERSATIONS = "/api/v2/analytics/conversations"
ENDPOINTS = (
    Endpoint("POST", "/oauth/token", lambda sandbox, request: sandbox.tokens.login(request)),
    Endpoint("POST", f"{_CONVERSATIONS}/details/query", details.query, _DETAIL),
    Endpoint("POST", f"{_CONVERSATIONS}/details/jobs", jobs.submit, _DETAIL),
    Endpoint("GET", f"{_CONVERSATIONS}/details/jobs/availability", details.availability, _DETAIL[:1]),
    Endpoint("GET", f"{_CONVERSATIONS}/details/jobs/{{job_id}}", jobs.status, _DETAIL),
    Endpoint("DELETE", f"{_CONVERSATIONS}/details/jobs/{{job_id}}", jobs.cancel, _DETAIL),
    Endpoint("GET", f"{_CONVERSATIONS}/details/jobs/{{job_id}}/results", jobs.results, _DETAIL),
    Endpoint("GET", f"{_CONVERSATIONS}/details", details.several, _DETAIL),
    Endpoint("GET", f"{_CONVERSATIONS}/{{conversation_id}}/details", details.one, _DETAIL),
    Endpoint("POST", f"{_CONVERSATIONS}/aggregates/query", aggregates.query, _AGGREGATE),
    Endpoint("POST", "/api/v2/analytics/flows/aggregates/query", aggregates.flow_query, _FLOW_AGGREGATE),
    *directory.ENDPOINTS,
    *caller.ENDPOINTS,
)


_PATTERNS = [compile_path(each.path)[0] for each in ENDPOINTS]


def application(sandbox: State) -> Starlette:
    """Return the ASGI application of a sandbox: login and API on one host."""
    known = [Route(each.path, _responder(sandbox, each), methods=[each.method]) for each in ENDPOINTS]
    nowhere = Endpoint("", "", _refuse)
    return Starlette(routes=[*known, Mount("/", request_response(_responder(sandbox, nowhere)))])


def _refuse(_sandbox: State, request: Request) -> Response:
    """Refuse a request for which there is no endpoint: 405 where its path has another method, else 404."""
    is_known = any(pattern.match(request.path) for pattern in _PATTERNS)
    raise ApiError("method.not.allowed" if is_known else "not found")


def _responder(sandbox: State, endpoint: Endpoint) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    async def respond(received: HttpRequest) -> HttpResponse:
        request = Request(
            method=received.method,
            path=received.url.path,
            path_params=dict(received.path_params),
            query=dict(received.query_params),
            lists={name: received.query_params.getlist(name) for name in received.query_params},
            headers={name.lower(): value for name, value in received.headers.items()},
            body=await received.body(),
            context_id=str(uuid.uuid4()),
        )
        response = _respond_to(sandbox, endpoint, request)
        sandbox.record(request, response.status)
        await asyncio.sleep(request.effects.get("latency", 0))
        return Delivery(response, request)

    return respond


def _respond_to(sandbox: State, endpoint: Endpoint, request: Request) -> Response:
    """Return the response to a request, errors and faults included."""
    headers = {"ININ-Correlation-Id": request.context_id, "Cache-Control": "no-cache, no-store, must-revalidate"}
    try:
        request.effects = sandbox.faults.strike(request)
        if endpoint.path != "/oauth/token":
            headers |= _limit(sandbox, request, headers)
        _refuse_by_fault(sandbox, endpoint, request)
        if endpoint.path != "/oauth/token":
            sandbox.tokens.check(request)
            _check_size(request)
            _check_permission(sandbox, endpoint)
        response = corrupt_responses.corrupt(endpoint.handler(sandbox, request), request.effects)
    except ApiError as error:
        body, content_type = error.body(request.context_id)
        response = Response(body, error.status, content_type, error.headers)
    response.headers = headers | response.headers
    return response


def _limit(sandbox: State, request: Request, headers: dict[str, str]) -> dict[str, str]:
    """Count the request; ApiError 429 over the limit."""
    allowed = request.effects.get("limit", sandbox.requests_per_minute)
    counted, within = sandbox.rate_limit.count(request.token or "", allowed)
    headers |= counted
    if not within:
        reset = counted["inin-ratelimit-reset"]
        raise ApiError("too.many.requests.retry.after", fills=reset, headers={"Retry-After": reset})
    return counted


def _refuse_by_fault(sandbox: State, endpoint: Endpoint, request: Request) -> None:
    """Raise the error with which a fault replaces the response."""
    effects, permissions = request.effects, ", ".join(endpoint.permissions)
    if effects.get("expire_token"):
        sandbox.tokens.expire(request.token)
        raise ApiError("credentials.expired")
    if "retry_after" in effects:
        raise ApiError(
            "too.many.requests.retry.after", fills="1", headers={"Retry-After": _retry_after(sandbox, effects)}
        )
    if "error" in effects:
        raise ApiError(effects["error"], fills=permissions)
    if "status" in effects:
        raise ApiError.of_status(effects["status"], fills=permissions)
    if effects.get("refuse_cursor"):
        raise ApiError("bad.request", CURSOR_REFUSED)


def _retry_after(sandbox: State, effects: dict[str, Any]) -> str:
    asked = str(effects["retry_after"])
    return format_datetime(sandbox.now() + timedelta(seconds=1), usegmt=True) if asked == "date" else asked


def _check_size(request: Request) -> None:
    if len(request.body) > _LARGEST_REQUEST_BYTES:
        bounds = f"Content-Length: {len(request.body)}, Maximum bytes: {_LARGEST_REQUEST_BYTES}"
        raise ApiError("request.entity.too.large", f"The request is over the size limit. {bounds}")


def _check_permission(sandbox: State, endpoint: Endpoint) -> None:
    if sandbox.permissions is None or not endpoint.permissions:
        return
    if not sandbox.permissions & set(endpoint.permissions):
        raise ApiError("missing.any.permissions", fills=", ".join(endpoint.permissions))


class Delivery(HttpResponse):
    """A response being sent: compressed for clients that accept it; slow, cut off or not sent where a fault says so."""

    def __init__(self, response: Response, request: Request) -> None:
        body, headers = response.body, dict(response.headers)
        if "gzip" in request.headers.get("accept-encoding", "") and len(body) > _WORTH_COMPRESSING_BYTES:
            body, headers = gzip.compress(body, compresslevel=1), headers | {"Content-Encoding": "gzip"}
        super().__init__(body, response.status, headers, response.content_type or None)
        self._drop: str | None = request.effects.get("drop")
        self._slow_seconds: float = request.effects.get("slow", 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, or as much of it as the faults let through."""
        if self._drop == "before":
            await _cut(scope, receive, "Server disconnected without sending a response.")
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._drop == "inside":
            await send({"type": "http.response.body", "body": self._half(), "more_body": True})
            await _cut(scope, receive, "peer closed connection without sending complete message body")
            return
        for chunk in self._chunks():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await asyncio.sleep(self._slow_seconds / _SLOW_CHUNKS)
        await send({"type": "http.response.body", "body": b""})

    def _half(self) -> bytes:
        return bytes(self.body[: len(self.body) // 2])

    def _chunks(self) -> list[bytes]:
        if not self._slow_seconds:
            return [bytes(self.body)]
        step = len(self.body) // _SLOW_CHUNKS + 1
        return [bytes(self.body[start : start + step]) for start in range(0, len(self.body), step)]


async def _cut(scope: Scope, receive: Receive, reason: str) -> None:
    """Cut the connection; without one, in-process, raise what the client would raise."""
    abort = scope.get(ABORT)
    if abort is None:
        from httpx import RemoteProtocolError  # noqa: PLC0415 - only in-process clients need it

        raise RemoteProtocolError(reason)
    abort()
    while (await receive())["type"] != "http.disconnect":
        pass
