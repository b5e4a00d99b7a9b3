"""genesys_assets itself: a job over its definitions through Dagster, on an instance of its own.

    python -m genesys_assets_tests.benchmarks.contenders.chain URL WORK-FOLDER JOB SOURCE CONVERSATIONS

JOB is `raw`, `day`, `restate` or `marts`, with all their checks. What each step took is told beside. The project's own jobs
also draw reports and write exports, and restate without asking Genesys Cloud.
"""

import sys
from pathlib import Path

import dagster as dg

from genesys_assets.assembly import build_defs
from genesys_assets.automation.jobs import ASKING
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets.warehouse import Database, Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.benchmarks.stopwatch import Stopwatch
from genesys_assets_tests.benchmarks.voice import DAY

QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
ASKS_GENESYS = dg.AssetSelection.checks(*ASKING)
JOBS = {
    "raw": dg.AssetSelection.groups("raw"),
    "day": dg.AssetSelection.groups("raw", "staging", "marts"),
    "restate": dg.AssetSelection.groups("staging", "marts") - ASKS_GENESYS,
    "marts": dg.AssetSelection.groups("marts") - ASKS_GENESYS,
}


def definitions(url: str, work: Path, source: str) -> dg.Definitions:
    """The project's definitions on the benchmark's server, with a database in the work folder."""
    return build_defs(
        Organisation.from_environment(),
        resources={
            "genesys": Genesys(
                client_id="sandbox",
                client_secret="sandbox",
                api_url=url,
                login_url=url,
                source=source,
                requests_per_minute=1_000_000,
            ),
            "io_manager": Warehouse(database=str(work / "genesys.duckdb")),
            "work": WorkFolder(path=str(work / "work")),
        },
    )


def job_of(defs: dg.Definitions, name: str) -> dg.JobDefinition:
    """A job of `JOBS` over the project's definitions."""
    job = dg.define_asset_job(f"benchmark_{name}", JOBS[name])
    return dg.Definitions.merge(defs, dg.Definitions(jobs=[job])).resolve_job_def(job.name)


def main(url: str, work: Path, name: str, source: str, conversations: int) -> None:
    """Run the job for the day."""
    work.mkdir(exist_ok=True)
    job = job_of(definitions(url, work, source), name)
    with dg.DagsterInstance.local_temp(str(work)) as instance, Stopwatch(conversations) as watch:
        result = job.execute_in_process(instance=instance, partition_key=str(DAY), run_config=QUIET)
        watch.parts.update(steps(instance, result.run_id))
        watch.facts |= {
            "found": rows(work),
            "failed_checks": failed_checks(result),
            "database_bytes": (work / "genesys.duckdb").stat().st_size,
        }


def steps(instance: dg.DagsterInstance, run_id: str) -> dict[str, float]:
    """Seconds of each step, the checks' too."""
    found = instance.get_run_step_stats(run_id)
    return {each.step_key: each.end_time - each.start_time for each in found if each.end_time and each.start_time}


def rows(work: Path) -> int:
    """Conversations that are stored."""
    with Database(work / "genesys.duckdb").reading() as connection:
        return int(connection.execute("SELECT count(*) FROM raw.conversations").fetchall()[0][0])


def failed_checks(result: dg.ExecuteInProcessResult) -> list[str]:
    """Names of the checks that did not pass."""
    return [
        f"{each.asset_key.to_user_string()}:{each.check_name}"
        for each in result.get_asset_check_evaluations()
        if not each.passed
    ]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]))
