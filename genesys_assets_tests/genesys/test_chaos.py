"""Faults mixed at random: the day comes whole, or the run fails and says why. Never green and short."""

from datetime import timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from genesys_assets.genesys import GenesysError
from genesys_assets.landing import Landing
from genesys_assets.sandbox import Faults, on
from genesys_assets_tests.genesys.support import landed, world

EFFECTS = st.one_of(
    st.sampled_from([408, 500, 502, 503, 504, 429, 400, 404, 410, 403]).map(lambda status: {"status": status}),
    st.sampled_from(["1", "date", "soon", "0"]).map(lambda text: {"retry_after": text}),
    st.sampled_from(["before", "inside"]).map(lambda moment: {"drop": moment}),
    st.sampled_from(["id", "start", "page", "record"]).map(lambda kind: {"garbage": kind}),
    st.sampled_from(["FAILED", "EXPIRED", "CANCELLED", "unknown"]).map(lambda state: {"job": state}),
    st.sampled_from([-50, -3, 3, 9]).map(lambda rows: {"shift": rows}),
    st.sampled_from([0, 5, 12, 25]).map(lambda cap: {"cap": cap}),
    st.sampled_from([1, 2, 50]).map(lambda more: {"total_hits": more}),
    st.sampled_from([60_000.0, 80_000.0]).map(lambda lag: {"lag": lag}),  # a lake that has the day tells it as it was
    st.sampled_from(["truncate", "expire_token", "refuse_cursor", "next_page_cursor", "repeat"]).map(
        lambda name: {name: True}
    ),
    st.integers(3, 9).map(lambda limit: {"limit": limit}),
    st.just({"error": "response.entity.too.large"}),
)
FAULTS = st.builds(
    lambda where, after, times, effect: on(where, after=after, times=times, **effect),
    where=st.sampled_from(
        ["", "details/query", "details/jobs$", "details/jobs/", "jobs/.*/results", "availability", "oauth"]
    ),
    after=st.integers(0, 12),
    times=st.one_of(st.integers(1, 6), st.none()),
    effect=EFFECTS,
)


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
        there.time.at = 0.0  # noon of the day after, as for every mixture: what is still open would go on otherwise
        there.sandbox.faults = Faults(*faults)
        reading = {
            "query_slice": timedelta(hours=16),
            "query_page_size": page_size,
            "job_page_size": page_size,
            "parallel": parallel,
            "availability_seconds": 100,
        }
        try:
            extraction = there.extract(Landing(folder), source, **reading)
        except GenesysError as error:
            event(f"fails: {type(error).__name__}")
            said = str(error)
            there.sandbox.faults = Faults()
            extraction = there.extract(Landing(folder), source, **reading)  # the step's retry, once it has passed
            assert said.endswith(".")
        else:
            event("is whole")
        assert landed(Landing(folder)) == there.truth(extraction.source)

    whole_or_failed()
