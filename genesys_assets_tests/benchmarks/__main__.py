"""`make bench`: every contender against every other, several times over; writes docs/benchmarks.md.

    python -m genesys_assets_tests.benchmarks [--quick] [--rounds N] [--peers PYTHON]

What belongs here: which contenders run, on how much, in which order. How one is measured is `racing`, what is said of
it `page`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from genesys_assets_tests.benchmarks import page
from genesys_assets_tests.benchmarks.day import JOB_SLICES, Day, day_of, intervals
from genesys_assets_tests.benchmarks.racing import Run, module, raced, script
from genesys_assets_tests.benchmarks.server import served

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/benchmarks.md"
Command = Callable[[str, Day, Path], list[str]]


LEAST_ROUNDS = 5
"""A page of fewer would tell a spread of nothing."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Conversations of a day, by contender; the slow ones get fewer."""

    day: int = 100_000
    large: int = 300_000
    hand_loop: int = 20_000
    sdk: int = 5_000
    dlt: int = 2_000
    backfill_days: int = 8


QUICK = Sizes(day=10_000, large=30_000, hand_loop=2_000, sdk=1_000, dlt=500, backfill_days=3)


def contenders(sizes: Sizes, peers: Path) -> dict[str, tuple[int, Command]]:
    """Name -> conversations and command line; `restate`, `marts` and `figures` go on where `day` has ended."""
    slices = msgspec.json.encode(intervals(JOB_SLICES)).decode()

    def chain(job: str, source: str, apart: str = "") -> Command:
        return lambda url, day, work: module("chain", url, work / apart, job, source, day.facts["conversations"])

    def peer(name: str) -> Command:
        return lambda url, day, work: script(peers, name, url, slices, work, day.facts["conversations"])

    return {
        "floor": (sizes.day, lambda url, day, work: module("floor", url, day.folder, work)),
        "day": (sizes.day, chain("day", "job")),
        "restate": (sizes.day, chain("restate", "job")),
        "marts": (sizes.day, chain("marts", "job")),
        "figures": (sizes.day, lambda _, day, work: module("figures", work, day.facts["conversations"])),
        "raw": (sizes.day, chain("raw", "job", apart="raw")),
        "large_day": (sizes.large, chain("day", "job", apart="large")),
        "query": (sizes.sdk, chain("day", "query", apart="query")),
        "hand_loop": (sizes.hand_loop, peer("hand_loop")),
        "sdk": (sizes.sdk, lambda url, day, _: module("sdk", url, day.facts["conversations"])),
        "dlt": (sizes.dlt, peer("dlt_pipeline")),
        "backfill": (sizes.dlt, lambda url, _, work: module("backfill", url, work, sizes.backfill_days)),
        "validate": (sizes.dlt, lambda _, __, work: module("validate", work)),
    }


def one_round(running: dict[str, tuple[int, Command]]) -> dict[str, Run]:
    """Runs every contender once, one after the other, in a work folder that they share."""
    runs = {}
    with tempfile.TemporaryDirectory(prefix="genesys-assets-bench-") as work:
        for name, (conversations, command) in running.items():
            runs[name] = run(conversations, command, Path(work))
            print(f"{name:10} {runs[name].rate:10,.1f} a second, {runs[name].peak_mb:5,.0f} MB", flush=True)
    return runs


def run(conversations: int, command: Command, work: Path) -> Run:
    """Runs a contender on a day with so many conversations, and sees to it that it has had them all."""
    day = day_of(conversations)
    with served(day) as url:
        done = raced(command(url, day, work), work / "contender.log")
    assert done.said.get("found", done.conversations) == done.conversations, done.said
    assert not done.said.get("failed_checks"), done.said
    return done


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of it all; the page is printed")
    parser.add_argument("--rounds", type=int, help=f"{LEAST_ROUNDS}, with --quick 1")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench/bin/python", help="Python with the peers")
    given = parser.parse_args()
    sizes = QUICK if given.quick else Sizes()
    for conversations in {*asdict(sizes).values()} - {sizes.backfill_days}:
        day_of(conversations)  # made before anything is measured
    load = os.getloadavg()[0]
    wanted = given.rounds or (1 if given.quick else LEAST_ROUNDS)
    rounds = []
    for number in range(wanted):
        print(f"Round {number + 1} of {wanted}", flush=True)
        rounds.append(one_round(contenders(sizes, given.peers)))
    measured = page.Measured(
        rounds={name: [runs[name] for runs in rounds] for name in rounds[0]},
        load=load,
        json_bytes=day_of(sizes.day).facts["json_bytes"],
        machine=page.machine(given.peers),
    )
    if given.quick or wanted < LEAST_ROUNDS:
        print(page.text(measured))
    else:
        PAGE.write_text(page.text(measured))
        print(f"{PAGE} is written.")


if __name__ == "__main__":
    sys.exit(main())
