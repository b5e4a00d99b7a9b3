"""`make fuzz`: each reader of what comes from outside, for so many seconds, on input that no one has thought of.

    python -m genesys_assets_tests.fuzzing [--seconds N] [--seed N] [TARGET ...]

What belongs here: what is asked for, and that as many targets run at once as there are processors. A failure is printed
with its smallest input, which belongs into `seeds`.
"""

from __future__ import annotations

import argparse
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from genesys_assets_tests.fuzzing.running import holds_out
from genesys_assets_tests.fuzzing.targets import TARGETS


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
    names = asked.targets or list(TARGETS)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        sound = list(processes.map(holds_out, names, repeat(asked.seconds), repeat(asked.seed)))
    sys.exit(not all(sound))


if __name__ == "__main__":
    main()
