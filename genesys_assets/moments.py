"""`moment`: the instant that a timestamp of Genesys Cloud's names. Whoever reads timestamps reads them by this.

Belongs here: the one definition of which texts name an instant, and which instant. `tables.timestamps` reads whole
columns, the usual form by a parser of its own that agrees with this one.
"""

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)[Tt ](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(?:[Zz]|([+-]\d\d):?(\d\d)?)", re.ASCII
)


def moment(text: str) -> datetime | None:
    """Return the instant that a text names, in UTC and to the microsecond; None when it names none.

    ISO 8601 with any fraction of a second or none (digits beyond microseconds are cut, never rounded up into the next
    day), and `Z` or an offset. A leading zero may lack ('2021-04-2T...' is seen in real records), `t`, `z` and a space
    for `T` may stand; a leap second is the one after it. A text without `Z` or offset names no instant.
    """
    if text[10:11] == "T" and text[-1] == "Z":  # nearly all are: in a fifth of the time
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    try:
        form = _FORM.fullmatch(text)
        return None if form is None else _of(*form.groups())
    except (ValueError, OverflowError):  # no such day, or one that no calendar has
        return None


def _of(*parts: str | None) -> datetime:
    year, month, day, hour, minute, second, fraction, hours, minutes = (part or "0" for part in parts)
    leap = second == "60"
    clock = f"{hour:0>2}:{minute:0>2}:{59 if leap else second:0>2}.{fraction[:6]:0<6}"
    zone = "+00:00" if hours == "0" else f"{hours}:{minutes:0>2}"
    at = datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{clock}{zone}").astimezone(UTC)
    return at + timedelta(seconds=1) if leap else at
