"""Own secrets stay out of whatever is said: a server may echo them, libraries may log them, errors may quote them."""

import asyncio
import base64
import importlib
import logging
import pkgutil
import time
import traceback
from contextlib import suppress
from datetime import UTC
from urllib.parse import quote

import dagster as dg
import httpcore
import httpx
import pytest

from genesys_assets.automation.alerts import AlertError, post
from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.errors import ProjectError
from genesys_assets.failures import as_failures
from genesys_assets.genesys import (
    Credentials,
    ExtractionSettings,
    GenesysCloud,
    GenesysError,
    Hosts,
    entities,
    extract,
)
from genesys_assets.sandbox import access as sandbox_access
from genesys_assets.sandbox import serve
from genesys_assets.secrecy import TALKATIVE, redacted, remember, unlogged
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.texts import line
from genesys_assets.windows import window_of
from genesys_assets_tests.automation.webhook import listening
from genesys_assets_tests.genesys.support import DAY, Listing, ManualTime, Script, answer, granted

SECRET = "s3cr3t+/9f3a77c1=="
BEARER = "b3ar3r-5b1f0c9e77aa"
PAIR = base64.b64encode(f"the-client:{SECRET}".encode()).decode()
FORMS = [SECRET, BEARER, PAIR, quote(SECRET, safe=""), SECRET.upper(), base64.b64encode(BEARER.encode()).decode()]
HOSTS = Hosts(api="https://api.test", login="https://login.test")


def shown(error: BaseException) -> str:
    facts = dict(error.facts) if isinstance(error, ProjectError) else {}
    return "".join([*traceback.format_exception(error), repr(error), repr(facts), repr(getattr(error, "told", None))])


def echo(status, form, **more):
    said = f"You sent {form} to us"
    body = {"message": said, "code": form, "contextId": form, "limit": {"key": form, "value": form}, **more}
    return answer(status, {**body, "error": form, "description": said, "messageParams": {"permission": form}})


def failed(folder, *answers, logins=()):
    lines, moves = [], ManualTime()

    async def ask():
        async with GenesysCloud(
            HOSTS,
            Credentials("the-client", SECRET),
            transport=Script(*answers, logins=logins or [granted(BEARER)] * 9),
            clock=moves.clock,
            now=moves.now,
            sleep=moves.sleep,
            log=lines.append,
        ) as cloud:
            await extract(
                cloud, CONVERSATIONS, window_of(DAY, UTC), ParquetCheckpoint(folder), ExtractionSettings("job")
            )

    with pytest.raises(GenesysError) as error:
        asyncio.run(ask())
    return shown(error.value) + "\n".join(lines)


def held(text):
    return [form for form in FORMS if form.lower() in text.lower()]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 418, 429, 500, 502, 504])
def test_a_server_that_sends_the_token_or_the_secret_back_puts_it_into_no_error(tmp_path, status, form):
    told = failed(tmp_path, echo(status, form))
    assert "You sent [redacted]" in told or status in {500, 502, 504}
    assert held(told) == []


@pytest.mark.parametrize("status", [400, 401, 403, 500])
@pytest.mark.parametrize("form", FORMS)
def test_a_login_host_that_sends_the_secret_back_puts_it_into_no_error(tmp_path, status, form):
    assert held(failed(tmp_path, answer(200), logins=[echo(status, form)] * 99)) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_job_that_fails_with_the_token_in_its_reason_tells_it_nowhere(tmp_path, form):
    available = answer(200, {"dataAvailabilityDate": "2026-12-24T00:00:00Z"})
    job = answer(202, {"jobId": "j"})
    state = answer(200, {"state": "FAILED", "errorMessage": f"of {form}"})
    assert held(failed(tmp_path, available, job, state, available, job, state, answer(404))) == []


def test_what_somebody_elses_secret_looks_like_is_replaced_too():
    said = (
        "Wrong Authorization: Bearer eyJhbGciOi.x-y at postgresql://me:hunter2@db/lake, "
        "https://bucket.example.com/key?X-Amz-Signature=0b1c2d, host=db password='hunter 2' and MOTHERDUCK_TOKEN=abc."
    )
    text = str(ProjectError(said))
    assert not any(secret in text for secret in ("eyJhbGciOi", "hunter", "0b1c2d", "abc"))
    assert "https://bucket.example.com/key?[redacted]" in text


