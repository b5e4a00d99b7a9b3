"""staging/*: the documents of a day as flat, typed tables, decoded once.

What belongs here: which tables there are as assets, and what is checked of them while they are in hand. How a document
becomes rows, and when rows can be trusted, is `genesys_assets.tables`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import suppress_preview_warning, table_spec
from genesys_assets.assets.retries import TRY_AGAIN
from genesys_assets.data_model import PARENTS, TABLES
from genesys_assets.failures import with_failures
from genesys_assets.marts import UNCOUNTED_REASONS, uncounted
from genesys_assets.names import PLAIN, Names
from genesys_assets.partitions import Daily, zone_of
from genesys_assets.sources import TREES
from genesys_assets.tables.decode import decode
from genesys_assets.tables.integrity import duplicates, orphans
from genesys_assets.tables.schema_drift import SchemaDrift
from genesys_assets.warehouse import ParquetRows, WarehouseIOManager

DOCUMENT_COLUMNS = ["partition_date", "conversation_id", "document", "fetched_at"]
DOCUMENTS = "raw.conversations"
STAGING = tuple(node.table for node in TREES[DOCUMENTS].walk())


CHECK = "keys_and_parents"
REPORT_CHECK = "known_fields_and_values"
COUNT_CHECK = "every_metric_counts"
COUNTED = dg.AssetKey(["staging", "session_metrics"])
"""The table that the figures are made of."""
REPORTED = dg.AssetKey(["staging", "conversations"])
"""The table under which stands what the documents of a day hold and no table knows."""


def _checks(days: Daily | None = None, names: Names = PLAIN) -> list[dg.AssetCheckSpec]:
    with suppress_preview_warning():
        return [
            *(
                dg.AssetCheckSpec(
                    CHECK,
                    asset=names.key(name.split(".")),
                    blocking=True,
                    partitions_def=days,
                    description="Each key stands once, and each row's parent is there.",
                )
                for name in STAGING
            ),
            dg.AssetCheckSpec(
                REPORT_CHECK,
                asset=names.key(REPORTED),
                partitions_def=days,
                description="The documents hold no field and no value that the tables do not know.",
            ),
            dg.AssetCheckSpec(
                COUNT_CHECK,
                asset=names.key(COUNTED),
                partitions_def=days,
                description="Each session metric that a figure is made of counts on some day, with a possible value.",
            ),
        ]


CHECK_KEYS = [spec.key for spec in _checks()]


def staging(days: Daily, names: Names = PLAIN) -> dg.AssetsDefinition:
    """Return the asset of all staging tables, with these partitions, by these names."""
    return dg.multi_asset(
        name=names.name("staging"),
        outs={name.replace(".", "__"): dg.AssetOut(**table_spec(name, names), code_version="2") for name in STAGING},
        ins=names.ins({"documents": dg.AssetIn(DOCUMENTS.split("."), metadata={"columns": DOCUMENT_COLUMNS})}),
        check_specs=_checks(days, names),
        partitions_def=days,
        retry_policy=TRY_AGAIN,
    )(with_failures(names.own(decoded_documents)))


def decoded_documents(
    context: dg.AssetExecutionContext, documents: pl.LazyFrame, io_manager: dg.ResourceParam[WarehouseIOManager]
) -> Iterator[dg.MaterializeResult[ParquetRows] | dg.AssetCheckResult]:
    """Decode the documents of the run's days into every staging table."""
    names = Names.of(next(iter(context.assets_def.keys)))
    with io_manager.run_folder() as folder:
        decoded = decode(documents, folder, TREES[DOCUMENTS])
        for day, drift in decoded.drifts.items():
            context.add_asset_metadata(unknown(drift), asset_key=names.key(REPORTED), partition_key=str(day))
        for name in STAGING:
            rows = ParquetRows(tuple(decoded.files[name]))
            yield dg.MaterializeResult(asset_key=names.key(name.split(".")), value=rows)
        for name in STAGING:
            yield keys_and_parents(name, decoded.tables, names)
        yield known_fields_and_values(decoded.drifts, names)
        yield every_metric_counts(decoded.tables, zone_of(context), names)


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


def known_fields_and_values(drifts: Mapping[date, SchemaDrift], names: Names = PLAIN) -> dg.AssetCheckResult:
    """Warn of fields and values that the tables do not know: they are new at Genesys Cloud; nothing is lost in raw."""
    found = SchemaDrift()
    for drift in drifts.values():
        found.add(drift)
    new = unknown(found)
    return dg.AssetCheckResult(
        passed=not new,
        severity=dg.AssetCheckSeverity.WARN,
        check_name=REPORT_CHECK,
        asset_key=names.key(REPORTED),
        description="Every field and value is known."
        if not new
        else "Genesys Cloud has sent what the tables do not know; it stands in raw/conversations as received, U+FFFD "
        "in place of what no reader takes.",
        metadata=new,
    )


def every_metric_counts(
    tables: Mapping[str, pl.LazyFrame], zone: ZoneInfo, names: Names = PLAIN
) -> dg.AssetCheckResult:
    """Warn of metrics that no figure counts, or not with their value: what Genesys Cloud has told of them is wrong."""
    metrics, lives = tables["staging.session_metrics"], tables["staging.conversations"]
    found = uncounted(metrics, lives, zone=zone).collect()
    reasons = [reason for reason in UNCOUNTED_REASONS if reason in set(found["reason"])]
    totals = {reason: int(found.filter(reason=reason)["metrics"].sum()) for reason in reasons}
    told = " ".join(f"{totals[reason]} session metrics are {UNCOUNTED_REASONS[reason]}." for reason in reasons)
    what_to_do = " They stand in staging.session_metrics as received: ask Genesys Cloud's support about them."
    records = [dg.TableRecord({**row, "partition_date": str(row["partition_date"])}) for row in found.to_dicts()]
    metadata: dict[str, Any] = {**totals, **({"table": dg.MetadataValue.table(records)} if records else {})}
    return dg.AssetCheckResult(
        passed=not reasons,
        severity=dg.AssetCheckSeverity.WARN,
        check_name=COUNT_CHECK,
        asset_key=names.key(COUNTED),
        description=told + what_to_do if reasons else "Every session metric counts.",
        metadata=metadata,
    )


def unknown(drift: SchemaDrift) -> dict[str, dict[str, int]]:
    """Return names of what the tables did not know of some documents, with their counts, by kind that there is."""
    counts = {
        "unknown_fields": drift.unknown_fields,
        "unknown_values": drift.unknown_values,
        "unreadable_values": drift.unreadable_values,
    }
    return {kind: dict(names) for kind, names in counts.items() if names}
