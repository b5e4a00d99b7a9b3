"""Pseudonyms: under one key a contact always has the same one, and only who holds the key can find out whose it is.

Belongs here: which spellings are the same contact, and the HMAC. `fields` says which values get a pseudonym.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote

LEAST_KEY_CHARACTERS = 16
"""All telephone numbers can be tried, so the key alone keeps anyone from finding the number of a pseudonym."""

PREFIX = "hmac:"
DIGITS = 32
"""Hexadecimal digits of a pseudonym: 128 bits, so that no two of a thousand million contacts share one."""

_CACHED = 4096
_LEAST_DIFFERENT, _LEAST_UNFORESEEN = 6, 8
_FAVOURITES = re.compile(
    r"passwor[dt]|passphrase|secret|qwert[yz]|asdf|changeme|letmein|genesys|privacy|key", re.IGNORECASE
)
_FEWEST_PHONE_DIGITS = 5
_IN_BRACKETS = re.compile(r"<([^<>]+)>\s*$")
_SCHEME = re.compile(r"(tel|sips?|callto|mailto|smsto|sms|whatsapp|phone|fax):(?://)?\s*")
_PARAMETERS = re.compile(r"[;?].*", re.DOTALL)
_PHONE = re.compile(r"\+?[\d\s().\-/]+")
_DASHES = re.compile("[\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}\N{MIDDLE DOT}\N{BULLET}]")
_HIDDEN = ("Cc", "Cf")
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u20e3\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Invisible characters of other categories: fillers, joiners and variation selectors."""
_MOST_LAYERS = 3
"""How often an encoded spelling may be encoded again, such as a percent-encoded percent sign."""


def normalised(text: str) -> str:
    """Return what all spellings of an address, a number or a name have in common.

    Case, white space and `Name <address>` around an address do not count, nor do the scheme and the parameters of
    `tel:`, `sip:` and `mailto:` addresses, the host of a SIP address whose user is a telephone number, characters that
    cannot be seen, percent signs in front of encoded ones, and whatever structures a number. Country codes are not
    guessed.
    """
    text, is_sip, is_address = folded(text), False, False
    for _ in range(_MOST_LAYERS):
        before = text
        bracketed = _IN_BRACKETS.search(text)
        text = bracketed.group(1).strip() if bracketed else text
        scheme = _SCHEME.match(text)
        if scheme:
            is_address, is_sip = True, scheme.group(1).startswith("sip")
            text = _PARAMETERS.sub("", text[scheme.end() :])
        decoded = folded(unquote(text))
        if is_address or _SCHEME.match(decoded) or _phone(decoded) or ("@" in decoded and "@" not in text):
            text = decoded
        if text == before:
            break
    user = text.partition("@")[0].partition(":")[0] if is_sip else text
    return _phone(user) or " ".join(text.split())


def weakness(key: str) -> str | None:
    """Return why a key can be guessed, worded to follow its name; None when no reason is found."""
    if len(key) < LEAST_KEY_CHARACTERS:
        return f"is shorter than {LEAST_KEY_CHARACTERS} characters"
    core = _FAVOURITES.sub("", key.strip())
    period = next((size for size in range(1, len(core)) if core == (core[:size] * len(core))[: len(core)]), len(core))
    core = core[:period]
    unforeseen = 1 + sum(abs(ord(after) - ord(before)) > 1 for before, after in pairwise(core))
    if len(set(core)) < _LEAST_DIFFERENT or unforeseen < _LEAST_UNFORESEEN:
        return "is made of few characters, runs or repetitions, or of words that everybody tries"
    return None


def folded(text: str) -> str:
    """Return a text without case and without invisible characters, in the plainest characters that mean the same."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if plain.isascii() and plain.isprintable():
        return plain.strip()
    seen = (character for character in plain if character.isspace() or unicodedata.category(character) not in _HIDDEN)
    return _BLANK.sub("", "".join(seen)).strip()


def _phone(text: str) -> str | None:
    """Return a telephone number's digits, with its plus; None when the text is not a number."""
    text = _DASHES.sub("-", text)
    if not _PHONE.fullmatch(text):
        return None
    if text.startswith("+"):
        text = text.replace("(0)", "", 1)  # +49 (0)30...: the zero is dialled at home only
    digits = "".join(str(unicodedata.decimal(character)) for character in text if character.isdecimal())
    if len(digits) < _FEWEST_PHONE_DIGITS:
        return None
    return f"+{digits}" if text.startswith("+") else digits


class Pseudonyms:
    """Pseudonyms under one key.

    Args:
        key: The key, which is never shown or stored.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode(errors="surrogateescape")
        # A conversation repeats its numbers in every session: 80 % of the lookups hit.
        self.of = lru_cache(maxsize=_CACHED)(self._of)

    def __repr__(self) -> str:
        return "Pseudonyms(...)"

    def _of(self, text: str) -> str:
        return PREFIX + hmac.digest(self._key, normalised(text).encode(errors="surrogatepass"), "sha256").hex()[:DIGITS]
