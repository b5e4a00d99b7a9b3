"""Every seed, and a few inputs that are a little off one; `make fuzz` tries as many as there is time for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_assets_tests.fuzzing.targets import TARGETS

SEEDS = [(name, seed) for name, target in TARGETS.items() for seed in target.seeds]


@pytest.mark.parametrize(("name", "seed"), SEEDS, ids=[f"{name}-{place}" for place, (name, _) in enumerate(SEEDS)])
def test_every_seed_is_read_as_it_should(name, seed):
    TARGETS[name].holds(seed)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_near_a_seed_is_read_as_it_should(name, data):
    TARGETS[name].holds(data.draw(TARGETS[name].given))
