"""`genesys-assets demo`: materialises one day through Dagster, then prints its figures as a table."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click
import dagster as dg
import polars as pl

from genesys_assets.assets.recorded import PARTITION
from genesys_assets.automation.jobs import DAY, REFRESH_DIRECTORY
from genesys_assets.databases import copies_with_each_day, database_of
from genesys_assets.errors import ProjectError
from genesys_assets.exports import COPY_PATH
from genesys_assets.marts import roll_up
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import daily_partitions
from genesys_assets.process import organisation_at_hand
from genesys_assets.resources import Genesys, genesys_of
from genesys_assets.texts import for_table
from genesys_assets.whose import pinned_database_of
from genesys_assets.windows import last_closed_day

QUIET = {"loggers": {"console": {"config": {"log_level": "INFO"}}}}


def run_demo(day: date | None) -> int:
    """Materialise `day` (the last closed one by default) with everything downstream and print its queue performance.

    Returns:
        The exit status: 0, or 1 when it was refused or a run failed, after the reason has been printed.
    """
    organisation = organisation_at_hand()
    day = day or last_closed_day(datetime.now(UTC), organisation.zone)
    try:
        _defs()  # a setting that cannot be used is reported before anything has begun
        if said := refusal(organisation, day):
            return _failed(said)
    except ProjectError as error:
        return _failed(str(error))
    source = "the sandbox, a local Genesys Cloud," if genesys(organisation).is_sandbox else "Genesys Cloud"
    click.echo(f"Materialising {day} from {source} with everything downstream.")
    with dg.DagsterInstance.get() as instance:
        for job, tags in ((directory_job, {}), (day_job, {PARTITION: str(day)})):
            result = dg.execute_job(dg.reconstructable(job), instance, run_config=QUIET, tags=tags)
            if not result.success:
                return _failed(f"Run {result.run_id} failed; the lines above say why.")
    print_day(organisation, day)
    return 0


def _failed(said: str) -> int:
    click.secho(said, fg="red", err=True)
    return 1


def genesys(organisation: Organisation) -> Genesys:
    """Return the organisation's Genesys Cloud."""
    resource: Genesys = genesys_of(organisation).process_config_and_initialize()
    return resource


def refusal(organisation: Organisation, day: date) -> str | None:
    """Return why this day cannot be materialised, None if it can.

    Raises:
        GenesysError: A setting of Genesys Cloud cannot be used.
        WarehouseError: The database cannot be opened, or holds the data of another organisation.
    """
    days = daily_partitions(organisation.start_date, organisation.zone).get_partition_keys()
    if str(day) not in days:
        return f"{day} is not a closed day since the start date: give one from {days[0]} to {days[-1]}."
    genesys(organisation).connect()
    pinned_database_of(organisation).judge()
    return None


def directory_job() -> dg.JobDefinition:
    """Return the job that refreshes the names of queues, users, ..."""
    return _job(REFRESH_DIRECTORY)


def day_job() -> dg.JobDefinition:
    """Return the job that materialises a day."""
    return _job(DAY)


def _job(name: str) -> dg.JobDefinition:
    return _defs().resolve_job_def(names_of(organisation_at_hand()).name(name))


def _defs() -> dg.Definitions:
    from genesys_assets.definitions import defs  # noqa: PLC0415 - it reads the environment

    return defs


def print_day(organisation: Organisation, day: date) -> None:
    """Print the day's queue performance, where it is stored, and which commands come next."""
    database = database_of(organisation)
    with database.reading() as connection:
        mart = pl.DataFrame(
            connection.sql("FROM marts.queue_performance WHERE partition_date = ?::DATE", params=[str(day)])
        )
    figures = roll_up(mart.lazy(), by=["queue_name", "media_type"]).collect()
    click.echo(f"\nQueue performance of {day} ({organisation.timezone})\n\n{as_table(figures)}\n")
    click.echo(f"The tables are in {database.label}, {'a DuckDB file' if database.path else 'a lake'}.")
    if copies_with_each_day(organisation):
        copy = f"{organisation.export_url}/{COPY_PATH}"
        click.echo(f"Read the copy of the figures, which keeps no run waiting: duckdb -readonly {copy}")
    click.echo("Next:")
    click.echo("  make dev                    the Dagster UI, on this database: backfills, schedules, sensors")
    click.echo("  make demo DAY=2026-11-20    another day")
    click.echo(f"  {command()} doctor  what your own organisation's credentials can reach (make doctor)")


def command() -> str:
    """Return how this program is called from the current folder."""
    installed, here = Path(sys.executable).with_name("genesys-assets"), Path.cwd()
    return str(installed.relative_to(here) if installed.is_relative_to(here) else installed)


def as_table(figures: pl.DataFrame) -> str:
    """Return the figures of a day by queue and media as a table: percentages, hours, minutes and seconds.

    Args:
        figures: queue_performance, rolled up by `queue_name` and `media_type`.
    """
    readable = figures.sort("queue_name", "media_type", nulls_last=True).select(
        pl.col("queue_name").map_elements(for_table, return_dtype=pl.String).alias("Queue"),
        pl.col("media_type").alias("Media"),
        pl.col("offered").alias("Offer"),
        pl.col("answered").alias("Answer"),
        pl.col("abandoned").alias("Abandon"),
        _percent("service_level").alias("Service Level"),
        _clock("average_speed_of_answer_ms").alias("ASA"),
        _clock("average_handle_time_ms").alias("Avg Handle"),
        pl.col("transferred").alias("Transfer"),
    )
    with pl.Config(
        tbl_formatting="ASCII_MARKDOWN",
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=200,
    ):
        return str(readable.select(pl.all().cast(pl.String).fill_null("-")))


def _percent(column: str) -> pl.Expr:
    return pl.format("{} %", (pl.col(column) * 100).round(1))


def _clock(column: str) -> pl.Expr:
    seconds = (pl.col(column) / 1000).round().cast(pl.Int64)
    parts = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return pl.format("{}:{}:{}", *(part.cast(pl.String).str.zfill(2) for part in parts))
