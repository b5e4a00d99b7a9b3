import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor

import pytest

from genesys_assets_tests.benchmarks.warehouse_memory import measure


@pytest.mark.slow
def test_a_million_rows_of_500_bytes_are_stored_and_replaced_in_600_megabytes() -> None:
    with ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as pool:  # a process whose peak is its own
        assert pool.submit(measure).result() < 600
