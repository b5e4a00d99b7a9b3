"""Pseudonyms: under one key, the same contact has the same pseudonym, and only the key's holder can find out whose.

Belongs here: what counts as the same, and the HMAC. Which values need a pseudonym is `fields`' business.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from functools import lru_cache

LEAST_KEY_CHARACTERS = 16
"""Telephone numbers can all be tried: what keeps a pseudonym from being looked up is the key alone."""

PREFIX = "hmac:"
DIGITS = 32
"""Hexadecimal digits of a pseudonym: 128 bits, so that two of a thousand million contacts do not meet."""

_CACHED = 4096
_FEWEST_PHONE_DIGITS = 5
_IN_BRACKETS = re.compile(r"<([^<>]+)>\s*$")
_SCHEME = re.compile(r"(tel|sips?|callto|mailto|sms):\s*")
_PARAMETERS = re.compile(r"[;?].*", re.DOTALL)
_PHONE = re.compile(r"\+?[\d\s().\-/]+")


def normalised(text: str) -> str:
    """Returns what all spellings of an address, a number or a name have in common.

    Case, white space and `Name <address>` around an address do not count, nor do the scheme and the parameters of
    `tel:`, `sip:` and `mailto:` addresses, the host of a SIP address whose user is a telephone number, and whatever
    structures a number. Country codes are not guessed.
    """
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    bracketed = _IN_BRACKETS.search(text)
    if bracketed:
        text = bracketed.group(1).strip()
    scheme = _SCHEME.match(text)
    if scheme:
        text = _PARAMETERS.sub("", text[scheme.end() :])
    user = text.partition("@")[0] if scheme and scheme.group(1).startswith("sip") else text
    return _phone(user) or " ".join(text.split())


def _phone(text: str) -> str | None:
    """Returns a telephone number's digits, with its plus; None when the text is none."""
    if not _PHONE.fullmatch(text):
        return None
    if text.startswith("+"):
        text = text.replace("(0)", "", 1)  # +49 (0)30...: the zero is dialled at home only
    digits = "".join(character for character in text if character.isdecimal())
    if len(digits) < _FEWEST_PHONE_DIGITS:
        return None
    return f"+{digits}" if text.startswith("+") else digits


class Pseudonyms:
    """Pseudonyms under one key.

    Args:
        key: The key; it is neither shown nor stored.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        # A conversation repeats its numbers in every session: 80 % of the lookups hit.
        self.of = lru_cache(maxsize=_CACHED)(self._of)

    def __repr__(self) -> str:
        return "Pseudonyms(...)"

    def _of(self, text: str) -> str:
        return PREFIX + hmac.digest(self._key, normalised(text).encode(), "sha256").hex()[:DIGITS]
