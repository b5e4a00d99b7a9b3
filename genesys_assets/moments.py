"""`moment`, which parses a timestamp of Genesys Cloud. All readers of timestamps use it.

Belongs here: the one definition of which texts name an instant, and which instant. `tables.timestamps` reads whole
columns, the usual form by a parser of its own that agrees with this one.
"""

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)[Tt ](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(?:[Zz]|([+-]\d\d):?(\d\d)?)", re.ASCII
)


def moment(text: str) -> datetime | None:
    """Return the instant of a timestamp, in UTC and to the microsecond; None if the text is not a timestamp.

    It is ISO 8601 with `Z` or an offset and, optionally, a fraction of a second. Digits beyond microseconds are cut, so
    that none is rounded up into the next day. Leading zeros may be missing ('2021-04-2T...' occurs in real records);
    `t`, a space or `z` may replace `T` and `Z`. A leap second is read as the second after it.
    """
    if text[10:11] == "T" and text[-1] == "Z":  # nearly all are, and this takes a fifth of the time
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    try:
        form = _FORM.fullmatch(text)
        return None if form is None else _of(*form.groups())
    except (ValueError, OverflowError):  # no such date, or one outside the calendar
        return None


def _of(*parts: str | None) -> datetime:
    year, month, day, hour, minute, second, fraction, hours, minutes = (part or "0" for part in parts)
    leap = second == "60"
    clock = f"{hour:0>2}:{minute:0>2}:{59 if leap else second:0>2}.{fraction[:6]:0<6}"
    zone = "+00:00" if hours == "0" else f"{hours}:{minutes:0>2}"
    at = datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{clock}{zone}").astimezone(UTC)
    return at + timedelta(seconds=1) if leap else at
