"""What all sessions of one OAuth client in this process have in common: its token and its pace.

One login serves every step of a run, and parallel steps stay under the limit together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from genesys_assets.genesys.api.auth import Credentials, Token
from genesys_assets.genesys.api.rate_limiter import Pace
from genesys_assets.genesys.api.regions import Hosts


@dataclass(slots=True)
class Shared:
    """The token of an OAuth client (None: not logged in yet) and the pace of its requests."""

    pace: Pace
    token: Token | None = None


_known: dict[tuple[object, ...], Shared] = {}
_lock = threading.Lock()


def shared_by_process(
    hosts: Hosts, credentials: Credentials, requests_per_minute: int, clock: Callable[[], float]
) -> Shared:
    """Return what this process shares for these hosts, credentials, pace and clock."""
    with _lock:
        return _known.setdefault((hosts, credentials, requests_per_minute, clock), Shared(Pace(requests_per_minute)))
