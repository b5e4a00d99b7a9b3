"""Faults mixed at random, through raw/conversations: a whole day is stored, or nothing is and the run says why."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.sandbox import Faults, Sandbox
from genesys_assets_tests.assets.reading import facts_of, known_by_query, why
from genesys_assets_tests.conftest import DAY, NOW, chains
from genesys_assets_tests.genesys.mixtures import FAULTS

READING = {"query_slice": timedelta(hours=16), "query_page_size": 7, "job_page_size": 7, "availability_seconds": 100}


@pytest.mark.parametrize("mixtures", [pytest.param(3, id="some"), pytest.param(25, id="many", marks=pytest.mark.slow)])
def test_whatever_goes_wrong_a_green_partition_is_a_whole_one(tmp_path_factory, mixtures):
    @settings(max_examples=mixtures)
    @given(source=st.sampled_from(["auto", "job", "query"]), faults=st.lists(FAULTS, min_size=1, max_size=4))
    def whole_or_failed(source, faults):
        sandbox = Sandbox(conversations_per_day=30, now=lambda: NOW, requests_per_minute=None, faults=Faults(*faults))
        with chains(tmp_path_factory.mktemp("chaos")) as make:
            chain = make(sandbox, reading=READING, source=source)
            result = chain.fetch(DAY)
            if result.success:
                by_job = facts_of(result)["source"] == "job"
                assert chain.documents() == (sandbox.conversations(DAY) if by_job else known_by_query(sandbox, DAY))
            else:
                assert why(result).endswith(".")
                assert chain.documents() == {}

    whole_or_failed()
