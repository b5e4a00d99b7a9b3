"""organisation.json: whose exports a destination holds, so that another organisation's do not replace them.

What belongs here: the document and the rule. Which organisation it is, the caller says.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from genesys_assets.exports.destination import Destination, ExportError
from genesys_assets.exports.latest import LATEST_PATH
from genesys_assets.texts import line
from genesys_assets.variables import variable_of

OWNER_PATH = "organisation.json"


class Owner(msgspec.Struct, frozen=True, omit_defaults=True):
    """An organisation, as the database that is exported is pinned to it.

    Attributes:
        organisation_id: Its id, or `sandbox`.
        organisation: Its name.
        key_prefix: What its names in Dagster begin with, where one Dagster has several.
    """

    organisation_id: str
    organisation: str
    key_prefix: str | None = None


def claim(
    destination: Destination,
    owner: Owner,
    also: frozenset[str] = frozenset(),
    queue_ids: Callable[[], frozenset[str]] = frozenset,
) -> None:
    """Check that a destination is the owner's, and claim it when it is nobody's yet.

    Args:
        destination: Where the exports go.
        owner: The organisation whose exports they are.
        also: Other ids by which the same organisation was known before.
        queue_ids: Returns the ids of the owner's queues, by which older exports that name no owner are recognised.

    Raises:
        ExportError: The destination holds another organisation's exports; nothing was written.
    """
    content = msgspec.json.format(msgspec.json.encode(owner), indent=2)

    def owned(present: bytes | None) -> bytes | None:
        if present is None:
            _refuse_latest(destination, owner, queue_ids)
            return content
        found = _read(destination, present)
        if found.organisation_id != owner.organisation_id and found.organisation_id not in also:
            raise ExportError(
                f"{destination.address(OWNER_PATH)} says that the exports there are those of {_label(found)}, and "
                f"these are of {_label(owner)}: nothing was written. Set {variable_of('export_url')} to a destination "
                "of their own."
            )
        if found.key_prefix != owner.key_prefix:
            raise ExportError(
                f"{destination.address(OWNER_PATH)} says that the exports there are those of the key prefix "
                f"{_prefix(found)}, and these are of {_prefix(owner)}: nothing was written. Set "
                f"{variable_of('export_url')} to a destination of their own, or remove that file if all of these "
                "exports are this organisation's."
            )
        return None if found == owner else content

    present = destination.read(OWNER_PATH)
    if present is None or owned(present) is not None:
        destination.update(OWNER_PATH, owned)


class _Queue(msgspec.Struct):
    queue_id: str


class _Latest(msgspec.Struct):
    organisation: str | None = None
    queues: list[_Queue] = []


def _refuse_latest(destination: Destination, owner: Owner, queue_ids: Callable[[], frozenset[str]]) -> None:
    """Refuse a destination without organisation.json whose latest.json is another organisation's."""
    try:
        latest = msgspec.json.decode(destination.read(LATEST_PATH) or b"{}", type=_Latest)
    except msgspec.MsgspecError:
        return
    if latest.organisation is not None:
        whose, is_owners = f'of "{line(latest.organisation)}"', latest.organisation == owner.organisation
    else:
        queues = {queue.queue_id for queue in latest.queues}
        whose, is_owners = "of queues that the database does not know", not queues or bool(queues & queue_ids())
    if not is_owners:
        raise ExportError(
            f"{destination.address(LATEST_PATH)} is {whose}, and these exports are of {_label(owner)}: nothing was "
            f"written. Set {variable_of('export_url')} to a destination of their own."
        )


def _label(owner: Owner) -> str:
    """Return the organisation as messages name it."""
    return f'"{line(owner.organisation)}" ({line(owner.organisation_id)})'


def _prefix(owner: Owner) -> str:
    return line(owner.key_prefix or "(none)")


def _read(destination: Destination, content: bytes) -> Owner:
    try:
        return msgspec.json.decode(content, type=Owner)
    except msgspec.MsgspecError:
        raise ExportError(
            f"{destination.address(OWNER_PATH)} does not say whose exports are there: nothing was written. Restore it, "
            "or remove it if all of these exports are this organisation's."
        ) from None
