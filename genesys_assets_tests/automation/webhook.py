"""A webhook over HTTP on this machine, as a chat has one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


class Hook(HTTPServer):
    """A webhook that keeps what it is sent, and answers 503 to the messages that name something."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.texts: list[str] = []
        self.refuses = "nothing"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Answering(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        refused = self.server.refuses in text
        if not refused:
            self.server.texts.append(text)
        self.send_response(503 if refused else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def listening() -> Iterator[Hook]:
    """The webhook, for as long as the block."""
    with Hook() as hook:
        Thread(target=hook.serve_forever, daemon=True).start()
        yield hook
        hook.shutdown()
