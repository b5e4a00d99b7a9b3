import base64

import pytest

from genesys_assets_tests.sandbox.support import QUERY, Api, Clock, small_sandbox

DETAIL = "analytics:conversationDetail:view, analytics:agentConversationDetail:view"


@pytest.fixture
def api() -> Api:
    return Api(small_sandbox())


def test_the_client_of_the_sandbox_gets_a_token(api):
    assert api.login().json().keys() == {"access_token", "token_type", "expires_in"}
    assert api.query().status_code == 200


def test_the_credentials_may_stand_in_the_form(api):
    form = {"grant_type": "client_credentials", "client_id": "sandbox", "client_secret": "sandbox"}
    assert api.post("/oauth/token", data=form).json()["token_type"] == "bearer"


@pytest.mark.parametrize(
    ("client_id", "secret", "status", "description"),
    [("somebody", "sandbox", 400, "client not found"), ("sandbox", "wrong", 401, "authentication failed")],
)
def test_wrong_credentials_get_the_documented_refusals(api, client_id, secret, status, description):
    response = api.login(client_id, secret)
    assert (response.status_code, response.json()["error"]) == (status, "invalid_client")
    assert response.json()["description"] == description


@pytest.mark.parametrize("header", ["Basic %%%", "Basic " + base64.b64encode(b"\xff:\xff").decode(), "Bearer x"])
def test_unreadable_credentials_are_an_unknown_client(api, header):
    form = {"grant_type": "client_credentials"}
    assert api.post("/oauth/token", data=form, headers={"Authorization": header}).status_code == 400


def test_another_grant_is_refused(api):
    assert api.post("/oauth/token", data={"grant_type": "password"}).json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, "authentication.required"), ({"Authorization": "Bearer made-up"}, "bad.credentials")],
)
def test_a_request_without_a_good_token_is_refused(api, headers, code):
    api.headers = headers
    response = api.query()
    assert (response.status_code, response.json()["code"]) == (401, code)


def test_a_token_expires():
    clock = Clock()
    api = Api(small_sandbox(clock=clock, token_seconds=300))
    clock.seconds += 299
    assert api.query().status_code == 200
    clock.seconds += 1
    assert api.query().json()["code"] == "credentials.expired"


def test_a_missing_permission_is_named():
    response = Api(small_sandbox(permissions={"analytics:conversationAggregate:view"})).query()
    assert response.status_code == 403
    assert response.json()["code"] == "missing.any.permissions"
    assert response.json()["message"].endswith(f"at least one of the following permissions assigned: {DETAIL}")


def test_one_of_the_permissions_is_enough():
    assert Api(small_sandbox(permissions={"analytics:agentConversationDetail:view"})).query().status_code == 200


def test_every_answer_tells_of_the_rate_limit_and_a_window_lasts_a_minute():
    clock = Clock()
    api = Api(small_sandbox(clock=clock, requests_per_minute=2))
    first, second, third = api.query(), api.query(), api.query()
    assert first.headers["inin-ratelimit-count"] == "1"
    assert (second.headers["inin-ratelimit-allowed"], second.headers["inin-ratelimit-reset"]) == ("2", "60")
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    clock.seconds += 60
    assert api.query().headers["inin-ratelimit-count"] == "1"


def test_over_the_limit_the_official_429_says_when_to_come_back():
    clock = Clock()
    api = Api(small_sandbox(clock=clock, requests_per_minute=1))
    api.query()
    clock.seconds += 18.5
    refused = api.query()
    assert refused.headers["retry-after"] == "42"
    assert refused.json() == {
        "message": "Rate limit exceeded the maximum. Retry the request in [42] seconds",
        "code": "too.many.requests.retry.after",
        "status": 429,
        "messageParams": {},
        "contextId": refused.headers["inin-correlation-id"],
        "details": [],
        "errors": [],
    }


def test_each_token_has_its_own_window():
    sandbox = small_sandbox(requests_per_minute=1)
    assert [Api(sandbox).query().status_code for _ in range(2)] == [200, 200]


def test_requests_are_recorded():
    sandbox = small_sandbox()
    Api(sandbox).query(3)
    assert [(each.method, each.path, each.status) for each in sandbox.requests] == [
        ("POST", "/oauth/token", 200),
        ("POST", QUERY, 200),
    ]
    assert b'"pageNumber":3' in sandbox.requests[-1].body


def test_the_grant_may_stand_in_the_query_string(api):
    response = api.post("/oauth/token?grant_type=client_credentials", auth=("sandbox", "sandbox"))
    assert response.json()["token_type"] == "bearer"


@pytest.mark.parametrize("path", ["/", "/api/v2/nothing/here", "/api/v2/users/", "/docs", "/api/v2/%ff%00"])
def test_an_unknown_path_is_not_found(api, path):
    refused = api.get(path)
    assert (refused.status_code, refused.json()["code"], refused.json()["message"]) == (
        404,
        "not found",
        "HTTP 404 Not Found",
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_a_known_path_by_another_method_is_refused(api, method):
    refused = api.request(method, QUERY)
    assert (refused.status_code, refused.json()["code"]) == (405, "method.not.allowed")
