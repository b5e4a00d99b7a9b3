"""What is no HTTP, or not quite, over a real connection: an error of the project, from login and API alike."""

import asyncio
import socket
import threading
from contextlib import suppress

import pytest

from genesys_assets.genesys import Credentials, GenesysCloud, GenesysError, Hosts, data_availability
from genesys_assets.sources import CONVERSATIONS
from genesys_assets_tests.genesys.hostile import GRANTED

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
ANSWERS = {
    "nothing": b"",
    "no http": b"hello\r\n\r\n",
    "every byte": bytes(range(256)) * 10,
    "ssh": b"SSH-2.0-OpenSSH_9\r\n",
    "http 0.9": b"{}",
    "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "status -1": b"HTTP/1.1 -1 x\r\n\r\n",
    "status 099": b"HTTP/1.1 099 x\r\ncontent-length: 0\r\n\r\n",
    "status 101": b"HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n{}",
    "status 999": b"HTTP/1.1 999 x\r\ncontent-length: 2\r\n\r\n{}",
    "a hundred times 100": b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
    "two lengths": OK + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "negative length": OK + b"content-length: -2\r\n\r\n{}",
    "length beyond 64 bits": OK + b"content-length: 999999999999999999999\r\n\r\n{}",
    "long header": OK + b"x: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "many headers": OK + b"x: a\r\n" * 200_000 + b"\r\n",
    "NUL in a header": OK + b"x: a\x00b\r\ncontent-length: 2\r\n\r\n{}",
    "no text in a header": OK + b"inin-correlation-id: \xff\xfe\x1b[31m\r\ncontent-length: 1\r\n\r\n{",
    "folded header": OK + b"x: a\r\n b\r\n c\r\ncontent-length: 1\r\n\r\n{",
    "cookie": OK + b"set-cookie: \xff=\xfe; expires=Mon, 99 Foo 99999\r\ncontent-length: 1\r\n\r\n{",
    "charset": OK + b"content-type: text/html; charset=\xff\r\ncontent-length: 1\r\n\r\n{",
    "redirect": b"HTTP/1.1 302 x\r\nlocation: http://xn--a/\r\ncontent-length: 0\r\n\r\n",
    "no chunk": CHUNKED + b"zz\r\n",
    "chunk beyond 64 bits": CHUNKED + b"ffffffffffffffffffff\r\n{}",
    "chunk with a long extension": CHUNKED + b"2;" + b"x" * 1_000_000,
    "many trailers": CHUNKED + b"0\r\n" + b"a: b\r\n" * 100_000,
    "gzip as transfer encoding": OK + b"transfer-encoding: gzip\r\n\r\n{}",
}


@pytest.fixture(params=ANSWERS.values(), ids=ANSWERS)
def raw(request):
    return request.param


@pytest.fixture(params=["login", "API"])
def url(request, raw):
    """A server that says `raw` to whatever it is asked, but for a login where the API is meant."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                asked = connection.recv(65_536)
                is_meant = request.param == "login" or not asked.startswith(b"POST /oauth/token")
                connection.sendall(raw if is_meant else OK + b"content-length: %d\r\n\r\n" % len(GRANTED) + GRANTED)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_what_is_no_http_is_an_error_of_the_project(url):
    async def at_once(_seconds):
        await asyncio.sleep(0)

    async def ask():
        async with GenesysCloud(Hosts(url, url), Credentials(url, "the-secret"), sleep=at_once) as cloud:
            await data_availability(cloud, CONVERSATIONS)

    with pytest.raises(GenesysError) as failed:
        asyncio.run(ask())
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 1_000
