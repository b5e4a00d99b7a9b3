"""docs/benchmarks.md, from what was measured: the machine, the medians and spreads, the ratios, the goals.

What belongs here: arithmetic and Markdown. Nothing is measured here.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from genesys_assets_tests.benchmarks.racing import Run

OURS = ("dagster", "duckdb", "polars", "httpx", "msgspec", "PureCloudPlatformClientV2")
PEERS = ("requests", "pandas", "pyarrow", "dlt", "duckdb")
SIDE_BY_SIDE = {
    "floor": "the floor: the same pages fetched and dropped, the documents inserted into DuckDB bare, decoded once",
    "day": "**genesys_assets**: pages to raw, all staging tables and all marts, checked and committed, through Dagster",
    "hand_loop": "a hand-written loop: requests, pandas `json_normalize` of the metrics, Parquet; one table",
    "sdk": "the official SDK, PureCloudPlatformClientV2: the fetch loop alone",
    "dlt": "dlt: the same pages into DuckDB",
}
BY_ITSELF = {
    "large_day": "a large day, as above",
    "query": "a day by query, 100 a page",
    "raw": "raw alone",
    "restate": "all staging tables and marts anew from raw",
    "marts": "all marts anew from staging",
    "figures": "the formulas of all marts alone, the staging tables in memory",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """All that a benchmark run has found.

    Attributes:
        rounds: Runs by contender, one a round.
        load: The machine's load before the first round: of an idle machine about 0.
        json_bytes: Bytes of JSON of the day.
        machine: Lines about the machine and the versions.
    """

    rounds: Mapping[str, Sequence[Run]]
    load: float
    json_bytes: int
    machine: Sequence[str]

    def conversations(self, name: str) -> int:
        """Conversations that a contender treats in a round; days of the backfill."""
        return self.rounds[name][0].conversations

    def all(self, name: str, figure: Callable[[Run], float]) -> list[float]:
        """A figure of each run of a contender."""
        return [figure(run) for run in self.rounds[name]]

    def ratios(self, name: str, other: str, figure: Callable[[Run], float]) -> list[float]:
        """The figure of a contender over that of another one, round by round."""
        return [one / two for one, two in zip(self.all(name, figure), self.all(other, figure), strict=True)]


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal and what was reached of it."""

    text: str
    reached: str
    is_met: bool


