"""What Dagster costs by itself: a backfill of days with nothing to fetch, under its daemon, with the project's settings.

    python -m genesys_assets_tests.benchmarks.contenders.backfill URL WORK-FOLDER DAYS

From the request of the backfill to its end, the daemon's start and ticks included. The days are raw/conversations
alone: a run for each of them is started, asks Genesys Cloud, stores nothing and checks it. Dagster looks after backfills
every 30 seconds, whatever is configured: of eight days that is most of the time (8 took 4.1 s each, 12 took 2.7 s, 30
took 2.1 s, 60 took 1.5 s; without the project's settings, 12 and 60 took as long).
"""

import sys
from datetime import timedelta
from pathlib import Path

from genesys_assets_tests.benchmarks.stopwatch import Stopwatch
from genesys_assets_tests.benchmarks.voice import DAY
from genesys_assets_tests.operations.deployment import CONVERSATIONS, Deployment, wait_until

PATIENCE_SECONDS = 1_800


def main(url: str, work: Path, count: int) -> None:
    """Run the backfill; what is counted are days."""
    settings = {
        "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
        "GENESYSCLOUD_API_URL": url,
        "GENESYSCLOUD_LOGIN_URL": url,
        "GENESYS_ASSETS_SOURCE": "job",
    }
    days = [str(DAY - timedelta(days=before)) for before in range(1, count + 1)]
    with Deployment(work / "dagster", settings) as deployment:
        deployment.start_webserver()
        deployment.start_daemon()
        with Stopwatch(count) as watch:
            backfill = deployment.launch_backfill(days, [CONVERSATIONS])
            wait_until("the backfill has ended", lambda: ended(deployment, backfill), PATIENCE_SECONDS)
            watch.facts["found"] = len(deployment.stored_days() & set(days))


def ended(deployment: Deployment, backfill: str) -> bool:
    """Whether every day of the backfill is stored; fails when one has failed."""
    status = deployment.backfill_status(backfill)
    assert status in {"REQUESTED", "COMPLETED_SUCCESS"}, status
    return status == "COMPLETED_SUCCESS"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
