import gzip
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from genesys_assets.sandbox import Faults, on, serve
from genesys_assets_tests.sandbox.support import DAY, QUERY, interval_of, small_sandbox

BODY = {"interval": interval_of(DAY), "paging": {"pageSize": 50}}


@contextmanager
def logged_in(url: str) -> Iterator[httpx.Client]:
    """Yield a client with a token."""
    with httpx.Client(base_url=url, timeout=20) as client:
        form = {"grant_type": "client_credentials"}
        token = client.post("/oauth/token", data=form, auth=("sandbox", "sandbox")).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def sandbox():
    return small_sandbox()


@pytest.fixture
def client(sandbox):
    with serve(sandbox) as url, logged_in(url) as client:
        yield client


def test_a_sandbox_is_served_on_loopback_and_stops(sandbox):
    with serve(sandbox) as url, logged_in(url) as client:
        assert url.startswith("http://127.0.0.1:")
        assert client.post(QUERY, json=BODY).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_port_that_is_taken_is_an_error_at_once(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as taken:  # noqa: SIM117 - the second is to fail
        with pytest.raises(OSError, match="in use"), serve(sandbox, port=taken.getsockname()[1]):
            pass


def test_answers_are_compressed_for_those_who_take_that(client):
    plain = client.post(QUERY, json=BODY, headers={"Accept-Encoding": "identity"})
    with client.stream("POST", QUERY, json=BODY, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2


@pytest.mark.parametrize(
    ("where", "reason"),
    [("before", "disconnected without sending a response"), ("inside", "without sending complete message body")],
)
def test_a_connection_is_dropped_and_the_next_one_is_served(client, sandbox, where, reason):
    sandbox.faults = Faults(on("query", drop=where, times=1))
    with pytest.raises(httpx.RemoteProtocolError, match=reason):
        client.post(QUERY, json=BODY)
    assert client.post(QUERY, json=BODY).status_code == 200


def test_a_slow_body_comes_in_pieces(client, sandbox):
    sandbox.faults = Faults(on("query", slow=0.2))
    with client.stream("POST", QUERY, json=BODY, headers={"Accept-Encoding": "identity"}) as response:
        pieces = list(response.iter_raw())
    assert len(pieces) > 3
    assert response.elapsed.total_seconds() > 0.1


def test_requests_at_the_same_time_are_all_served(client):
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: client.post(QUERY, json=BODY).status_code, range(16)))
    assert statuses == [200] * 16


def test_the_blocking_server_serves_until_it_is_interrupted():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = f"from genesys_assets.sandbox import Sandbox, run; run(Sandbox(conversations_per_day=1), {port})"
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
    try:
        transport = httpx.HTTPTransport(retries=8)  # waits 0.5, 1, 2, ... seconds for the port
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/api/v2/tokens/me").status_code == 401
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
