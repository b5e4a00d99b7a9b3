"""`make kills`: runs of the whole pipeline that are killed at random instants of random steps, and what is stored then.

    python -m genesys_assets_tests.kills [--kills N] [--seed N]

The contact centre tells another truth from run to run, so that what is stored before a run differs from what the run
is to store. After each kill every partition of every table and exported file must be, row for row, what it was or what
an undisturbed run stores; after a few kills an undisturbed run must make every day right.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets_tests.conftest import DAY, NOW
from genesys_assets_tests.kills.stored import DAILY, OUTCOMES, Stored, green_without_rows, judged, stored
from genesys_assets_tests.kills.victim import LONGEST_SECONDS, SOURCES, Errand, instance_of, started, step_times

DAYS = (DAY - timedelta(days=1), DAY)
WORLDS = (1, 2)
"""Seeds of the contact centre: the same ids of queues and users, other conversations."""
KILLS_PER_ROUND = 10
"""Then all is made right, and the next round begins with an empty database."""
JOBS = ("day", "day", "day", "restate_marts")
NO_STEP = "(between steps)"


@dataclass
class Tally:
    """What came of it."""

    runs: int = 0
    kills_by_step: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(OUTCOMES, 0)))
    retries: int = 0

    @property
    def kills(self) -> int:
        return self.kills_by_step.total()

    def __str__(self) -> str:
        steps = "\n".join(f"  {count:4} in {step}" for step, count in self.kills_by_step.most_common())
        outcomes = ", ".join(f"{name} {self.outcomes[name]}" for name in OUTCOMES)
        return (
            f"{self.runs} runs, {self.kills} killed, {self.retries} as retries of a killed one; kills by step:\n"
            f"{steps}\npartitions: {outcomes}"
        )


class Whole(NamedTuple):
    """What undisturbed runs make: of each world what is stored, and of each job when its steps began and ended."""

    worlds: dict[int, Stored]
    steps: dict[str, list[tuple[float, float]]]


@dataclass
class Kills:
    """A contact centre, and folders in which runs are killed."""

    folder: Path
    sandbox: Sandbox
    url: str
    chance: random.Random
    tally: Tally = field(default_factory=Tally)
    known: dict[str, Whole] = field(default_factory=dict)

    def whole(self, source: str) -> Whole:
        """What undisturbed runs make that read from this source."""
        if source not in self.known:
            worlds, steps, folder = {}, {}, self.new_folder(f"whole-{source}")
            for world in WORLDS:
                for day in DAYS:
                    steps["day"] = self.undisturbed(Errand(folder, self.url, source, "day", day), world)
                worlds[world] = stored(folder)
            restated = Errand(folder, self.url, source, "restate_marts", DAY)
            self.known[source] = Whole(worlds, steps | {"restate_marts": self.undisturbed(restated, WORLDS[-1])})
        return self.known[source]

    def new_folder(self, name: str) -> Path:
        """A folder in which only the directory is stored."""
        made = self.folder / "directory"
        if not made.exists():
            self.undisturbed(Errand(made, self.url, SOURCES[0], "refresh_directory", None), WORLDS[0])
        return Path(shutil.copytree(made, self.folder / name))

    def undisturbed(self, errand: Errand, world: int) -> list[tuple[float, float]]:
        """Does an errand; returns when its steps began and ended, in seconds from the run's beginning."""
        self.turn(world)
        process, begun = started(errand)
        process.join(LONGEST_SECONDS)
        assert process.exitcode == 0, f"an undisturbed run has failed: {errand}"
        self.tally.runs += 1
        with instance_of(errand.folder) as instance:
            return [(start - begun, end - begun) for start, end in step_times(instance, errand.run_id).values()]

    def turn(self, world: int) -> None:
        """Makes the contact centre another one, at the same address."""
        if self.sandbox.seed != world:
            self.sandbox.seed = world
            self.sandbox.__post_init__()

    def round(self, number: int, kills: int) -> None:
        """Kills so many runs in a new folder, then makes every day right."""
        source = SOURCES[number % len(SOURCES)]
        whole = self.whole(source)
        folder = self.new_folder(f"round-{number}")
        killed: tuple[Errand, int] | None = None
        until = self.tally.kills + kills
        for _ in range(3 * kills):  # some end before they are to be killed
            if self.tally.kills < until:
                killed = self.disturbed(*self.next_errand(folder, source, killed), whole)
        for day in DAYS:
            self.undisturbed(Errand(folder, self.url, source, "day", day), WORLDS[0])
        right = whole.worlds[WORLDS[0]]
        self.count(judged(right, stored(folder), [right]), "the days that were made right")
        shutil.rmtree(folder)

    def next_errand(self, folder: Path, source: str, killed: tuple[Errand, int] | None) -> tuple[Errand, int]:
        """What is to be done next, in which world: what was killed is tried again half the time, as Dagster does."""
        if killed and self.chance.random() < 0.5:
            errand, world = killed
            self.tally.retries += 1
            return Errand(folder, self.url, source, errand.job, errand.day, retry_of=errand.run_id), world
        day = self.chance.choice(DAYS)
        can_be_restated = ("raw.conversations", str(day)) in stored(folder)
        job = self.chance.choice(JOBS) if can_be_restated else "day"
        return Errand(folder, self.url, source, job, day), self.chance.choice(WORLDS)

    def disturbed(self, errand: Errand, world: int, whole: Whole) -> tuple[Errand, int] | None:
        """Kills a run, and judges what is stored then; returns errand and world if it has lived so long."""
        self.turn(world)
        before = stored(errand.folder)
        at = self.chance.uniform(*self.chance.choice(whole.steps[errand.job]))
        process, begun = started(errand)
        process.join(max(0.0, begun + at - time.time()))
        process.kill()
        process.join()
        self.tally.runs += 1
        assert process.exitcode in {0, -signal.SIGKILL}, f"a run after a kill has failed: {errand}"
        self.judge(errand, before, whole)
        if process.exitcode == 0:
            return None
        self.tally.kills_by_step[step := self.step_of(errand)] += 1
        print(f"killed {errand.job} of {errand.day} after {at:.1f} s in {step}", flush=True)
        return errand, world

    def judge(self, errand: Errand, before: Stored, whole: Whole) -> None:
        """Counts what has become of the partitions, and those that are green and not there."""
        after, worlds = stored(errand.folder), list(whole.worlds.values())
        found = judged(before, after, worlds)
        with instance_of(errand.folder) as instance:
            green = {table: instance.get_materialized_partitions(dg.AssetKey(table.split("."))) for table in DAILY}
        found["lost"] += green_without_rows(green, after, worlds)
        self.count(found, f"a run of {errand.job} for {errand.day}")

    def count(self, found: Counter[str], after: str) -> None:
        """Adds up what was found, and prints it: whoever ends this early knows it too."""
        for outcome in +found:
            print(f"{outcome}: {found[outcome]} after {after}", flush=True)
        self.tally.outcomes.update(found)

    def step_of(self, errand: Errand) -> str:
        """The step in which a run was killed."""
        with instance_of(errand.folder) as instance:
            times = step_times(instance, errand.run_id)
        return next((step for step, (_, end) in times.items() if end == math.inf), NO_STEP)


@contextmanager
def killing(seed: int) -> Iterator[Kills]:
    """A contact centre for it, and a folder that is removed afterwards."""
    sandbox = Sandbox(conversations_per_day=40, seed=WORLDS[0], now=lambda: NOW, requests_per_minute=None)
    with tempfile.TemporaryDirectory() as folder, serve(sandbox) as url:
        yield Kills(Path(folder), sandbox, url, random.Random(seed))


def tally(kills: int, seed: int) -> Tally:
    """Kills so many runs; returns what came of it."""
    with killing(seed) as those:
        for number, done in enumerate(range(0, kills, KILLS_PER_ROUND)):
            those.round(number, min(KILLS_PER_ROUND, kills - done))
        return those.tally


def main() -> None:
    """Kills, prints, and exits with 1 unless nothing was lost, doubled or halved."""
    parser = argparse.ArgumentParser(prog="python -m genesys_assets_tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    found = tally(asked.kills, asked.seed)
    print(found)
    sys.exit(bool(found.outcomes.total()) or found.kills < asked.kills)


if __name__ == "__main__":
    main()
