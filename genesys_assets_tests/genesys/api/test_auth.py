import json

import pytest

from genesys_assets.genesys import ConfigurationError, Credentials
from genesys_assets.genesys.api.auth import token_of
from genesys_assets.genesys.api.errors import BrokenResponseError, UnavailableError
from genesys_assets.genesys.api.responses import ApiResponse


def login(status, body):
    return token_of(ApiResponse(status, {}, json.dumps(body).encode()), now=1_000.0)


def test_the_secret_is_not_in_the_repr():
    assert "hunter2" not in repr(Credentials("me", "hunter2"))


@pytest.mark.parametrize(("client_id", "secret"), [("me", ""), ("", "hunter2")])
def test_one_of_the_two_without_the_other_is_an_error(client_id, secret):
    with pytest.raises(ConfigurationError, match="both a client id and a client secret") as error:
        Credentials(client_id, secret)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(("client_id", "secret"), [("me\udc80", "x"), ("me", "hunter2\ud800")])
def test_what_is_no_text_is_no_client(client_id, secret):
    with pytest.raises(ConfigurationError, match="no text") as error:
        Credentials(client_id, secret)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(("expires_in", "renew_after"), [(86_399, 86_099), (300, 270), (20, 18)])
def test_a_token_is_renewed_before_its_end(expires_in, renew_after):
    token = login(200, {"access_token": "t", "token_type": "bearer", "expires_in": expires_in})
    assert token.renew_at == 1_000 + renew_after
    assert "t" not in repr(token).removeprefix("Token")[:3]


def test_an_unknown_client_id_is_said_so():
    with pytest.raises(ConfigurationError, match=r"does not know the OAuth client id.*GENESYSCLOUD_OAUTHCLIENT_ID"):
        login(400, {"error": "invalid_client", "description": "client not found"})


def test_a_wrong_secret_is_said_so():
    with pytest.raises(ConfigurationError, match=r"refused the OAuth client's secret.*GENESYSCLOUD_OAUTHCLIENT_SECRET"):
        login(401, {"error": "invalid_client", "error_description": "authentication failed"})


def test_another_grant_type_is_said_so():
    with pytest.raises(ConfigurationError, match="grant type"):
        login(400, {"error": "unsupported_grant_type", "description": "grant type not supported"})


def test_a_login_host_that_is_down_is_worth_a_retry():
    with pytest.raises(UnavailableError):
        login(503, {})


def test_a_login_without_a_token_points_at_the_login_url():
    with pytest.raises(BrokenResponseError, match="GENESYSCLOUD_LOGIN_URL"):
        login(200, {"hello": "world"})


@pytest.mark.parametrize(
    "token", ["", "é", "a b", "a\r\nX-Evil: 1", "a\n", "\x00", "t\u200b", "😀", "x" * 8_001, None, 5, ["t"]]
)
def test_a_token_that_no_header_can_carry_is_none(token):
    with pytest.raises(BrokenResponseError, match="without a token that can be sent") as refused:
        login(200, {"access_token": token})
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "body", [b"[" * 5_000, b'{"x":' + b"[" * 5_000, b"\xff", b'{"access_token": "\xff"}', b"", b"5"]
)
def test_a_login_that_is_no_token_is_an_error_of_the_project(body):
    with pytest.raises(BrokenResponseError):
        token_of(ApiResponse(200, {}, body), now=0.0)
    with pytest.raises(ConfigurationError):
        token_of(ApiResponse(400, {}, body), now=0.0)


@pytest.mark.parametrize(
    ("expires_in", "renew_after"), [(-5, 9), (0, 9), (1e-300, 9), (1e300, 172_500), (10**30, 172_500)]
)
def test_a_token_that_is_said_to_last_for_ever_or_not_at_all_lasts_as_long_as_tokens_may(expires_in, renew_after):
    assert login(200, {"access_token": "t", "expires_in": expires_in}).renew_at == 1_000 + renew_after
