"""The assets of exports and reports behind stand-ins of what is upstream; warehouse, instance and files are real."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import daily_check, daily_table, snapshot_table
from genesys_assets.assets.exports import Exports
from genesys_assets.data_model import TABLES
from genesys_assets.directory import listed
from genesys_assets.resources import FigureOptions
from genesys_assets.warehouse import Warehouse
from genesys_assets_tests.conftest import DAILY
from genesys_assets_tests.reports.contact_centre import QUEUES, Queue, marts

OPEN = 3


@daily_table("raw.conversations")
def conversations(context: dg.AssetExecutionContext) -> pl.LazyFrame:
    """A day without documents, and the metadata of one that was read."""
    told = {"source": "job", "state": "provisional", "conversations": 612, "open_conversations": OPEN}
    for day in context.partition_keys:
        context.add_asset_metadata(told, partition_key=day)
    return TABLES["raw.conversations"].create_empty().lazy()


@daily_check("raw.conversations", description="Passes.")
def each_conversation_once(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


@daily_check("raw.conversations", description="Warns.")
def volume(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN, description="2 figures differ.")


def mart(name: str) -> dg.AssetsDefinition:
    """A mart with drawn figures."""

    @daily_table(f"marts.{name}", deps=[["raw", "conversations"]])
    def drawn(context: dg.AssetExecutionContext) -> pl.LazyFrame:
        return pl.concat([marts(date.fromisoformat(day))[name] for day in context.partition_keys])

    return drawn(DAILY)


@snapshot_table("directory.queues")
def queues() -> pl.DataFrame:
    """The queues with their targets."""
    return listed("directory.queues", [_entity(queue) for queue in QUEUES])


def _entity(queue: Queue) -> dict[str, object]:
    media = "call" if queue.media == "voice" else queue.media
    level = {"percentage": queue.target, "durationMs": queue.target_seconds * 1000}
    return {"id": queue.id, "name": queue.name, "mediaSettings": {media: {"serviceLevel": level}}}


MARTS = ("queue_performance", "agent_performance", "wrapup_performance", "flow_performance")
UPSTREAM = [conversations(DAILY), queues, *(mart(name) for name in MARTS)]
CHECKS = [each_conversation_once(DAILY), volume(DAILY)]


@dataclass
class Results:
    """A folder with a warehouse and exports, and the instance that knows of them."""

    folder: Path
    instance: dg.DagsterInstance
    url: str | None = None
    zone: str = "Europe/Berlin"

    @property
    def exports(self) -> Path:
        """The folder of the exports."""
        return self.folder / "exports"

    def run(
        self,
        *assets: dg.AssetsDefinition,
        day: date | None = None,
        last: date | None = None,
        raise_on_error: bool = True,
    ) -> dg.ExecuteInProcessResult:
        """Materialises these assets, of a day or of the days up to `last`; stand-ins only when they are among them."""
        span = {"dagster/asset_partition_range_start": str(day), "dagster/asset_partition_range_end": str(last)}
        definitions = dg.Definitions(
            assets=[*UPSTREAM, *(asset for asset in assets if asset not in UPSTREAM)],
            asset_checks=CHECKS,
            resources={
                "io_manager": Warehouse(database=str(self.folder / "genesys.duckdb")),
                "exports": Exports(url=self.url or str(self.exports), report_timezone=self.zone),
                "figures": FigureOptions(),
            },
            executor=dg.in_process_executor,
        )
        job = dg.define_asset_job("results", selection=dg.AssetSelection.assets(*assets))
        resolved = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job])).resolve_job_def("results")
        return resolved.execute_in_process(
            instance=self.instance,
            partition_key=str(day) if day and not last else None,
            tags=span if last else None,
            raise_on_error=raise_on_error,
        )

    def facts(self, result: dg.ExecuteInProcessResult, *key: str) -> dict[str, object]:
        """The metadata of what was materialised under that key."""
        events = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(key)]
        return {name: value.value for name, value in events[-1].materialization.metadata.items()}


def results(folder: Path) -> Iterator[Results]:
    """Results in a new folder."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield Results(folder, instance)
