"""The sandbox over real HTTP, on loopback only."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from genesys_assets.sandbox.app import ABORT
from genesys_assets.sandbox.sandbox import Sandbox

HOST = "127.0.0.1"
_STOPPING_SECONDS = 10


class _CuttableProtocol(H11Protocol):
    """HTTP/1.1 that lets the application cut the connection, which ASGI has no message for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Put the function that cuts this connection into the scope of each of its requests."""
        super().connection_made(transport)
        application = self.app

        async def with_abort(scope: Scope, receive: Receive, send: Send) -> None:
            scope[ABORT] = transport.abort
            await application(scope, receive, send)

        self.app = with_abort


@contextmanager
def serve(sandbox: Sandbox, port: int = 0) -> Iterator[str]:
    """Serve a sandbox in a thread while the context lasts.

    Args:
        sandbox: What is served.
        port: 0 for any free one.

    Yields:
        The base URL of login and API, such as `http://127.0.0.1:43210`.
    """
    with _listener(port) as listener:
        server = uvicorn.Server(_config(sandbox))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
        thread.start()
        try:
            # The socket listens already, so requests that come before the server is up wait for it.
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_STOPPING_SECONDS)


def run(sandbox: Sandbox, port: int = 8080) -> None:
    """Serve a sandbox until the process is interrupted; OSError if the port is taken."""
    with _listener(port) as listener:
        uvicorn.Server(_config(sandbox)).run(sockets=[listener])


def _listener(port: int) -> socket.socket:
    listener = socket.create_server((HOST, port))
    # Connections inherit it. Without it, a response whose head and body are sent separately takes 40 ms longer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _config(sandbox: Sandbox) -> uvicorn.Config:
    return uvicorn.Config(
        sandbox.app,
        http=_CuttableProtocol,
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
