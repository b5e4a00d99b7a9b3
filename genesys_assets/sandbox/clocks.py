"""The clocks that the contact centre works by: its local days and hours, and the instants at which they begin.

Genesys Cloud itself knows no such clocks: only when people call and agents work follows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - by whatever clocks
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Clocks:
    """Clocks that show the time of a zone.

    Attributes:
        zone: The time zone.
    """

    zone: ZoneInfo

    def day_at(self, instant: int) -> int:
        """Return the local day of an instant (epoch milliseconds), in days since the epoch."""
        local = datetime.fromtimestamp(instant // 1_000, self.zone)
        return (local.replace(tzinfo=None) - _EPOCH).days

    def instant(self, day: int, hour: int) -> int:
        """Return the instant at which an hour of a local day begins; one that is left out begins an hour later."""
        return _instant(self.zone, day, hour)


@lru_cache(maxsize=100_000)
def _instant(zone: ZoneInfo, day: int, hour: int) -> int:
    local = (_EPOCH + timedelta(days=day, hours=hour)).replace(tzinfo=zone)
    return (local.astimezone(UTC) - _EPOCH.replace(tzinfo=UTC)) // _MILLISECOND
