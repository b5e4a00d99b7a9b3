"""Faults mixed at random: the day comes whole, or the run fails and says why. Never green and short."""

from datetime import timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import GenesysError
from genesys_assets.sandbox import Faults
from genesys_assets_tests.genesys.mixtures import FAULTS
from genesys_assets_tests.genesys.support import documents_in, world


@pytest.fixture(scope="module")
def there():
    """A smaller day, for there are many of them."""
    with world(conversations_per_day=30) as small:
        yield small


@pytest.mark.parametrize(
    "mixtures", [pytest.param(20, id="some"), pytest.param(300, id="many", marks=pytest.mark.slow)]
)
def test_whatever_goes_wrong_the_day_is_whole_or_the_run_fails(there, tmp_path_factory, mixtures):
    @settings(max_examples=mixtures)
    @given(
        source=st.sampled_from(["auto", "job", "query"]),
        faults=st.lists(FAULTS, min_size=1, max_size=4),
        page_size=st.sampled_from([3, 7, 20]),
        parallel=st.integers(1, 3),
    )
    def whole_or_failed(source, faults, page_size, parallel):
        folder = tmp_path_factory.mktemp("chaos")
        there.settle()
        there.time.noon_again()  # of the day after, for every mixture: what is still open would go on otherwise
        there.sandbox.faults = Faults(*faults)
        reading = {
            "query_slice": timedelta(hours=16),
            "query_page_size": page_size,
            "job_page_size": page_size,
            "parallel": parallel,
            "availability_seconds": 100,
        }
        try:
            extraction = there.extract(ParquetCheckpoint(folder), source, **reading)
        except GenesysError as error:
            event(f"fails: {type(error).__name__}")
            said = str(error)
            there.sandbox.faults = Faults()
            extraction = there.extract(ParquetCheckpoint(folder), source, **reading)  # the step's retry
            assert said.endswith(".")
        else:
            event("is whole")
        assert documents_in(ParquetCheckpoint(folder)) == there.truth(extraction.method)

    whole_or_failed()
