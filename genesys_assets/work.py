"""The work folder: what a step works on until it is stored. Losing it does no harm.

What belongs here: where checkpoints and temporary files are, and when they are removed. `genesys_assets.checkpoint` and
the warehouse's spool say what is in them.
"""

import math
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import dagster as dg

from genesys_assets.checkpoint import ParquetCheckpoint, is_being_filled
from genesys_assets.warehouse import Spool

CHECKPOINT_KEPT_SECONDS = 3 * 24 * 3600
"""A checkpoint that was not written to for three days is regarded as abandoned: its run will not be retried."""


_PASSING = "passing"
COPYING = "spool"
"""Where `genesys-assets copy` keeps its rows, and runs theirs if the database is a lake."""


class WorkFolder(dg.ConfigurableResource):  # type: ignore[type-arg]  # Dagster's own documentation leaves it bare
    """A folder on a local disk.

    Attributes:
        path: The folder, created when it is needed.
    """

    path: str

    def checkpoint(self, run: dg.DagsterRun, asset: dg.AssetKey, day: str) -> ParquetCheckpoint:
        """Return the checkpoint of a day in this run, or in the run that it re-executes: a retry continues with it.

        A later, independent materialisation has another root run, and starts from nothing.
        """
        checkpoints = self.checkpoints
        _remove_abandoned(checkpoints)
        return ParquetCheckpoint(checkpoints / (run.root_run_id or run.run_id) / "-".join(asset.path) / day)

    @property
    def checkpoints(self) -> Path:
        """Return the folder of all checkpoints."""
        return Path(self.path) / "landings"

    def sweep(self) -> int:
        """Remove temporary files of dead processes, and return how many living processes have some."""
        with_some = 0
        for folder in (_PASSING, COPYING):
            with closing(Spool(Path(self.path) / folder)) as spool:
                with_some += spool.sweep()
        return with_some

    @contextmanager
    def scoped_folder(self) -> Iterator[Path]:
        """Yield an empty folder that is removed at the end of the block, or, after a kill, by the next process."""
        spool = Spool(Path(self.path) / _PASSING)
        try:
            with spool.scoped_folder() as folder:
                yield folder
        finally:
            spool.close()


def _remove_abandoned(checkpoints: Path) -> None:
    limit = time.time() - CHECKPOINT_KEPT_SECONDS
    for manifest in checkpoints.glob("*/*/*/*.jsonl"):
        if _changed_at(manifest) < limit and not is_being_filled(manifest.parent):  # clocks may differ by days
            shutil.rmtree(manifest.parent, ignore_errors=True)
    for folder in (*checkpoints.glob("*/*"), *checkpoints.glob("*")):
        if _changed_at(folder) < limit:  # not before: another run may be about to use it
            with suppress(OSError):  # it is not empty
                folder.rmdir()


def _changed_at(path: Path) -> float:
    """Return when a file or folder was last changed, infinity if another run has just removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf
