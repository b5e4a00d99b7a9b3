"""The checks that the figures of the marts are possible, which fail when figures were miscomputed or changed by hand.

What belongs here: one check for each mart, and what its failure says. The rules are `marts.formulas.impossible`.
"""

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import DailyCheck, daily_check
from genesys_assets.marts import MARTS, Mart, impossible
from genesys_assets.partitions import zone_of

CHECK = "figures_are_possible"


def possible(mart: Mart) -> DailyCheck:
    """Return the check of one mart."""
    table = f"marts.{mart.name}"
    measures = frozenset(measure.name for measure in mart.measures)

    @daily_check(
        table,
        name=CHECK,
        description="No figure is impossible: negative, answered more than waited, a service level outside 0 to 1.",
    )
    def figures_are_possible(context: dg.AssetCheckExecutionContext, rows: pl.LazyFrame) -> dg.AssetCheckResult:
        found = impossible(mart.rows.grain, rows, zone=zone_of(context), measures=measures)
        return judged(table, found.collect())

    return figures_are_possible


def judged(table: str, found: pl.DataFrame) -> dg.AssetCheckResult:
    """Return the result of a mart's check, from the rules that its rows break."""
    broken = "; ".join(f"{day}: {rule} ({rows} rows)" for day, rule, rows in found.iter_rows())
    records = [dg.TableRecord({**row, "partition_date": str(row["partition_date"])}) for row in found.to_dicts()]
    return dg.AssetCheckResult(
        passed=found.is_empty(),
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{table} holds impossible figures. {broken}. Materialise the day again from raw/conversations on; "
        "if they stay, its records are wrong at Genesys Cloud: ask its support."
        if records
        else "Every figure is possible.",
        metadata={"broken_rules": found.height, **({"table": dg.MetadataValue.table(records)} if records else {})},
    )


POSSIBLE = [possible(mart) for mart in MARTS.values()]
