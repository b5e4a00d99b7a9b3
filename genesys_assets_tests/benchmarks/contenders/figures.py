"""The marts' own work: every formula over the staging tables of a stored day, held in memory.

    python -m genesys_assets_tests.benchmarks.contenders.figures WORK-FOLDER CONVERSATIONS

The day is the one that `chain` has stored there. Reading it out of the database, names beside ids and storing the marts
are not counted: `chain`'s job `marts` counts them all.
"""

import sys
from pathlib import Path

import polars as pl

from genesys_assets.marts import MARTS
from genesys_assets.warehouse import Database
from genesys_assets_tests.benchmarks.stopwatch import Stopwatch
from genesys_assets_tests.marts.every_mart import every_mart


def staging(database: Path) -> dict[str, pl.LazyFrame]:
    """The staging tables that marts read, with the columns that they read."""
    columns: dict[str, set[str]] = {}
    for mart in MARTS.values():
        for table, read in mart.inputs.items():
            columns.setdefault(table, set()).update(read)
    with Database(database).reading() as connection:
        return {
            table: pl.DataFrame(connection.sql(f"SELECT {', '.join(sorted(read))} FROM staging.{table}")).lazy()
            for table, read in columns.items()
        }


def main(work: Path, conversations: int) -> None:
    """Compute every mart, one after the other."""
    marts = every_mart(staging(work / "genesys.duckdb"))
    with Stopwatch(conversations) as watch:
        for name, mart in marts.items():
            with watch.part(name):
                mart.collect()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
