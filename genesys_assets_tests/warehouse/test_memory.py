import subprocess
import sys

import pytest

from genesys_assets_tests.benchmarks import warehouse_memory


@pytest.mark.slow
@pytest.mark.parametrize("rows", ["metrics", "calls"])
def test_a_million_rows_of_500_bytes_are_stored_and_replaced_in_600_megabytes(rows: str) -> None:
    command = f"from {warehouse_memory.__name__} import measured, {rows}; print(measured({rows}))"
    printed = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True).stdout
    assert float(printed.split()[-1]) < 600
