"""What a setting is: an environment variable, how its text is read, and what is said of a text that cannot be used.

What belongs here: the kinds of texts. Which settings there are is `settings`.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from genesys_assets.errors import ProjectError

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_URL = re.compile(r"[a-z]+://[^\s@#\\<>\"'`{}|^\x00-\x20\x7f-\U0010ffff]+")
"""No user, no fragment, nothing that must be encoded."""
_HOST = re.compile(r"(?!-)(?:[a-z0-9_-]{1,63}\.)*[a-z][a-z0-9-]{0,62}\.?", re.IGNORECASE)


class SettingsError(ProjectError):
    """A setting that cannot be used; its text says which, why, and what to write instead."""


@dataclass(frozen=True)
class Setting:
    """One environment variable.

    Attributes:
        name: The variable's name.
        meaning: What it is for, one sentence.
        default: The value when it is not set or empty; None: there is none.
        parse: Turns the text into the value; raises ValueError with the reason.
        secret: Whether the value may be shown.
    """

    name: str
    meaning: str
    default: str | None = None
    parse: Callable[[str], object] = str
    secret: bool = False

    @property
    def is_set(self) -> bool:
        """Return whether the environment has a value for it."""
        return bool(os.environ.get(self.name, "").strip())

    def text(self) -> str | None:
        """Return the text in force, checked.

        Raises:
            SettingsError: The text cannot be used.
        """
        text = os.environ.get(self.name, "").strip() or self.default
        if text is not None:
            self._parsed(text)
        return text

    def integer(self) -> int:
        """Return the value in force of a setting that is a number.

        Raises:
            SettingsError: The text is not such a number.
        """
        return int(str(self._parsed(self.text() or "")))

    def number(self) -> float:
        """Return the value in force of a setting that is a number with a fraction.

        Raises:
            SettingsError: The text is not such a number.
        """
        return float(str(self._parsed(self.text() or "")))

    def integers(self) -> tuple[int, ...]:
        """Return the value in force of a setting that is a list of numbers.

        Raises:
            SettingsError: The text is not such a list.
        """
        numbers = self._parsed(self.text() or "")
        return numbers if isinstance(numbers, tuple) else ()

    def flag(self) -> bool:
        """Return the value in force of a setting that is true or false.

        Raises:
            SettingsError: The text is neither.
        """
        return self.text() == "true"

    def _parsed(self, text: str) -> object:
        try:
            return self.parse(text)
        except (ValueError, KeyError) as error:
            shown = "its value" if self.secret else repr(text)
            raise SettingsError(f"{self.name}: {shown} cannot be used: {error}.") from error


def day(text: str) -> date | None:
    """Read a day, written YYYY-MM-DD.

    Raises:
        ValueError: The text is none.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if str(day) != text:  # Python reads 20260101 and 2026-W01-1 too, Dagster's partitions do not
        raise ValueError("write a date as YYYY-MM-DD, for example 2026-01-01")
    return day


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reader of one of these words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return text

    return parse


def count(least: int) -> Callable[[str], int]:
    """Make a reader of whole numbers, `least` or more."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"write a whole number, {least} or more")
        return int(text)

    return parse


def share(text: str) -> float:
    """Read a share from 0 up to, not including, 1.

    Raises:
        ValueError: The text is none.
    """
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise ValueError("write a share from 0 up to, not including, 1, for example 0.001")
    return share


def hour(text: str) -> int:
    """Read an hour of a day.

    Raises:
        ValueError: The text is none.
    """
    if not text.isdecimal() or int(text) > 23:  # noqa: PLR2004 - hours of a day
        raise ValueError("write an hour from 0 to 23")
    return int(text)


def counts(text: str) -> tuple[int, ...]:
    """Read whole numbers, 1 or more, with commas between them.

    Raises:
        ValueError: The text is none.
    """
    try:
        return tuple(count(1)(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("write whole numbers, 1 or more, with commas between them, for example 2,3,4") from None


def base_url(text: str) -> str:
    """Read a URL of http or https; return it without a slash at its end.

    Raises:
        ValueError: The text is none.
    """
    parts = _url(text)
    if parts is None or parts.scheme not in ("http", "https") or "?" in text:
        raise ValueError("write a URL such as https://dagster.example.com, without user, query and fragment")
    return text.rstrip("/")


def webhook(text: str) -> str:
    """Read a URL to post to: https, since whoever reads the address can post as well; http on this machine only.

    Raises:
        ValueError: The text is none.
    """
    parts = _url(text)
    if parts is None or (parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)):
        raise ValueError("write the URL that the chat gave you, which begins with https:// and a host")
    return text


def _url(text: str) -> SplitResult | None:
    """Return the parts of a URL with a plain host, without user and fragment; None: it is none."""
    if not _URL.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        is_host = bool(_HOST.fullmatch(parts.hostname or "")) or bool(ip_address(parts.hostname or ""))
        is_port = bool(parts.port) or ":" not in parts.netloc.rpartition("]")[2]
    except ValueError:  # no port, no end of an IPv6 address, no host at all
        return None
    return parts if is_host and is_port else None


def time_zone(text: str) -> ZoneInfo:
    """Read a time zone by its name.

    Raises:
        ValueError: The text is none.
    """
    try:
        return ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise ValueError("write a time zone's name, for example Europe/Berlin") from None
