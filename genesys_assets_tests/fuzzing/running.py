"""How one target is fuzzed: for so many seconds, and what is printed of it."""

from __future__ import annotations

import random
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


def holds_out(name: str, seconds: float, seed_of_all: int) -> bool:
    """Fuzzes a target, prints what came of it, and returns whether nothing was wrong."""
    try:
        tried = fuzzed(TARGETS[name], seconds, random.Random(f"{seed_of_all} {name}"))
    except Exception:  # whatever it is, it is a finding
        print(f"{name:10} WRONG\n{traceback.format_exc()}", flush=True)
        return False
    print(f"{name:10} {tried:8,} inputs, none wrong", flush=True)
    return True
