"""raw/*: the documents of every record of a source that was active on a day, as Genesys Cloud sent them.

What belongs here: fetch, shape, return. Which sources there are is `genesys_assets.sources`; how a day is read is
`genesys_assets.genesys`; where it waits until it is stored is `genesys_assets.checkpoint`.
"""

from collections.abc import Awaitable, Iterator
from typing import Any

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import OfDays, daily_table
from genesys_assets.assets.late_data import expected_late_data
from genesys_assets.assets.options import option_facts
from genesys_assets.assets.recorded import COMPLETE, PROVISIONAL, STATE
from genesys_assets.assets.retries import FRESH, TRY_AGAIN
from genesys_assets.checkpoint import ParquetCheckpoint, ScrubbedCheckpoint
from genesys_assets.genesys import Checkpoint, Extraction, GenesysCloud, Source, extract
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.pool import API_POOL
from genesys_assets.privacy import Scrubber
from genesys_assets.purge import without_purged
from genesys_assets.resources import Genesys, Privacy
from genesys_assets.sources import SOURCES, TREES, columns_of
from genesys_assets.warehouse import WarehouseIOManager
from genesys_assets.whose import identity_of, privacy_options
from genesys_assets.windows import window_of
from genesys_assets.work import WorkFolder


def documents_of(table: str, source: Source) -> OfDays[dg.AssetsDefinition]:
    """Return the asset of a source's documents.

    Args:
        table: 'schema.name', as in `TABLES`.
        source: What is read.
    """

    @daily_table(table, pool=API_POOL, retry_policy=TRY_AGAIN, freshness_policy=FRESH)
    def documents(
        context: dg.AssetExecutionContext,
        genesys: Genesys,
        privacy: Privacy,
        io_manager: dg.ResourceParam[WarehouseIOManager],
        work: WorkFolder,
    ) -> Iterator[dg.MaterializeResult[pl.LazyFrame]]:
        """Fetch every record active on the run's days; a retry goes on where the attempt before it stopped."""
        scrubber = privacy.scrubber(TREES[table])
        io_manager.database.judge()  # before anything is fetched that the database would refuse
        checkpoints = {day: work.checkpoint(context.run, context.asset_key, day) for day in context.partition_keys}
        fetched = {
            day: fetch(context, genesys, source, day, scrubbed(checkpoint, scrubber))
            for day, checkpoint in checkpoints.items()
        }
        days = [rows_of(day, checkpoints[day], fetched[day], table, source) for day in checkpoints]
        rows, purged = without_purged(pl.concat(days), columns_of(source)["key"], io_manager.database)
        left_out = {"unknown_fields_left_out": scrubber.unknown_fields, "purged_left_out": purged}
        told: dict[str, Any] = {name: found for name, found in left_out.items() if found}
        told |= option_facts(io_manager.database, table, privacy_options(privacy), context.partition_keys)
        told["organisation"] = identity_of(genesys).name
        yield dg.MaterializeResult(value=rows, metadata={"privacy": scrubber.mode, **told})
        for checkpoint in checkpoints.values():  # stored now: Dagster resumes here after the IO manager has committed
            checkpoint.discard()

    return documents


DOCUMENTS = [documents_of(table, source) for table, source in SOURCES.items()]


def fetch(
    context: dg.AssetExecutionContext, genesys: Genesys, source: Source, day: str, checkpoint: Checkpoint
) -> Extraction:
    """Read a day into its checkpoint, and record on the day's materialisation how it was read."""
    zone = zone_of(context)
    interval = window_of(day, zone)
    organisation_id = identity_of(genesys, context.log.info).organisation_id

    def read(cloud: GenesysCloud) -> Awaitable[Extraction]:
        return extract(cloud, source, interval, checkpoint, genesys.extraction, organisation_id)

    extraction = genesys.run(read, context.log.info)
    told = facts(extraction, source) | expected_late_data(extraction, day_of(day), zone, source.final_after_days)
    context.add_asset_metadata(told, partition_key=day)
    return extraction


def scrubbed(checkpoint: ParquetCheckpoint, scrubber: Scrubber) -> Checkpoint:
    """Return the checkpoint so that no document reaches it as it was received, unless personal data is kept."""
    return checkpoint if scrubber.is_identity else ScrubbedCheckpoint(checkpoint, scrubber.scrub, scrubber.fingerprint)


def rows_of(
    day: str, checkpoint: ParquetCheckpoint, extraction: Extraction, table: str, source: Source
) -> pl.LazyFrame:
    """Return the rows of a day that its checkpoint holds in full, under the names of the table's columns."""
    return (
        checkpoint.documents()
        .rename(columns_of(source))
        .with_columns(partition_date=pl.lit(day_of(day)), source=pl.lit(extraction.method, dtype=pl.String))
    )


def facts(extraction: Extraction, source: Source) -> dict[str, object]:
    """Return how a day was read, for its materialisation: numbers are charted over partitions by the Dagster UI."""
    records = source.plural.replace(" ", "_")
    return {
        "interval": extraction.interval.iso(),
        "source": extraction.method,
        "job_ids": list(extraction.job_ids),
        "watermark": extraction.watermark.isoformat() if extraction.watermark else "not asked",
        STATE: COMPLETE if extraction.complete else PROVISIONAL,
        records: extraction.active,
        **({} if extraction.expected is None else {"announced": extraction.expected}),
        "received": extraction.fetched,
        f"open_{records}": extraction.open,
        "slices": extraction.slices,
        "slices_resumed": extraction.resumed_slices,
        "slices_restarted": extraction.restarts,
        "pages": extraction.pages,
        "requests": extraction.requests,
        "retries": extraction.retries,
        "throttled": extraction.throttled,
        "received_bytes": extraction.bytes,
        "fetch_seconds": round(extraction.seconds, 3),
        "waited_seconds": round(extraction.waited_seconds, 3),
    }
