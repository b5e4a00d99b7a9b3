"""The commands and their arguments; each calls a module of its own, which is imported only then."""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from dotenv import load_dotenv

from genesys_assets.errors import ProjectError
from genesys_assets.process import give_memory_back
from genesys_assets.variables import variable_of


class CommandError(ProjectError):
    """A command cannot do what it was asked to do."""


class Commands(click.Group):
    """Commands whose errors are printed in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Return what the command returns.

        Raises:
            click.ClickException: In place of any error of the project.
        """
        try:
            return super().invoke(ctx)
        except ProjectError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            from genesys_assets.failures import refused_by_the_system  # noqa: PLC0415 - Dagster takes a second to import

            if said := refused_by_the_system(error):
                raise click.ClickException(said) from None
            raise


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Every conversation of a Genesys Cloud contact centre in DuckDB, one complete day at a time."""
    logging.captureWarnings(capture=True)
    load_dotenv(Path(".env"), override=True)  # as Dagster's commands do, so that all use the same organisation
    give_memory_back()


@main.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day; the last closed one by default.")
def demo(day: datetime | None) -> None:
    """Materialise a day with everything downstream, and print its queue performance."""
    from genesys_assets.cli.demo import run_demo  # noqa: PLC0415 - Dagster takes a second to import

    raise SystemExit(run_demo(day.date() if day else None))


@main.command()
def doctor() -> None:
    """Try every setting: region, token, permissions, database; exit status 1 if any is wrong."""
    from genesys_assets.cli.doctor import run_doctor  # noqa: PLC0415

    raise SystemExit(run_doctor())


@main.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="A day that is stored.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write, as JSON.")
def compare(day: datetime, out: Path | None) -> None:
    """Count how a stored day fits what Genesys Cloud tells of it; exit status 1 if something differs.

    The file has counts only: no id, name or text of a conversation.
    """
    from genesys_assets.cli.compare import run_compare  # noqa: PLC0415

    raise SystemExit(run_compare(day.date(), out))


@main.command()
@click.option("--from", "source", required=True, help="The database to copy: a path, or ducklake:...")
@click.option("--to", "target", required=True, help="The database that is to hold the same.")
@click.option("--from-data-path", help="Where the files of the lake --from are, if it does not record that.")
@click.option("--data-path", help=f"Where the files of the lake --to go; by default {variable_of('data_path')}.")
@click.option("--replace", is_flag=True, help="Replace days of --to that differ; without it they are an error.")
def copy(source: str, target: str, from_data_path: str | None, data_path: str | None, *, replace: bool) -> None:
    """Copy every table day by day, checked by counts and hashes, while nobody stores in either database.

    Run it again to continue where it stopped. What only --to has is left as it is.
    """
    from genesys_assets.cli.copy import run_copy  # noqa: PLC0415

    raise SystemExit(run_copy(source, target, from_data_path, data_path, replace=replace))


@main.command("new-database")
def new_database() -> None:
    """Make an empty database where there was one before; no run replaces a lost database by an empty one."""
    from genesys_assets.cli.new_database import run_new_database  # noqa: PLC0415

    run_new_database()


@main.command()
@click.option("--yes", is_flag=True, help="Pin it without asking.")
def adopt(*, yes: bool) -> None:
    """Pin an older database, which records no organisation, to the organisation of these credentials."""
    from genesys_assets.cli.adopt import run_adopt  # noqa: PLC0415

    raise SystemExit(run_adopt(yes=yes))


@main.command("dbt-sources")
@click.option("--key-prefix", help=f"That of the organisation; by default {variable_of('key_prefix')}.")
def dbt_sources(key_prefix: str | None) -> None:
    """Print the tables as sources of a dbt project, with the keys of their assets for dagster-dbt."""
    from genesys_assets.cli.dbt_sources import dbt_sources as text_of_sources  # noqa: PLC0415
    from genesys_assets.process import organisation_at_hand  # noqa: PLC0415

    click.echo(text_of_sources(key_prefix or organisation_at_hand().key_prefix), nl=False)


@main.command()
@click.option("--port", type=int, default=8080, show_default=True, help="Port on 127.0.0.1.")
@click.option("--conversations-per-day", type=int, default=2_000, show_default=True, help="How busy the centre is.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another organisation's traffic.")
@click.option("--faults", default="", help="What goes wrong, as in the header Sandbox-Faults; see docs/sandbox.md.")
@click.option("--lag-hours", type=float, default=0.0, show_default=True, help="How far the data lake lags behind.")
@click.option("--requests-per-minute", type=int, default=300, show_default=True, help="The rate limit of a token.")
@click.option("--timezone", default="UTC", show_default=True, help="The time zone by whose clocks the centre works.")
def sandbox(
    port: int,
    conversations_per_day: int,
    seed: int,
    faults: str,
    lag_hours: float,
    requests_per_minute: int,
    timezone: str,
) -> None:
    """Serve a local Genesys Cloud (client id and secret: sandbox)."""
    from genesys_assets.sandbox import Faults, Sandbox, run  # noqa: PLC0415
    from genesys_assets.sandbox.errors import ScriptError  # noqa: PLC0415
    from genesys_assets.sandbox.faults import parse  # noqa: PLC0415

    try:
        switched_on = Faults(*parse(faults))
    except ScriptError as error:
        raise CommandError(f"--faults: {error}.") from None
    try:
        served = Sandbox(
            seed=seed,
            conversations_per_day=conversations_per_day,
            faults=switched_on,
            availability_lag=timedelta(hours=lag_hours),
            job_seconds=2.0,  # so that a client meets QUEUED and PENDING, too
            requests_per_minute=requests_per_minute,
            timezone=timezone,
        )
    except ScriptError as error:
        raise CommandError(f"--timezone: {error}.") from None
    click.echo(f"A local Genesys Cloud on http://127.0.0.1:{port}; client id and secret: sandbox. Ctrl-C ends it.")
    try:
        run(served, port=port)
    except OSError as error:
        raise CommandError(f"Port {port} cannot be opened ({error.strerror}); name another by --port.") from None
