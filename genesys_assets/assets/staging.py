"""staging/*: the documents of a day as flat, typed tables, decoded once.

What belongs here: the asset of a source's tables, made from its tree, and what is checked of all of them while they are
in hand. How a document becomes rows, and when rows can be trusted, is `genesys_assets.tables`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl

from genesys_assets.assets.counted import EVERY_METRIC_COUNTS
from genesys_assets.assets.declared import DecodedCheck, suppress_preview_warning, table_spec
from genesys_assets.assets.retries import TRY_AGAIN
from genesys_assets.data_model import PARENTS, TABLES
from genesys_assets.failures import with_failures
from genesys_assets.names import PLAIN, Names
from genesys_assets.partitions import Daily, zone_of
from genesys_assets.sources import SOURCES, TREES, columns_of
from genesys_assets.tables.decode import Decoded, decode
from genesys_assets.tables.integrity import duplicates, orphans
from genesys_assets.tables.schema_drift import SchemaDrift
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.warehouse import ParquetRows, WarehouseIOManager

CONVERSATIONS = "raw.conversations"
CHECK = "keys_and_parents"
REPORT_CHECK = "known_fields_and_values"

Results = Iterator[dg.MaterializeResult[ParquetRows] | dg.AssetCheckResult]


@dataclass(frozen=True)
class Staging:
    """The asset of a source's staging tables, as declared: an `OfDays` that has checks.

    Attributes:
        documents: The table of its documents, 'raw.conversations'.
        tree: The tables that they are decoded into.
        further: Checks beside those that all sources have.
    """

    documents: str
    tree: SchemaNode
    further: Sequence[DecodedCheck] = ()

    @property
    def tables(self) -> list[str]:
        """Return the names of the tables, parents before their children."""
        return [node.table for node in self.tree.walk()]

    @property
    def step(self) -> str:
        """Return what Dagster calls the step that decodes them; that of conversations is the oldest."""
        return "staging" if self.documents == CONVERSATIONS else f"staging_{self.documents.partition('.')[2]}"

    @property
    def check_keys(self) -> list[dg.AssetCheckKey]:
        """Return the keys of all checks, without a prefix."""
        return [spec.key for spec in self._checks()]

    def __call__(self, days: Daily, names: Names = PLAIN) -> dg.AssetsDefinition:
        """Return the asset with these partitions, by these names."""
        read = {"columns": ["partition_date", columns_of(SOURCES[self.documents])["key"], "document", "fetched_at"]}
        return dg.multi_asset(
            name=names.name(self.step),
            outs={
                name.replace(".", "__"): dg.AssetOut(**table_spec(name, names), code_version="2")
                for name in self.tables
            },
            ins=names.ins({"documents": dg.AssetIn(self.documents.split("."), metadata=read)}),
            check_specs=self._checks(days, names),
            partitions_def=days,
            retry_policy=TRY_AGAIN,
        )(with_failures(names.own(self._decoding(names))))

    def _checks(self, days: Daily | None = None, names: Names = PLAIN) -> list[dg.AssetCheckSpec]:
        def spec(table: str, name: str, description: str, *, blocking: bool = False) -> dg.AssetCheckSpec:
            key = names.key(table.split("."))
            return dg.AssetCheckSpec(name, asset=key, blocking=blocking, partitions_def=days, description=description)

        once = "Each key stands once, and each row's parent is there."
        known = "The documents hold no field and no value that the tables do not know."
        with suppress_preview_warning():
            return [
                *(spec(table, CHECK, once, blocking=True) for table in self.tables),
                spec(self.tree.table, REPORT_CHECK, known),
                *(spec(each.table, each.name, each.description) for each in self.further),
            ]

    def _decoding(self, names: Names) -> Callable[..., Results]:
        def decoded_documents(
            context: dg.AssetExecutionContext, documents: pl.LazyFrame, io_manager: dg.ResourceParam[WarehouseIOManager]
        ) -> Results:
            """Decode the documents of the run's days into every staging table of their source."""
            with io_manager.run_folder() as folder:
                decoded = decode(documents, folder, self.tree)
                for day, drift in decoded.drifts.items():
                    reported = names.key(self.tree.table.split("."))
                    context.add_asset_metadata(unknown(drift), asset_key=reported, partition_key=str(day))
                yield from self._results(decoded, zone_of(context), names)

        return decoded_documents

    def _results(self, decoded: Decoded, zone: ZoneInfo, names: Names) -> Results:
        for name in self.tables:
            rows = ParquetRows(tuple(decoded.files[name]))
            yield dg.MaterializeResult(asset_key=names.key(name.split(".")), value=rows)
        for name in self.tables:
            yield keys_and_parents(name, decoded.tables, names)
        yield known_fields_and_values(self, decoded.drifts, names)
        for each in self.further:
            yield each.check(decoded.tables, zone, names)


FURTHER: Mapping[str, Sequence[DecodedCheck]] = {CONVERSATIONS: [EVERY_METRIC_COUNTS]}
STAGING = [Staging(documents, tree, FURTHER.get(documents, ())) for documents, tree in TREES.items()]


def keys_and_parents(name: str, tables: Mapping[str, pl.LazyFrame], names: Names = PLAIN) -> dg.AssetCheckResult:
    """Check that each key of a table occurs once, and that each of its rows has its parent."""
    key = TABLES[name].primary_key()
    twice = duplicates(tables[name], key)
    parent = PARENTS.get(name)
    alone = orphans(tables[name], tables[parent], TABLES[parent].primary_key()) if parent else 0
    return dg.AssetCheckResult(
        passed=not twice and not alone,
        check_name=CHECK,
        asset_key=names.key(name.split(".")),
        description=f"{twice} keys stand more than once, {alone} rows have no parent.",
        metadata={"duplicates": twice, "orphans": alone},
    )


def known_fields_and_values(
    staging: Staging, drifts: Mapping[date, SchemaDrift], names: Names = PLAIN
) -> dg.AssetCheckResult:
    """Warn of fields and values that the tables do not know: they are new at Genesys Cloud; nothing is lost in raw."""
    found = SchemaDrift()
    for drift in drifts.values():
        found.add(drift)
    new = unknown(found)
    return dg.AssetCheckResult(
        passed=not new,
        severity=dg.AssetCheckSeverity.WARN,
        check_name=REPORT_CHECK,
        asset_key=names.key(staging.tree.table.split(".")),
        description="Every field and value is known."
        if not new
        else "Genesys Cloud has sent what the tables do not know; it stands in "
        f"{staging.documents.replace('.', '/')} as received, U+FFFD in place of what no reader takes.",
        metadata=new,
    )


def unknown(drift: SchemaDrift) -> dict[str, dict[str, int]]:
    """Return names of what the tables did not know of some documents, with their counts, by kind that there is."""
    counts = {
        "unknown_fields": drift.unknown_fields,
        "unknown_values": drift.unknown_values,
        "unreadable_values": drift.unreadable_values,
    }
    return {kind: dict(names) for kind, names in counts.items() if names}
