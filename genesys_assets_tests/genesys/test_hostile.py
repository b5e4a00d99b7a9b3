"""What a server in Genesys Cloud's place sends to fill the memory: a clear error each time, in bounded memory.

The client runs in a process of its own, so that the most memory which it has ever had can be read.
"""

import json
import subprocess
import sys

import pytest

from genesys_assets_tests.genesys.hostile import ATTACKS, hostile_server

MOST_MB = 600
"""What docs/limits.md promises, beside what the process has anyway."""


@pytest.fixture(scope="module")
def outcome():
    """What came of each attack."""
    with hostile_server() as url:
        client = subprocess.run(
            [sys.executable, "-m", "genesys_assets_tests.genesys.hostile", url],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert client.returncode == 0, client.stderr[-2_000:]
    return json.loads(client.stdout)


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_sent_to_fill_the_memory_is_a_clear_error(outcome, name):
    came = outcome[name]
    assert came["error"] == ATTACKS[name].error.__name__, came["text"]
    assert came["text"].endswith(".")
    assert came["text"].isprintable()
    assert len(came["text"]) < 1_000


def test_whatever_is_sent_the_process_stays_in_its_memory(outcome):
    taken = {name: outcome[name]["peak_mb"] - outcome["at rest"] for name in ATTACKS}
    assert {name: taken[name] for name in ATTACKS if taken[name] >= MOST_MB} == {}
