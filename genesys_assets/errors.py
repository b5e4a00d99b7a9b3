"""The one error of the project: whatever it refuses, cannot reach or cannot do is a `ProjectError`.

Each room draws its own branch where its errors stand; the whole tree is

    ProjectError
    ├── SettingsError             setting: an environment variable that cannot be used
    ├── GenesysError              genesys.api.errors: Genesys Cloud refused, was out of reach, or answered amiss
    │   ├── TransientError            a later attempt may succeed
    │   └── PermanentError            none will, until something is changed
    ├── WarehouseError            warehouse.errors: the database, its tables, and what was to be stored
    ├── ExportError               exports.destination: a file that could not be put or read
    ├── PrivacyError              privacy.scrubber: a setting or a document that cannot be scrubbed
    ├── TablesError               tables: a document that no table can hold
    ├── UnreadableListingError    directory: an answer that is no listing of entities
    ├── MetricsError              metrics: figures that cannot be computed of what is given
    ├── PurgeError                purge: what cannot be erased, or not now
    ├── MigrationError            migration: a copy that cannot be made, or is not the same
    ├── AlertError                automation.alerts: a webhook that did not take the message
    ├── CommandError              cli: a command that cannot do what it is asked to
    └── SandboxError              sandbox: what it is told, and what it answers as Genesys Cloud would

An error's text is one or two sentences that a stranger understands: what happened, to what, and what to do. It never
holds a row or a person's data, nor a secret: what looks like one is replaced when the error is made. Belongs here: what
all errors have in common. Knows no Dagster: `failures` tells Dagster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from genesys_assets.secrecy import redacted


class ProjectError(Exception):
    """Something that the project foresaw and can put in words.

    Attributes:
        transient: Whether the same attempt may succeed later without anybody doing anything: only then is it repeated.
    """

    transient: ClassVar[bool] = False

    def __init__(self, *said: object) -> None:
        super().__init__(*(redacted(each) if isinstance(each, str) else each for each in said))

    @property
    def facts(self) -> Mapping[str, str | int]:
        """Return what is known beside the text, by name, such as the status of an answer."""
        return {}
