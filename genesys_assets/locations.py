"""Every location that the project writes to: what it may hold of a conversation, and what a purge does there.

Belongs here: the list, from which docs/privacy.md has its table, and the removal of temporary files. A test writes a
marked value to each location and searches the disk after a purge, so that none is missing from the list.
"""

from __future__ import annotations

from contextlib import closing
from typing import NamedTuple

from genesys_assets.exports import Destination
from genesys_assets.texts import markdown_table
from genesys_assets.warehouse import TEMPORARY_PREFIX, Spool, temporary_folder
from genesys_assets.work import WorkFolder


class Written(NamedTuple):
    """A location, what it may hold of a conversation, and what a purge does there."""

    where: str
    holds: str
    purged: str


_DEAD = "removed if the process is dead; the run reports how many are alive"

LOCATIONS = (
    Written("`<database>`", "every table", "rows are removed, and a new file without their bytes replaces the file"),
    Written("`<database>.wal`", "what a killed process had not moved into the file", "moved into it before that"),
    Written(
        "`<database>.lock`", "the number and name of the process that has the database open", "nothing: no conversation"
    ),
    Written("`<database>.tmp-*/`", "what did not fit in the memory of a command", "removed"),
    Written("`<database>.rewriting`", "a file that a purge was writing when it was killed", "removed"),
    Written(
        "`<database>.spool/`, or `spool_directory`",
        "what runs store, have loaded, keep for their later steps, or could not keep in memory",
        _DEAD,
    ),
    Written(
        "the catalogue and files of a lake",
        "every table",
        "rows are removed; new files replace those that held them, and all snapshots but the last are removed",
    ),
    Written(
        "`<work folder>/landings/`",
        "documents that were fetched and not yet stored",
        "checkpoints with the conversation, or with unreadable parts, are removed whole",
    ),
    Written("`<work folder>/passing/`", "a day while it is decoded", _DEAD),
    Written("`<work folder>/spool/`", "rows on their way from one database to another, or to a lake", _DEAD),
    Written("`<exports>/.writing/`", "exports that are being written", _DEAD),
    Written(
        "`<exports>/` or a bucket: `raw/`, `staging/`, `marts/`, `contact_centre.duckdb`",
        "exported tables, the copy for readers",
        "nothing: the run lists which to materialise again, which replaces them whole",
    ),
    Written(
        "`<exports>/`: reports, `latest.json`, `organisation.json`", "sums, names of queues", "nothing: no conversation"
    ),
    Written(
        f"the folder for temporary files: `{TEMPORARY_PREFIX}<user>/`",
        "files on their way to a bucket, and what a lake's commands could not keep in memory",
        _DEAD,
    ),
    Written("DAGSTER_HOME", "ids in the config of the run that purges", "nothing: delete that run"),
)


def sweep(spool: Spool, work: WorkFolder, exports: Destination) -> int:
    """Remove the temporary files of dead processes in all locations.

    Args:
        spool: The warehouse's spool.
        work: The work folder.
        exports: The destination of exports.

    Returns:
        How many living processes have files there, which stay.
    """
    with closing(Spool(temporary_folder())) as temporary:
        return spool.sweep() + work.sweep() + exports.sweep() + temporary.sweep()


def table() -> str:
    """Return the locations as a table in Markdown."""
    return markdown_table(("location", "what may be in it", "what the purge does"), LOCATIONS)
