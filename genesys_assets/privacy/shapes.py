"""What a kept field may hold: an id, an instant, a number or a code, and in a few fields a name that was configured.

Belongs here: what a value has to look like to be stored as it is. A field is kept because of what Genesys Cloud
documents of it; a server, a bot or an integration may put any text there. Which fields are kept is `fields`' business.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from genesys_assets.privacy.fields import KEYS, NAMES, NUMBERS
from genesys_assets.privacy.pseudonyms import folded

_INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
_ID = r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:[@:/](?![\w.:/-]*\d{5})[\w.:/-]{1,100})?"
_NUMBER = r"-?\d{1,4}(?:\.\d{1,6})?"
_CODE = r"(?!hmac:)(?!.*\d{5})(?!.*\d(?:[\W_]?\d){6})[a-z_*][\w.:/-]{0,119}"
_PLAIN = re.compile(rf"{_INSTANT}|{_ID}|{_NUMBER}|{_CODE}|", re.IGNORECASE | re.ASCII)
_PERSONAL = re.compile(r"@|^hmac:|\d(?:[\W_]*\d){6}")
_LONGEST_NAME = 200
_FEW_DIGITS = 100_000

Judge = Callable[[Any], bool]


@lru_cache(maxsize=8_192)  # a document repeats its instants, all documents repeat their codes
def is_plain(text: str) -> bool:
    """Return whether a text is an id, a timestamp, a short number or a code: one word without address or long number.

    Example:
        >>> [is_plain(text) for text in ("ININ-WRAP-UP-TIMEOUT", "2026-11-20T09:00:00.000Z", "+49 30 12345", "Ada L.")]
        [True, True, False, False]
    """
    return _PLAIN.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Return whether a text may be the name of a flow, a form or a rule: no address, no long number."""
    return len(text) <= _LONGEST_NAME and not _PERSONAL.search(folded(unquote(text)))


def holds(name: str, value: Any) -> bool:
    """Return whether a field that is neither a name nor a key holds what may be stored as it is."""
    kind = type(value)
    if kind is str:
        return is_plain(value)
    if kind is int or kind is float:
        return name in NUMBERS or -_FEW_DIGITS < value < _FEW_DIGITS
    return kind is bool or value is None


def judge_of(name: str) -> Judge:
    """Return the function that tells whether a value of this field may be stored as it is."""
    if name in KEYS:
        return lambda value: type(value) in (str, int)
    if name in NAMES:
        return lambda value: is_name(value) if type(value) is str else holds(name, value)
    return lambda value: holds(name, value)
