"""The warehouse's errors: each message is one sentence that says what is wrong and what to do.

Belongs here: the branch `WarehouseError` of `genesys_assets.errors`. What may pass by itself (a held lock) is
transient; what only a person can mend (a changed schema, a corrupt file, a full disk) is not. Messages name tables,
columns, days, counts, files and processes; never a value of a row, never a connection string.
"""

from genesys_assets.errors import ProjectError


class WarehouseError(ProjectError):
    """Something that the warehouse refuses; permanent unless the subclass says otherwise."""


class DeclarationError(WarehouseError):
    """The asset's definition metadata does not describe a table that the warehouse can keep."""


class SchemaRefusedError(WarehouseError):
    """A frame or a stored table does not fit the declared schema; nothing was changed."""


class RowsRefusedError(WarehouseError):
    """Rows are outside the run's partitions, lack a required value, or share a key; nothing was changed."""


class NotStoredError(WarehouseError):
    """What is to be loaded is not in the database, or not in full; or the database itself is gone."""


class DatabaseUnreadableError(WarehouseError):
    """The database cannot be opened: not a DuckDB database, damaged, or out of reach; it was left as it is."""


class DatabaseDamagedError(DatabaseUnreadableError):
    """The database is corrupt: some of what was stored in it cannot be read back; it was left as it is."""


class ExtensionMissingError(WarehouseError):
    """DuckDB lacks an extension that this kind of database needs, and cannot get it."""


class DatabaseUnreachableError(WarehouseError):
    """The catalogue or the data of a lake does not answer; what is stored is as it was."""

    transient = True


class DatabaseConflictError(WarehouseError):
    """Others changed what a transaction changes, again and again; nothing was changed by it."""

    transient = True


class DatabaseBusyError(WarehouseError):
    """Another process held the database for longer than the warehouse waits.

    Permanent: the wait was the retry, and a step that began anew would wait as long again, several times over.
    """


class DiskFullError(WarehouseError):
    """The spool or the database could not grow; the stored rows are as they were."""


class RowsLostError(WarehouseError):
    """The database held another number of rows than were inserted; the transaction was rolled back."""

    transient = True