@pytest.mark.parametrize("text", ["the sandbox", "3 tokens were asked for", "Set the password of the lake.", "a=b", ""])
def test_what_is_no_secret_is_left_alone(text):
    assert redacted(text) == text
    assert redacted(redacted(text)) == redacted(text)


def test_a_text_that_is_made_to_take_long_does_not():
    began_at = time.process_time()
    for text in ("x" * 200_000, "http://" * 30_000, "a://" * 50_000, "token=" * 30_000, "bearer " * 30_000):
        redacted(text)
    assert time.process_time() - began_at < 20


def test_a_name_from_outside_cannot_hold_a_secret_either():
    remember(SECRET)
    assert line(f"Queue {SECRET}") == "Queue [redacted]"


def test_an_error_of_others_reaches_dagster_without_the_secret_in_its_text_or_in_what_it_came_of():
    remember(SECRET)
    error = RuntimeError("not foreseen")
    error.__cause__ = ValueError(f"illegal header value {SECRET}")
    with pytest.raises(dg.Failure) as failure, as_failures():
        raise error
    assert held(shown(failure.value)) == []
    assert "illegal header value [redacted]" in shown(failure.value)


@pytest.fixture
def at_debug(caplog):
    """Whatever any library logs, at any level."""
    caplog.set_level(logging.DEBUG)
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, name)
    return caplog


def test_a_session_over_http_logs_neither_credentials_nor_query_strings_at_any_level(sandbox, at_debug, monkeypatch):
    monkeypatch.setattr(sandbox_access, "CLIENT_SECRET", SECRET)

    async def ask(url):
        async with GenesysCloud(Hosts(api=url, login=url), Credentials("sandbox", SECRET)) as cloud:
            await cloud.get("/api/v2/routing/queues", {"pageSize": 25, "name": "Billing-and-more"})
            await cloud.best_effort("DELETE", "/api/v2/analytics/conversations/details/jobs/none")
            return cloud._shared.token.bearer

    with serve(sandbox) as url:
        bearer = asyncio.run(ask(url))
    assert "HTTP Request" not in at_debug.text
    assert [text for text in (bearer, SECRET, "Billing-and-more") if text in at_debug.text] == []


def test_the_webhooks_address_is_in_no_log_at_any_level(at_debug):
    path = f"/T0/{SECRET}?key=1"
    with listening() as hook:
        hook.refuses = "Failed"
        with pytest.raises(AlertError) as error:
            post(hook.url + path, {"text": "Failed"}, sleep=lambda _: None)
        post(hook.url + path, {"text": "Well"})
    assert hook.texts == ["Well"]
    assert held(at_debug.text + shown(error.value)) == []


def test_what_others_ask_by_the_same_library_is_logged_as_ever(at_debug):
    with unlogged():
        pass
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as others:
        others.get("https://example.org/theirs")
    assert "https://example.org/theirs" in at_debug.text


def test_all_loggers_that_tell_of_requests_are_known():
    for module in pkgutil.walk_packages(httpcore.__path__, "httpcore."):
        with suppress(ModuleNotFoundError):  # of what is installed for HTTP/2 and SOCKS only
            importlib.import_module(module.name)
    names = {name for name in logging.root.manager.loggerDict if name.split(".")[0] in {"httpx", "httpcore"}}
    real = {name for name in names if isinstance(logging.root.manager.loggerDict[name], logging.Logger)}
    assert {"httpx", "httpcore.http11"} <= real <= set(TALKATIVE)


LINKS = [
    "https://evil.test/a",
    "//evil.test/a",
    "@evil.test/a",
    ".evil.test/a",
    ":80@evil.test",
    "\\\\evil.test\\a",
    "/..//evil.test/",
]


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("status", [200, 302, 307, 308])
def test_the_token_goes_to_the_configured_hosts_alone_wherever_a_server_points(status, link):
    page = {"entities": [{"id": "a"}], "pageNumber": 1, "pageCount": 2, "total": 2, "nextUri": link}
    asked = []

    class Recording(Script):
        async def handle_async_request(self, request):
            asked.append(request.url.host)
            return await super().handle_async_request(request)

    async def ask():
        async with GenesysCloud(
            HOSTS, Credentials("the-client", SECRET), transport=Recording(answer(status, page, location=link))
        ) as cloud:
            await entities(cloud, Listing("/api/v2/routing/queues"))

    with suppress(GenesysError):
        asyncio.run(ask())
    assert set(asked) == {"api.test", "login.test"}
