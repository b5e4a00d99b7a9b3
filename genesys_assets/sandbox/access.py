"""Who may send requests, and how many: access tokens, and the fixed windows of the rate limit."""

from __future__ import annotations

import base64
import binascii
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.rules import Rule

RULES = (
    Rule(
        "A token is asked for by `POST /oauth/token` with the grant client_credentials, its credentials in "
        "a Basic header.",
        "official",
        "Genesys developer centre, page OAuth client credentials grant",
        "test_the_client_of_the_sandbox_gets_a_token",
    ),
    Rule(
        "The credentials may stand in the form.",
        "production code",
        "a production connector logs in so",
        "test_the_credentials_may_stand_in_the_form",
    ),
    Rule(
        "The grant may stand in the query string, with an empty body.",
        "production code",
        "published scripts ask so",
        "test_the_grant_may_stand_in_the_query_string",
    ),
    Rule(
        "A token refuses in the form of OAuth: 400 `client not found`, 401 `authentication failed`, both "
        "`invalid_client`.",
        "production code",
        "integration tests of an open-source Go client against the live service",
        "test_wrong_credentials_get_the_documented_refusals",
    ),
    Rule(
        "Every token may send 300 requests in a fixed window of a minute, which `inin-ratelimit-*` tell.",
        "official",
        "Genesys developer centre, pages Limits and Rate limits",
        "test_every_answer_tells_of_the_rate_limit_and_a_window_lasts_a_minute",
    ),
    Rule(
        "Over the limit there is a 429 with `Retry-After` in seconds, and the code `too.many.requests.retry.after`.",
        "official",
        "Genesys developer forum, announcement of November 2021",
        "test_over_the_limit_the_official_429_says_when_to_come_back",
    ),
)

CLIENT_ID = "sandbox"
CLIENT_SECRET = "sandbox"  # noqa: S105 - the published secret of a made-up client


@dataclass
class Tokens:
    """The tokens that were issued, each valid for `seconds` of the clock."""

    clock: Callable[[], float]
    seconds: float
    _ends: dict[str, float] = field(default_factory=dict)

    def login(self, request: Request) -> Response:
        """Handle `POST /oauth/token`: issue a token, or refuse in the form of OAuth's errors."""
        form = request.query | {
            name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()
        }
        client_id, secret = _basic(request.headers.get("authorization", "")) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        if form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "grant type not supported")
        if client_id != CLIENT_ID:
            return _refusal(400, "invalid_client", "client not found")
        if secret != CLIENT_SECRET:
            return _refusal(401, "invalid_client", "authentication failed")
        token = secrets.token_urlsafe(40)
        self._ends[token] = self.clock() + self.seconds
        return Response.of({"access_token": token, "token_type": "bearer", "expires_in": int(self.seconds)})

    def check(self, request: Request) -> None:
        """Raise ApiError 401 for a request without a valid token."""
        if request.token is None:
            raise ApiError("authentication.required")
        ends_at = self._ends.get(request.token)
        if ends_at is None:
            raise ApiError("bad.credentials")
        if ends_at <= self.clock():
            raise ApiError("credentials.expired")

    def expire(self, token: str | None) -> None:
        """Make a token invalid before its time."""
        if token in self._ends:
            self._ends[token] = -math.inf


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _refusal(status: int, error: str, description: str) -> Response:
    return Response.of({"error": error, "description": description, "error_description": description}, status)


@dataclass
class RateLimit:
    """Fixed windows for each token: so many requests, then none until the window ends."""

    clock: Callable[[], float]
    window_seconds: float
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def count(self, token: str, allowed: int | None) -> tuple[dict[str, str], bool]:
        """Count a request of a token that may send `allowed` in a window; None does not limit them.

        Returns:
            The `inin-ratelimit-*` headers of its response, and whether it is within the limit.
        """
        if allowed is None:
            return {}, True
        now = self.clock()
        began_at, requests = self._windows.get(token, (now, 0))
        if now >= began_at + self.window_seconds:
            began_at, requests = now, 0
        self._windows[token] = began_at, requests + 1
        reset = max(1, math.ceil(began_at + self.window_seconds - now))
        headers = {
            "inin-ratelimit-count": str(requests + 1),
            "inin-ratelimit-allowed": str(allowed),
            "inin-ratelimit-reset": str(reset),
        }
        return headers, requests < allowed
