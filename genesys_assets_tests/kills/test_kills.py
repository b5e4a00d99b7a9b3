"""That `make kills` would see what it looks for."""

import pytest

from genesys_assets_tests.kills.stored import Rows, judged

PLACE = ("raw.conversations", "2026-11-20")
OLD, NEW = Rows(10, 10, 1), Rows(12, 12, 2)


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        ({PLACE: OLD}, {}),
        ({PLACE: NEW}, {}),
        ({}, {"lost": 1}),
        ({PLACE: Rows(20, 10, 2)}, {"doubled": 1}),
        ({PLACE: Rows(22, 22, 3)}, {"halved": 1}),
        ({PLACE: Rows(5, 5, 1)}, {"halved": 1}),
    ],
    ids=["old", "new", "gone", "twice", "old and new", "half"],
)
def test_a_partition_is_what_it_was_or_what_it_is_to_be(after, outcome):
    assert judged({PLACE: OLD}, after, [{PLACE: NEW}]) == outcome


def test_a_partition_that_is_empty_in_one_truth_may_become_empty():
    assert judged({PLACE: OLD}, {}, [{PLACE: NEW}, {}]) == {}
