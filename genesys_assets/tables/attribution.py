"""Which queue and which wrap-up code a session's metric belongs to: those of the session's segments.

A session usually has one queue. Where its segments name several, a metric belongs to the queue of the segment during
which it was emitted, else to that of the last segment that began before, else to that of the first. Where one segment
ends and another begins at the time of emission, durations (`t*`) belong to the one that ends, because they are emitted
when what they measure ends, and counts (`n*`) to the one that begins, because they are emitted when it starts.
"""

import polars as pl

# How a segment relates to the time of emission, the best first; one whose start is not known counts as after it.
_DURING, _BEFORE, _AFTER = 0, 1, 2


def attributed(metrics: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Return the metrics with the columns queue_id and wrap_up_code, in their order.

    Args:
        metrics: _session, metric_ordinal, name, emit_date and others.
        segments: _session, segment_start, segment_end, queue_id, wrap_up_code; in the order of the record.
    """
    queued = segments.filter(pl.col("queue_id").is_not_null()).select(
        "_session", "queue_id", "segment_start", "segment_end"
    )
    first = queued.select("_session", "queue_id").unique("_session", keep="first")
    coded = segments.filter(pl.col("wrap_up_code").is_not_null()).sort("segment_start", maintain_order=True)
    last_code = coded.select("_session", "wrap_up_code")
    with_one = metrics.join(first, on="_session", how="left", maintain_order="left").join(
        last_code.unique("_session", keep="last"), on="_session", how="left", maintain_order="left"
    )
    several = queued.filter(
        (pl.col("_session") == pl.col("_session").shift()) & (pl.col("queue_id") != pl.col("queue_id").shift())
    ).select(pl.col("_session").unique())
    if several.is_empty():
        return with_one
    nearest = _nearest(metrics.join(several, on="_session", how="semi"), queued)
    return with_one.update(nearest, on=["_session", "metric_ordinal"])


def _nearest(metrics: pl.DataFrame, queued: pl.DataFrame) -> pl.DataFrame:
    """Return the queue (_session, metric_ordinal, queue_id) of metrics whose sessions have several."""
    emitted, start, end = pl.col("emit_date"), pl.col("segment_start"), pl.col("segment_end")
    is_count = pl.col("name").str.starts_with("n").fill_null(value=False)
    during = (
        pl.when(is_count)
        .then((start <= emitted) & (emitted < end).fill_null(value=True))
        .otherwise((start < emitted) & (emitted <= end).fill_null(value=True))
    )
    relation = pl.when(during).then(_DURING).when(start <= emitted).then(_BEFORE).otherwise(_AFTER)
    return (
        metrics.select("_session", "metric_ordinal", "name", "emit_date")
        .join(queued.with_row_index("_order"), on="_session")
        .with_columns(_relation=relation)
        .with_columns(
            # The latest start first; of segments that begin after the emission, the first of the session.
            _distance=pl.when(pl.col("_relation") == _AFTER).then(None).otherwise(emitted - start)
        )
        .sort("_relation", "_distance", "segment_start", "_order")
        .unique(["_session", "metric_ordinal"], keep="first", maintain_order=True)
        .select("_session", "metric_ordinal", "queue_id")
    )