def machine(peers: Path) -> list[str]:
    """Describes the machine and the versions of what is measured."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    ours = ", ".join(f"{name} {version(name)}" for name in OURS)
    asked = f"from importlib.metadata import version\nfor name in {PEERS!r}: print(name, version(name))"
    theirs = subprocess.run([str(peers), "-c", asked], check=True, capture_output=True, text=True).stdout.splitlines()
    return [
        (
            f"{os.cpu_count()} processors ({processor}), {memory:.0f} GB of memory, {platform.system()}, "
            f"Python {platform.python_version()}"
        ),
        f"{ours}; the peers' environment: {', '.join(theirs)}",
    ]


def goals(measured: Measured) -> Iterator[Goal]:
    """Yields the goals, each with what was reached: the median of the rounds, and from which to which."""
    for name, title, least in (("dlt", "dlt", 30), ("sdk", "the SDK's fetch", 10), ("hand_loop", "the hand loop", 1.5)):
        ratios = measured.ratios("day", name, _rate)
        yield _goal(f"The whole chain at least {least:g} times {title}", ratios, "times", least=least)
    times = measured.ratios("day", "floor", _seconds)
    yield _goal("The whole chain at most 2 times the floor's time", times, "times", most=2)
    day, large = (f"{measured.conversations(name):,}" for name in ("day", "large_day"))
    yield _goal(f"Peak memory of a day of {day}: under 700 MB", measured.all("day", _peak_mb), "MB", most=700)
    growth = measured.ratios("large_day", "day", _peak_mb)
    yield _goal(f"Peak memory at {large} at most a tenth higher", growth, "times", most=1.1)
    shares = [
        100 * share for share in measured.all("raw", lambda run: run.said["database_bytes"] / measured.json_bytes)
    ]
    yield _goal("DuckDB file of raw at most a quarter of its JSON", shares, "%", most=25)
    restate = measured.all("restate", _rate)
    yield _goal("Staging and marts anew: at least 15,000 conversations", restate, "a second", least=15_000)
    yield _goal(
        f"All marts of a day of {day}, their own work: under 1 s", measured.all("figures", _seconds), "s", most=1
    )
    each_day = measured.all("backfill", lambda run: run.seconds / run.conversations)
    yield _goal("Dagster's own cost of a day in a backfill, raw alone: under 4 s", each_day, "s", most=4)
    yield _goal("`dagster definitions validate`: under 3 s", measured.all("validate", _seconds), "s", most=3)


def _goal(text: str, reached: Sequence[float], unit: str, *, least: float = 0.0, most: float = float("inf")) -> Goal:
    middle = median(reached)
    shown = f"{_short(middle)} {unit} ({_short(min(reached))} to {_short(max(reached))})"
    return Goal(text, shown, least <= middle <= most)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _rate(run: Run) -> float:
    return run.rate


def _seconds(run: Run) -> float:
    return run.seconds


def _peak_mb(run: Run) -> float:
    return run.peak_mb


def text(measured: Measured) -> str:
    """The page, as Markdown."""
    rounds = len(measured.rounds["day"])
    lines = [
        "# Benchmarks",
        "",
        "<!-- Written by `make bench` from what it has measured: run that. -->",
        "",
        _method(measured, rounds),
        "",
        *(f"- {line}" for line in measured.machine),
        f"- load before the first round: {measured.load:.1f}"
        + ("" if measured.load < 1 else " (others used the machine too: trust the ratios, not the rates)"),
        "",
        "## Side by side",
        "",
        *_table(measured, SIDE_BY_SIDE),
        "",
        "genesys_assets by itself:",
        "",
        *_table(measured, BY_ITSELF),
        "",
        "## Goals",
        "",
        "| goal | reached: median (least to most) | |",
        "|---|---:|---|",
        *(f"| {goal.text} | {goal.reached} | {'met' if goal.is_met else '**not met**'} |" for goal in goals(measured)),
        "",
        "## Where the time goes",
        "",
        "Median seconds of the steps of a day, and of the parts of the floor:",
        "",
        "| part | seconds |",
        "|---|---:|",
        *_parts("floor", measured.rounds["floor"]),
        *_parts("day", measured.rounds["day"]),
        "",
    ]
    return "\n".join(lines)


def _method(measured: Measured, rounds: int) -> str:
    kilobytes = measured.json_bytes / measured.conversations("day") / 1000
    return (
        f"{rounds} rounds, in each of which every contender ran once, in a process of its own, against a server process "
        f"that sends ready-made gzip pages of voice conversations over loopback ({kilobytes:.1f} kB of JSON each, 1,000 "
        "a page). Imports are not counted as time, and are counted as memory. Slow contenders ran on fewer "
        "conversations. Ratios are taken round by round."
    )


def _table(measured: Measured, titles: Mapping[str, str]) -> Iterator[str]:
    yield "| | conversations | a second, median | least to most | CPU seconds | peak MB |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, title in titles.items():
        runs = measured.rounds[name]
        rates = [run.rate for run in runs]
        yield (
            f"| {title} | {runs[0].conversations:,} | {median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} "
            f"| {median(run.cpu_seconds for run in runs):,.1f} | {median(run.peak_mb for run in runs):,.0f} |"
        )


def _parts(contender: str, runs: Sequence[Run]) -> Iterator[str]:
    for part in runs[0].said["parts"]:
        yield f"| {contender}: {part.replace('__', '/', 1)} | {median(run.said['parts'][part] for run in runs):.2f} |"
