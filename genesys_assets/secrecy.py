"""Keeping this process's secrets out of errors, logs and whatever else it writes.

Belongs here: which secrets there are, what replaces them in a text, and which libraries must not log requests. A server
may send back what it was sent, so every error of the project, and every text from outside, is cleaned here. Imports
nothing of the project.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from urllib.parse import quote

INSTEAD = "[redacted]"
SHORTEST = 8
"""A shorter secret is not replaced, since it may occur as a word: the sandbox's secret is `sandbox`."""
OF_OTHERS = (
    "PGPASSWORD",
    "DAGSTER_POSTGRES_PASSWORD",
    "MOTHERDUCK_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_SECRET",
)
"""Environment variables with secrets that libraries read by themselves."""
TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")
"""Loggers that log each request, with its query string and the headers of its response."""

_MOST = 100
_lock = threading.Lock()
_known: dict[str, None] = {}
_is_secretive: ContextVar[bool] = ContextVar("is_secretive", default=False)

_NAMED = r"(?<!\w)\w{0,40}(?:password|token|secret|api_?key)\w{0,20}\s*=\s*"
_FORMS = (
    (r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", rf"\1 {INSTEAD}"),
    (r"(\b[a-z][\w+.-]{0,20}://)[^\s/?#@'\"]{1,500}@", rf"\1{INSTEAD}@"),
    (r"(\bhttps?://[^\s?#'\"<>]{1,2000})\?[^\s'\"<>)]+", rf"\1?{INSTEAD}"),
    (rf"({_NAMED})('(?:[^'\\]|\\.)*'|[^\s&\"']+)", rf"\1{INSTEAD}"),
)
"""What looks like a secret, known or not: credentials in a header or a URL, a query string, a parameter."""


def remember(*secrets: str) -> None:
    """Remember secrets, so that no text shows them from now on; beyond a limit, the oldest are forgotten."""
    with _lock:
        for secret in secrets:
            _known.pop(secret, None)
            _known[secret] = None
        for oldest in list(_known)[:-_MOST]:
            del _known[oldest]


def without_own(text: str) -> str:
    """Return the text without the secrets that this process knows, however they are encoded."""
    found = _pattern(tuple(_known), tuple(os.environ.get(name, "") for name in OF_OTHERS))
    return found.sub(INSTEAD, text) if found else text


def redacted(text: str) -> str:
    """Return the text without the secrets that this process knows, and without anything that looks like one.

    Example:
        >>> redacted("no way to https://hooks.example.com/a?key=1: Bearer eyJhbGciOi")
        'no way to https://hooks.example.com/a?[redacted] Bearer [redacted]'
    """
    text = without_own(text)
    for form, instead in _FORMS:
        text = re.sub(form, instead, text, flags=re.IGNORECASE)
    return text


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep libraries from logging the requests of the block, at any level."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_filter)
    token = _is_secretive.set(True)
    try:
        yield
    finally:
        _is_secretive.reset(token)


def _filter(_: logging.LogRecord) -> bool:
    return not _is_secretive.get()


@lru_cache(maxsize=4)
def _pattern(known: tuple[str, ...], others: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern that finds any of these secrets, the longest first, so that no part of one is left."""
    secrets = {secret.strip() for secret in (*known, *others) if len(secret.strip()) >= SHORTEST}
    spelt = {form for secret in secrets for form in _spellings(secret)}
    if not spelt:
        return None
    return re.compile("|".join(map(re.escape, sorted(spelt, key=lambda form: (-len(form), form)))), re.IGNORECASE)


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    yield base64.b64encode(secret.encode(errors="surrogatepass")).decode().rstrip("=")
