"""The types of settings, each of which parses a text, and says what to write instead of an invalid one.

Belongs here: the types. `organisation` defines the settings.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, PlainValidator, SecretStr, WithJsonSchema
from pydantic_settings import NoDecode

from genesys_assets import files, windows
from genesys_assets.errors import ProjectError
from genesys_assets.variables import Variable

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_URL = re.compile(r"[a-z]+://[^\s@#\\<>\"'`{}|^\x00-\x20\x7f-\U0010ffff]+")
"""No user, no fragment, nothing that must be encoded."""
_HOST = re.compile(r"(?!-)(?:[a-z0-9_-]{1,63}\.)*[a-z][a-z0-9-]{0,62}\.?", re.IGNORECASE)


GROUPS = ("raw", "staging", "marts", "directory", "exports", "reports")
"""What the keys of assets begin with: a key prefix is none of them."""
_PREFIX = re.compile(r"[a-z][a-z0-9_]*")

_OWN = "Value error, "
"""The prefix that pydantic adds to the text of a ValueError."""


class SettingsError(ProjectError):
    """Settings that cannot be used; the text says which, why, and what to write instead."""


def refused(error: Mapping[str, Any], secrets: Collection[str]) -> str:
    """Return the sentence for one of pydantic's errors: which variable cannot be used, and what to write instead."""
    name, shown = str(error["loc"][0]), repr(str(error["input"]))
    return f"{name}: {'its value' if name in secrets else shown} cannot be used: {instead(error)}."


def instead(error: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says to write instead."""
    if error["type"] == "literal_error":
        choices = str(error["ctx"]["expected"]).replace("'", "")
        return f"write one of {choices.replace(' or ', ', ')}"
    return str(error["msg"]).removeprefix(_OWN)


def day(text: str) -> date | None:
    """Parse a day, written YYYY-MM-DD.

    Raises:
        ValueError: The text is not one.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if str(day) != text:  # Python reads 20260101 and 2026-W01-1 too, Dagster's partitions do not
        raise ValueError("write a date as YYYY-MM-DD, for example 2026-01-01")
    return day


def flag(text: str) -> bool:
    """Parse true or false.

    Raises:
        ValueError: The text is neither.
    """
    if text not in ("true", "false"):
        raise ValueError("write one of true, false")
    return text == "true"


def count(least: int) -> Callable[[str], int]:
    """Return a parser of whole numbers, `least` or more."""

    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"write a whole number, {least} or more")
        return int(text)

    return parse


def share(text: str) -> float:
    """Parse a share from 0 up to, not including, 1.

    Raises:
        ValueError: The text is not one.
    """
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise ValueError("write a share from 0 up to, not including, 1, for example 0.001")
    return share


def hour(text: str) -> int:
    """Parse an hour of a day.

    Raises:
        ValueError: The text is not one.
    """
    if not text.isdecimal() or int(text) > 23:  # noqa: PLR2004 - hours of a day
        raise ValueError("write an hour from 0 to 23")
    return int(text)


