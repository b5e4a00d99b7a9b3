"""The check that every session metric counts, which is made while the conversations of a day are in hand, decoded.

What belongs here: that check, and what its failure says. The rules are `marts.formulas.uncounted`.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import DecodedCheck
from genesys_assets.marts import UNCOUNTED_REASONS, uncounted
from genesys_assets.names import PLAIN, Names

CHECK = "every_metric_counts"
COUNTED = "staging.session_metrics"
"""The table that the figures are made of."""


def every_metric_counts(
    tables: Mapping[str, pl.LazyFrame], zone: ZoneInfo, names: Names = PLAIN
) -> dg.AssetCheckResult:
    """Warn of metrics that no figure counts, or not with their value: what Genesys Cloud has told of them is wrong."""
    metrics, lives = tables[COUNTED], tables["staging.conversations"]
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
        check_name=CHECK,
        asset_key=names.key(COUNTED.split(".")),
        description=told + what_to_do if reasons else "Every session metric counts.",
        metadata=metadata,
    )


EVERY_METRIC_COUNTS = DecodedCheck(
    COUNTED,
    CHECK,
    "Each session metric that a figure is made of counts on some day, with a possible value.",
    every_metric_counts,
)
