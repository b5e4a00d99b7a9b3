"""`make fuzz`: each reader of what comes from outside, for so many seconds, on input that no one has thought of.

    python -m genesys_assets_tests.fuzzing [--seconds N] [--seed N] [TARGET ...]

What belongs here: how long each runs and what is printed. A failure is printed with its smallest input, which belongs
into `seeds`.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from hypothesis import HealthCheck, given, seed, settings

from genesys_assets_tests.fuzzing.targets import TARGETS, Target

EXAMPLES = 100
"""So many between two looks at the clock."""


def fuzzed(target: Target, seconds: float, chance: random.Random) -> int:
    """Tries the seeds, then others until the time is up; returns how many."""
    tried, until = 0, time.monotonic() + seconds

    def holds(value: object) -> None:
        nonlocal tried
        tried += 1
        target.holds(value)

    for value in target.seeds:
        target.holds(value)
    quick = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    while time.monotonic() < until:
        seed(chance.randrange(1 << 32))(quick(given(target.given)(holds)))()
    return tried + len(target.seeds)


def main() -> None:
    """Fuzzes, prints, and exits with 1 when something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m genesys_assets_tests.fuzzing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="for each target")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all by default")
    asked = parser.parse_args()
    if unknown := set(asked.targets) - TARGETS.keys():
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    print(f"seed {asked.seed}", flush=True)
    broken = []
    for name in asked.targets or TARGETS:
        try:
            tried = fuzzed(TARGETS[name], asked.seconds, random.Random(f"{asked.seed} {name}"))
            print(f"{name:10} {tried:8,} inputs, none wrong", flush=True)
        except Exception:  # whatever it is, it is a finding
            broken.append(name)
            print(f"{name:10} WRONG\n{traceback.format_exc()}", flush=True)
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
