"""The session's token over scripted answers: one login for all, renewed in time, asked for anew after a 401."""

import asyncio

import httpx
import pytest

from genesys_assets.genesys import ConfigurationError, GenesysCloud
from genesys_assets.genesys.api.errors import UnauthorisedError
from genesys_assets_tests.genesys.support import ManualTime, Script, answer, granted, problem, run

PATH = "/api/v2/things"
OK = {"good": True}


def ask(cloud: GenesysCloud):
    return cloud.get(PATH)


def test_one_login_serves_all_requests_of_a_session():
    script = Script(answer(200, OK))

    async def many(cloud):
        await asyncio.gather(*(cloud.get(PATH) for _ in range(20)))

    run(script, many)
    assert (script.logins, len(script.requests)) == (1, 20)


def test_a_token_is_renewed_before_it_ends():
    time, script = ManualTime(), Script(answer(200, OK), logins=[granted("first", 1_000), granted("second", 1_000)])

    async def twice(cloud):
        await cloud.get(PATH)
        time.at += 901
        await cloud.get(PATH)

    run(script, twice, time)
    assert [request.headers["authorization"] for request in script.requests] == ["Bearer first", "Bearer second"]


def test_however_many_requests_meet_a_401_one_new_token_is_asked_for():
    def by_token(request: httpx.Request):
        fresh = request.headers["authorization"] == "Bearer token-2"
        return answer(200, OK) if fresh else problem(401, "credentials.expired")

    script = Script(by_token)

    async def many(cloud):
        return await asyncio.gather(*(cloud.get(PATH) for _ in range(20)))

    assert run(script, many) == [OK] * 20
    assert script.logins == 2


def test_a_second_401_fails():
    script = Script(problem(401, "bad.credentials", "Invalid login credentials."))
    with pytest.raises(UnauthorisedError, match="A new token was refused too"):
        run(script, ask)
    assert (script.logins, len(script.requests)) == (2, 2)


def test_a_429_is_no_reason_for_a_new_token():
    script = Script(problem(429, Retry_After="7"), answer(200, OK))
    run(script, ask)
    assert script.logins == 1


@pytest.mark.parametrize(
    ("login", "advice"),
    [
        (answer(400, {"error": "invalid_client", "description": "client not found"}), "GENESYSCLOUD_OAUTHCLIENT_ID"),
        (
            answer(401, {"error": "invalid_client", "description": "authentication failed"}),
            "GENESYSCLOUD_OAUTHCLIENT_SECRET",
        ),
    ],
)
def test_a_login_that_is_refused_is_an_error_at_once(login, advice):
    script = Script(answer(200, OK), logins=[login])
    with pytest.raises(ConfigurationError, match=advice):
        run(script, ask)
    assert (script.logins, script.requests) == (1, [])


def test_a_login_that_passes_is_retried():
    script = Script(
        answer(200, OK), logins=[answer(503), answer(429, Retry_After="2"), httpx.ReadTimeout("slow"), granted()]
    )
    assert run(script, ask) == OK
