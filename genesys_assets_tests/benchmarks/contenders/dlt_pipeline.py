"""The same pages into DuckDB with dlt, as its documentation shows a source of pages: a resource that yields them.

python dlt_pipeline.py URL INTERVALS WORK-FOLDER CONVERSATIONS
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import duckdb
from dlt.sources.helpers import requests
from stopwatch import Stopwatch

JOBS = "/api/v2/analytics/conversations/details/jobs"


def main(url: str, intervals: list[str], folder: Path, conversations: int) -> None:
    """Read the day, normalise it and load it."""

    @dlt.resource(name="conversations", primary_key="conversationId", write_disposition="replace")
    def pages() -> Iterator[list[dict[str, Any]]]:
        for interval in intervals:
            job = requests.post(url + JOBS, json={"interval": interval}).json()["jobId"]
            params: dict[str, Any] = {"pageSize": 1000}
            while True:
                page = requests.get(f"{url}{JOBS}/{job}/results", params=params).json()
                yield page["conversations"]
                if "cursor" not in page:
                    break
                params["cursor"] = page["cursor"]

    with Stopwatch(conversations) as watch:
        database = folder / "dlt.duckdb"
        pipeline = dlt.pipeline(
            "conversations",
            pipelines_dir=str(folder / "pipelines"),
            destination=dlt.destinations.duckdb(str(database)),
            dataset_name="raw",
        )
        pipeline.run(pages())
        with duckdb.connect(str(database)) as connection:
            found = connection.execute("SELECT count(DISTINCT conversation_id) FROM raw.conversations").fetchall()
        watch.facts["found"] = found[0][0]


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