def counts(text: str) -> tuple[int, ...]:
    """Parse whole numbers, 1 or more, with commas between them.

    Raises:
        ValueError: The text is not one.
    """
    try:
        return tuple(count(1)(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("write whole numbers, 1 or more, with commas between them, for example 2,3,4") from None


def base_url(text: str) -> str:
    """Parse a URL of http or https; return it without a trailing slash.

    Raises:
        ValueError: The text is not one.
    """
    parts = _url(text)
    if parts is None or parts.scheme not in ("http", "https") or "?" in text:
        raise ValueError("write a URL such as https://dagster.example.com, without user, query and fragment")
    return text.rstrip("/")


def webhook(text: str) -> str:
    """Parse a URL to post to: https, since whoever reads the URL can post as well; http on this machine only.

    Raises:
        ValueError: The text is not one.
    """
    parts = _url(text)
    if parts is None or (parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)):
        raise ValueError("write the URL that the chat gave you, which begins with https:// and a host")
    return text


def _url(text: str) -> SplitResult | None:
    """Return the parts of a URL with a plain host, without user and fragment; None if it is not such a URL."""
    if not _URL.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        is_host = bool(_HOST.fullmatch(parts.hostname or "")) or bool(ip_address(parts.hostname or ""))
        is_port = bool(parts.port) or ":" not in parts.netloc.rpartition("]")[2]
    except ValueError:  # no port, no end of an IPv6 address, no host at all
        return None
    return parts if is_host and is_port else None


def key_prefix(text: str) -> str:
    """Read what the names of an organisation's definitions begin with.

    Raises:
        ValueError: The text cannot be that.
    """
    if not _PREFIX.fullmatch(text):
        raise ValueError("write a letter, then letters, digits and underscores, all in lower case, for example emea")
    if text in GROUPS:
        raise ValueError(
            f"keys of assets begin with {', '.join(GROUPS)} as it is: write another name, for example emea"
        )
    return text


def time_zone(text: str) -> str:
    """Parse the name of a time zone.

    Raises:
        ValueError: The text is not one.
    """
    try:
        return ZoneInfo(text).key
    except (ValueError, KeyError, OSError):
        raise ValueError("write a time zone's name, for example Europe/Berlin") from None


def fits_the_zone(minutes: int, zone: ZoneInfo) -> None:
    """Refuse a length of intervals that would begin in the middle of an hour's quarter by the clocks of a zone.

    Raises:
        ValueError: The zone is, at some time of the year, no whole number of such intervals off UTC.
    """
    lengths = windows.INTERVAL_MINUTES
    fitting = [length for length in lengths if windows.is_off_utc_by_whole(timedelta(minutes=length), zone)]
    if minutes not in fitting:
        written = " or ".join(map(str, fitting))
        raise ValueError(
            f"intervals of {zone.key} are {written} minutes long, since its clocks are not always whole "
            f"multiples of {minutes} minutes off UTC: write {written}"
        )


def _umask(text: str) -> str:
    files.umask_of(text)
    return text


def _minutes(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _text(value: object) -> str | Variable:
    """Return a text as it is; a variable that Dagster is to read as the project's type of it."""
    if isinstance(name := getattr(value, "env_var_name", None), str):
        return Variable(name)
    if not isinstance(value, str | Variable):
        raise ValueError("write a text, or name the variable that has it")  # noqa: TRY004 - pydantic tells a ValueError
    return value


def _secret(value: object) -> SecretStr | Variable:
    text = value if isinstance(value, SecretStr) else _text(value)
    return SecretStr(text) if isinstance(text, str) else text


class _OneOfTheZones:
    """The JSON schema of a time zone's name: one of those that this machine knows."""

    @staticmethod
    def __get_pydantic_json_schema__(*_: object) -> dict[str, object]:
        return {"type": "string", "enum": sorted(available_timezones())}


def _by(read: Callable[[str], object]) -> BeforeValidator:
    """Return a validator that parses a setting's text; a value that is no text has to obey the same rule."""
    return BeforeValidator(lambda value: read(text_of(value)))


def text_of(value: object) -> str:
    """Return the text of a value in the environment."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ",".join(map(str, value))
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _whole(**bounds: int) -> WithJsonSchema:
    """Return the JSON schema of a whole number within bounds."""
    return WithJsonSchema({"type": "integer", **bounds})


def _like(pattern: str) -> WithJsonSchema:
    """Return the JSON schema of a text that a regular expression matches."""
    return WithJsonSchema({"type": "string", "pattern": pattern})


_COUNTS = {
    "anyOf": [
        {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1},
        {"type": "string", "pattern": r"^\s*[1-9]\d*(\s*,\s*[1-9]\d*)*\s*$"},
    ]
}
"""Whole numbers as a list, or as a text with commas between them."""

Day = Annotated[date, _by(day), _like(r"^\d{4}-\d{2}-\d{2}$")]
Flag = Annotated[bool, _by(flag), WithJsonSchema({"type": "boolean"})]
NotNegative = Annotated[int, _by(count(0)), _whole(minimum=0)]
Positive = Annotated[int, _by(count(1)), _whole(minimum=1)]
MonthOrMore = Annotated[int, _by(count(35)), _whole(minimum=35)]
IntervalMinutes = Annotated[windows.IntervalMinutes, _by(_minutes)]
Share = Annotated[float, _by(share), WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 1})]
Hour = Annotated[int, _by(hour), _whole(minimum=0, maximum=23)]
Counts = Annotated[tuple[int, ...], NoDecode, _by(counts), WithJsonSchema(_COUNTS)]
KeyPrefix = Annotated[str, _by(key_prefix), _like(f"^(?!(?:{'|'.join(GROUPS)})$){_PREFIX.pattern}$")]
BaseUrl = Annotated[str, _by(base_url), _like(r"^https?://[^\s?#]+$")]
TimeZone = Annotated[str, _by(time_zone), _OneOfTheZones]
Umask = Annotated[str, _by(_umask)]
Named = Annotated[str | Variable, NoDecode, PlainValidator(_text), WithJsonSchema({"type": "string"})]
"""A text, or the name of the variable that has it when it is used."""
Secret = Annotated[SecretStr | Variable, NoDecode, PlainValidator(_secret), WithJsonSchema({"type": "string"})]
"""The same of a text that nobody is shown."""
