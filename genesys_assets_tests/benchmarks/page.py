"""docs/benchmarks.md, from what was measured: the machine, the medians and spreads, the ratios, the goals.

What belongs here: arithmetic and Markdown. Nothing is measured here.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from genesys_assets_tests.benchmarks.racing import Run

OURS = ("dagster", "duckdb", "polars", "httpx", "msgspec", "PureCloudPlatformClientV2")
PEERS = ("requests", "pandas", "pyarrow", "dlt", "duckdb")
TITLES = {
    "floor": "the floor: the same pages fetched and dropped, the documents inserted into DuckDB bare, decoded once",
    "day": "**genesys_assets**: pages to raw, all staging tables and all marts, checked and committed, through Dagster",
    "restate": "**genesys_assets**: all staging tables and marts anew from raw",
    "marts": "**genesys_assets**: all marts anew from staging",
    "hand_loop": "a hand-written loop: requests, pandas `json_normalize` of the metrics, Parquet; one table",
    "sdk": "the official SDK, PureCloudPlatformClientV2: the fetch loop alone",
    "dlt": "dlt: the same pages into DuckDB",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """All that a benchmark run has found.

    Attributes:
        rounds: Runs by contender, one a round.
        once: What was run one time, by name.
        load: The machine's load before the first round: of an idle machine about 0.
        json_bytes: Bytes of JSON of the full day.
        machine: Lines about the machine and the versions.
    """

    rounds: Mapping[str, Sequence[Run]]
    once: Mapping[str, Run]
    load: float
    json_bytes: int
    machine: Sequence[str]

    def rate(self, name: str) -> float:
        """Median conversations a second of a contender."""
        return median(run.rate for run in self.rounds[name])

    def seconds(self, name: str) -> float:
        """Median seconds of a contender."""
        return median(run.seconds for run in self.rounds[name])


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
    """Yields the goals, each with what was reached."""
    yield from _ratios(measured)
    full, large = measured.once["full_day"], measured.once["large_day"]
    yield _below(f"Peak memory of a day of {full.conversations:,}", "MB", full.peak_mb, 700)
    growth = large.peak_mb / full.peak_mb
    yield Goal(
        f"Peak memory at {large.conversations:,} at most a tenth higher",
        f"{large.peak_mb:,.0f} MB, {growth:.2f} times",
        growth <= 1.1,
    )
    share = measured.once["raw"].said["database_bytes"] / measured.json_bytes
    yield Goal("DuckDB file of raw at most a quarter of its JSON", f"{share:.1%}", share <= 0.25)
    restate = measured.rate("restate")
    yield Goal("Staging and marts anew: at least 15,000 conversations a second", f"{restate:,.0f}", restate >= 15_000)
    figures, backfill = measured.once["figures"], measured.once["backfill"]
    yield _below(f"All marts of a day of {figures.conversations:,}, their own work", "s", figures.seconds, 1)
    yield _below("A day of a backfill with nothing to fetch", "s", backfill.seconds / backfill.conversations, 4)
    yield _below("`dagster definitions validate`", "s", measured.seconds("validate"), 3)


def _ratios(measured: Measured) -> Iterator[Goal]:
    day = measured.rate("day")
    for name, title, least in (("dlt", "dlt", 30), ("sdk", "the SDK's fetch", 10), ("hand_loop", "the hand loop", 1.5)):
        ratio = day / measured.rate(name)
        yield Goal(f"The whole chain at least {least:g} times {title}", f"{ratio:.1f} times", ratio >= least)
    ratio = measured.seconds("day") / measured.seconds("floor")
    yield Goal("The whole chain at most 2 times the floor's time", f"{ratio:.1f} times", ratio <= 2)


def _below(text: str, unit: str, value: float, most: float) -> Goal:
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    return Goal(f"{text}: under {most:g} {unit}", f"{shown} {unit}", value < most)


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
        "| | conversations | a second, median | least to most | CPU seconds | peak MB |",
        "|---|---:|---:|---:|---:|---:|",
        *(_row(title, measured.rounds[name]) for name, title in TITLES.items()),
        "",
        "Run once:",
        "",
        "| | conversations | a second | CPU seconds | peak MB |",
        "|---|---:|---:|---:|---:|",
        *_singles(measured),
        "",
        "## Goals",
        "",
        "| goal | reached | |",
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
    kilobytes = measured.json_bytes / measured.once["full_day"].conversations / 1000
    return (
        f"{rounds} rounds, in each of which every contender ran once, in a process of its own, against a server process "
        f"that sends ready-made gzip pages of voice conversations over loopback ({kilobytes:.1f} kB of JSON each, 1,000 "
        "a page). Imports are not counted as time, and are counted as memory. Slow contenders ran on fewer conversations."
    )


def _row(title: str, runs: Sequence[Run]) -> str:
    rates = [run.rate for run in runs]
    return (
        f"| {title} | {runs[0].conversations:,} | {median(rates):,.0f} | {min(rates):,.0f} to {max(rates):,.0f} "
        f"| {median(run.cpu_seconds for run in runs):,.1f} | {median(run.peak_mb for run in runs):,.0f} |"
    )


def _singles(measured: Measured) -> Iterator[str]:
    titles = {
        "full_day": "a day, as above",
        "large_day": "a large day",
        "query": "a day by query, 100 a page",
        "raw": "raw alone",
        "figures": "the formulas of all marts alone, the staging tables in memory",
    }
    for name, title in titles.items():
        run = measured.once[name]
        yield f"| {title} | {run.conversations:,} | {run.rate:,.0f} | {run.cpu_seconds:,.1f} | {run.peak_mb:,.0f} |"


def _parts(contender: str, runs: Sequence[Run]) -> Iterator[str]:
    for part in runs[0].said["parts"]:
        yield f"| {contender}: {part.replace('__', '/', 1)} | {median(run.said['parts'][part] for run in runs):.2f} |"
