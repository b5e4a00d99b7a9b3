"""What a kept field may hold: an id, a timestamp, a number or a code, and in a few fields a configured name.

Belongs here: what a value has to look like to be stored as it is. A field is kept because of what Genesys Cloud
documents of it, but a server, a bot or an integration may put any text there. `fields` says which fields are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from genesys_assets.privacy.fields import Record
from genesys_assets.privacy.pseudonyms import folded

_TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
_ID = r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:[@:/](?![\w.:/-]*\d{5})[\w.:/-]{1,100})?"
_NUMBER = r"-?\d{1,4}(?:\.\d{1,6})?"
_CODE = r"(?!hmac:)(?!.*\d{5})(?!.*\d(?:[\W_]?\d){6})[a-z_*][\w.:/-]{0,119}"
_PLAIN = re.compile(rf"{_TIMESTAMP}|{_ID}|{_NUMBER}|{_CODE}|", re.IGNORECASE | re.ASCII)
_PERSONAL = re.compile(r"@|^hmac:|\d(?:[\W_]*\d){6}")
_LONGEST_NAME = 200
_FEW_DIGITS = 100_000

Test = Callable[[Any], bool]
TestOfField = Callable[[str, Any], bool]


@lru_cache(maxsize=8_192)  # a document repeats its timestamps, and all documents repeat their codes
def is_plain(text: str) -> bool:
    """Return whether a text is an id, a timestamp, a short number or a code: one word without address or long number.

    Example:
        >>> [is_plain(text) for text in ("ININ-WRAP-UP-TIMEOUT", "2026-11-20T09:00:00.000Z", "+49 30 12345", "Ada L.")]
        [True, True, False, False]
    """
    return _PLAIN.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Return whether a text may be the name of a flow, a form or a rule: it has no address and no long number."""
    return len(text) <= _LONGEST_NAME and not _PERSONAL.search(folded(unquote(text)))


def plain_in(numbers: Set[str]) -> TestOfField:
    """Return the test whether a field holds what may be stored as it is, unless it is a name or a key.

    Args:
        numbers: The fields that hold numbers.
    """

    def holds(name: str, value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return is_plain(value)
        if kind is int or kind is float:
            return name in numbers or -_FEW_DIGITS < value < _FEW_DIGITS
        return kind is bool or value is None

    return holds


def may_hold(record: Record, name: str) -> Test:
    """Return the test that a value of this kept field of a record passes if it may be stored as it is."""
    holds = plain_in(record.numbers)
    if name in record.keys:
        return lambda value: type(value) in (str, int)
    if name in record.names:
        return lambda value: is_name(value) if type(value) is str else holds(name, value)
    return lambda value: holds(name, value)
