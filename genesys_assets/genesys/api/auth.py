"""Client credentials and access tokens: the request to the login host, what its response means, and when to renew.

Pure: `client` sends the request.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated

import msgspec

from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    ConfigurationError,
    ErrorDetail,
    GenesysError,
    TooLargeError,
)
from genesys_assets.genesys.api.limits import LONGEST_TOKEN, LONGEST_TOKEN_SECONDS, SHORTEST_TOKEN_SECONDS
from genesys_assets.genesys.api.responses import ApiResponse, error_body, error_of, text_of
from genesys_assets.secrecy import remember
from genesys_assets.variables import variable_of

TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path
TOKEN_FORM = b"grant_type=client_credentials"
LONGEST_MARGIN_SECONDS = 300.0
"""A token is renewed this long before it expires, or a tenth of its life before, whichever is shorter."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client of the grant type client credentials."""

    client_id: str
    client_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.client_id or not self.client_secret:
            raise ConfigurationError(
                f"Genesys Cloud needs both a client id and a client secret: set {variable_of('client_id')} and "
                f"{variable_of('client_secret')}, or neither."
            )
        try:
            remember(self.client_secret, self._pair)
        except UnicodeEncodeError:
            raise ConfigurationError(
                f"{variable_of('client_id')} or {variable_of('client_secret')} holds bytes that are no text: write "
                "them anew, as Genesys Cloud shows them."
            ) from None

    def headers(self) -> dict[str, str]:
        """Return the headers of the request for a token."""
        return {"Authorization": f"Basic {self._pair}", "Content-Type": "application/x-www-form-urlencoded"}

    @property
    def _pair(self) -> str:
        return base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `renew_at` is an instant of the session's monotonic clock."""

    bearer: str = field(repr=False)
    renew_at: float

    def __post_init__(self) -> None:
        remember(self.bearer)


class _TokenResponse(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(max_length=LONGEST_TOKEN, pattern=r"^[\x21-\x7e]+\Z")]
    expires_in: float = 86_400.0


def token_of(response: ApiResponse, now: float) -> Token:
    """Return the token that the login host has granted.

    Args:
        response: The login host's response.
        now: The session's monotonic clock when the token was asked for.

    Raises:
        ConfigurationError: The client id is unknown or the secret is wrong.
        GenesysError: The response is another error, or holds no token.
    """
    if error := _login_error(response):
        raise error
    detail = ErrorDetail("POST", TOKEN_PATH, response.status)
    try:
        granted = msgspec.json.decode(response.body, type=_TokenResponse)
    except TooLargeError as large:
        raise TooLargeError(f"{detail}. {large}", detail) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BrokenResponseError(
            f"{detail} without a token that can be sent: check {variable_of('region')} and {variable_of('login_url')}.",
            detail,
        ) from None
    lasts_seconds = min(max(granted.expires_in, SHORTEST_TOKEN_SECONDS), LONGEST_TOKEN_SECONDS)
    margin = min(LONGEST_MARGIN_SECONDS, lasts_seconds / 10)
    return Token(granted.access_token, renew_at=now + lasts_seconds - margin)


def _login_error(response: ApiResponse) -> GenesysError | None:
    """Return the error that the login host's response stands for, None when it is a success.

    The login host speaks OAuth: {"error", "description"}, not the API's error body (go-gcloudcx's live tests).
    """
    if response.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        body = error_body(response)
        code, message = text_of(body, "error"), text_of(body, "description") or text_of(body, "error_description")
        detail = ErrorDetail("POST", TOKEN_PATH, response.status, code, message, response.correlation_id)
        why = detail.message or detail.code
        if code == "invalid_client" and response.status == HTTPStatus.BAD_REQUEST:
            return ConfigurationError(
                f"Genesys Cloud does not know the OAuth client id ({why}): check {variable_of('client_id')}, "
                f"and that {variable_of('region')} is the organisation's region.",
                detail,
            )
        if code == "invalid_client":
            return ConfigurationError(
                f"Genesys Cloud refused the OAuth client's secret ({why}): check {variable_of('client_secret')}.",
                detail,
            )
        return ConfigurationError(
            f"Genesys Cloud refused to log the OAuth client in: {detail}. "
            "Check that its grant type is client credentials (Admin, Integrations, OAuth).",
            detail,
        )
    return error_of(response, "POST", TOKEN_PATH)
