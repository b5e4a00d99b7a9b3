"""An organisation as pinned facts, and the rule by which two of them are the same.

Asking Genesys Cloud does not belong here, nor does what follows from a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genesys_assets.texts import line
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.facts import facts

SANDBOX_ORGANISATION_ID = "26feb593-97fb-5947-a412-a67342a927e3"
"""The id of the sandbox's organisation, which no organisation of Genesys Cloud has."""
SANDBOX, SANDBOX_NAME = "sandbox", "Sandbox"
"""The pinned id and name of the sandbox, in this process or at a URL."""

ID, NAME, CLIENTS = "organisation_id", "organisation_name", "oauth_clients"
_STANDS_IN = "oauth-client "


@dataclass(frozen=True)
class Identity:
    """An organisation.

    Attributes:
        organisation_id: Its id; `sandbox`; or `oauth-client <id>` where Genesys Cloud refuses to disclose it.
        name: Its name.
        clients: The OAuth clients known to belong to it, each with the host of the API.
    """

    organisation_id: str
    name: str
    clients: tuple[str, ...] = ()

    @classmethod
    def disclosed(cls, organisation_id: str, name: str, client_id: str, host: str) -> Identity:
        """Return the identity of an organisation whose id and name Genesys Cloud discloses to an OAuth client."""
        if organisation_id == SANDBOX_ORGANISATION_ID:
            return cls(SANDBOX, SANDBOX_NAME)
        return cls(organisation_id, line(name).strip() or organisation_id, (f"{client_id} at {host}",))

    @classmethod
    def undisclosed(cls, client_id: str, host: str) -> Identity:
        """Return the identity of an organisation that Genesys Cloud does not disclose: its OAuth client stands in."""
        return cls(f"{_STANDS_IN}{client_id}", f"OAuth client {client_id}", (f"{client_id} at {host}",))

    @classmethod
    def pinned(cls, pinned: Mapping[str, str]) -> Identity | None:
        """Return the identity in a database's facts, None if there is none."""
        if ID not in pinned:
            return None
        clients = tuple(each for each in pinned.get(CLIENTS, "").split("\n") if each)
        return cls(pinned[ID], pinned.get(NAME, pinned[ID]), clients)

    @property
    def is_sandbox(self) -> bool:
        """Return whether it is the sandbox."""
        return self.organisation_id == SANDBOX

    @property
    def is_disclosed(self) -> bool:
        """Return whether Genesys Cloud has disclosed the organisation; otherwise its OAuth client stands in for it."""
        return not self.organisation_id.startswith(_STANDS_IN)

    @property
    def earlier_ids(self) -> frozenset[str]:
        """Return the ids by which it was known while Genesys Cloud did not disclose it: those of its OAuth clients."""
        return frozenset(f"{_STANDS_IN}{client.partition(' at ')[0]}" for client in self.clients)

    @property
    def label(self) -> str:
        """Return the organisation's name in messages."""
        if self.is_sandbox:
            return "the sandbox"
        return f'"{self.name}" ({self.organisation_id})' if self.is_disclosed else self.name

    def is_same(self, other: Identity) -> bool:
        """Return whether both are one organisation: by its id or, where one is not disclosed, by an OAuth client."""
        if self.organisation_id == other.organisation_id and self.is_disclosed:
            return True
        if self.is_sandbox or other.is_sandbox or (self.is_disclosed and other.is_disclosed):
            return False
        return bool(set(self.clients) & set(other.clients))

    def merged(self, other: Identity) -> Identity:
        """Return this pinned identity, updated by `other`, which is the same organisation's identity today."""
        newer = other if other.is_disclosed else self
        return Identity(newer.organisation_id, newer.name, tuple(sorted({*self.clients, *other.clients})))

    def facts(self) -> dict[str, str]:
        """Return the identity as facts to pin."""
        clients = {CLIENTS: "\n".join(self.clients)} if self.clients else {}
        sandbox = {"sandbox_organisation_id": SANDBOX_ORGANISATION_ID} if self.is_sandbox else {}
        return {ID: self.organisation_id, NAME: self.name, **clients, **sandbox}


def organisation_of(database: Database) -> Identity | None:
    """Return the organisation that a database is pinned to, None if it is not pinned yet.

    Raises:
        WarehouseError: The database is busy or cannot be opened.
    """
    with database.reading() as connection:
        return Identity.pinned(facts(connection))
