"""`dagster definitions validate`: import of everything that Dagster loads.

python -m genesys_assets_tests.benchmarks.contenders.validate WORK-FOLDER
"""

import os
import subprocess
import sys
from pathlib import Path

from genesys_assets_tests.benchmarks.stopwatch import Stopwatch

ROOT = Path(__file__).parents[3]


def main(work: Path) -> None:
    """Run the command once; what is counted is the one."""
    home = work / "home"
    home.mkdir(exist_ok=True)
    command = [Path(sys.executable).parent / "dagster", "definitions", "validate"]
    with Stopwatch(1):
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "DAGSTER_HOME": str(home)}, check=True, capture_output=True
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
