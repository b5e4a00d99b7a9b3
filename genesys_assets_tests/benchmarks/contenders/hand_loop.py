"""A loop as one writes it by hand: requests, pandas.json_normalize of the metrics, Parquet. One table of the twelve.

python hand_loop.py URL INTERVALS WORK-FOLDER CONVERSATIONS
"""

import json
import sys
from pathlib import Path

import pandas as pd
import requests

sys.path.insert(0, str(Path(__file__).parents[1]))
from stopwatch import Stopwatch

JOBS = "/api/v2/analytics/conversations/details/jobs"
SESSIONS = ["participants", "sessions", "metrics"]
CARRIED = ["conversationId", ["participants", "purpose"], ["participants", "sessions", "mediaType"]]


def metrics_of(http: requests.Session, url: str, interval: str) -> list[pd.DataFrame]:
    """Return the metrics of an interval's conversations, a frame a page."""
    job = http.post(url + JOBS, json={"interval": interval}).json()["jobId"]
    frames, params = [], {"pageSize": 1000}
    while True:
        page = http.get(f"{url}{JOBS}/{job}/results", params=params).json()
        for conversation in page["conversations"]:
            for participant in conversation["participants"]:
                for session in participant["sessions"]:
                    session.setdefault("metrics", [])
        frames.append(pd.json_normalize(page["conversations"], SESSIONS, CARRIED, errors="ignore"))
        if "cursor" not in page:
            return frames
        params["cursor"] = page["cursor"]


def main(url: str, intervals: list[str], folder: Path, conversations: int) -> None:
    """Read the day and write its metrics."""
    with Stopwatch(conversations) as watch, requests.Session() as http:
        http.headers["Authorization"] = "Bearer token"
        frames = [frame for interval in intervals for frame in metrics_of(http, url, interval)]
        table = pd.concat(frames).drop_duplicates()
        table.to_parquet(folder / "metrics.parquet")
        watch.facts["found"] = int(table["conversationId"].nunique())


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
