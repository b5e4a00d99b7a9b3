"""The project's base error: whatever it refuses, cannot reach or cannot do is a `ProjectError`.

Each package defines its own branch of the tree, which is

    ProjectError
    ├── SettingsError             setting: an environment variable that cannot be used
    ├── GenesysError              genesys.api.errors: Genesys Cloud refused, was out of reach, or sent nonsense
    │   ├── TransientError            a later attempt may succeed
    │   └── PermanentError            no attempt can succeed until something is changed
    ├── WarehouseError            warehouse.errors: the database, its tables, and what was to be stored
    ├── ExportError               exports.destination: a file that could not be written or read
    ├── PrivacyError              privacy.scrubber: a setting or a document that cannot be scrubbed
    ├── TablesError               tables: a document that no table can hold
    ├── UnreadableListingError    directory: an answer that is no listing of entities
    ├── MetricsError              marts.formulas: figures that cannot be computed of what is given
    ├── PurgeError                purge: what cannot be removed, or not now
    ├── MigrationError            migration: a copy that cannot be made, or is not the same
    ├── AlertError                automation.alerts: a webhook that refused the message
    ├── CommandError              cli: a command that cannot do what it was asked to do
    └── SandboxError              sandbox: arguments that it cannot use, and the errors that it answers

An error's text is one or two sentences that a stranger understands: what happened, to what, and what to do. It never
holds a row, a person's data or a secret: what looks like a secret is replaced when the error is created. Belongs here:
what all errors have in common. Knows no Dagster: `failures` turns errors into Dagster's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from genesys_assets.secrecy import redacted


class ProjectError(Exception):
    """Something that the project expects to happen and can explain.

    Attributes:
        transient: Whether the same attempt may succeed later by itself; only then is it repeated.
    """

    transient: ClassVar[bool] = False

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(redacted(each) if isinstance(each, str) else each for each in arguments))

    @property
    def facts(self) -> Mapping[str, str | int]:
        """Return what is known besides the text, by name, such as the status of a response."""
        return {}
