"""Names beside ids."""

import polars as pl
import pytest

from genesys_assets.marts import with_names
from genesys_assets.marts.formulas.errors import DoubledNameError

QUEUES = pl.LazyFrame({"id": ["q1", "q2"], "name": ["Billing", "Sales"], "deleted": [False, True]})
USERS = pl.LazyFrame({"id": ["u1", "u2"], "name": ["Ann", "Bob"]})


def test_each_id_has_its_name_beside_it() -> None:
    rows = pl.LazyFrame({"first_queue_id": ["q2"], "last_queue_id": ["q1"], "last_user_id": ["u1"], "offered": [1]})
    assert with_names(rows, queues=QUEUES, users=USERS).collect().row(0, named=True) == {
        "first_queue_id": "q2",
        "first_queue_name": "Sales",
        "last_queue_id": "q1",
        "last_queue_name": "Billing",
        "last_user_id": "u1",
        "last_user_name": "Ann",
        "offered": 1,
    }


def test_an_id_that_the_directory_does_not_know_stays_without_a_name() -> None:
    rows = pl.LazyFrame({"queue_id": ["q9", None, "q1"], "offered": [1, 2, 3]})
    assert with_names(rows, queues=QUEUES).collect()["queue_name"].to_list() == [None, None, "Billing"]


def test_without_a_directory_every_name_is_null() -> None:
    rows = pl.LazyFrame({"queue_id": ["q1"]})
    assert with_names(rows).collect().row(0) == ("q1", None)


def test_a_wrap_up_code_that_is_listed_nowhere_is_its_own_name() -> None:
    rows = pl.LazyFrame({"wrap_up_code": ["w1", "ININ-WRAP-UP-TIMEOUT", None]})
    codes = pl.LazyFrame({"id": ["w1"], "name": ["Resolved"]})
    assert with_names(rows, wrapup_codes=codes).collect()["wrap_up_name"].to_list() == [
        *("Resolved", "ININ-WRAP-UP-TIMEOUT", None)
    ]


def test_a_list_of_agents_keeps_its_order_and_its_gaps() -> None:
    rows = pl.LazyFrame({"user_ids": [["u2", "u9", "u1"], [], ["u1"]]})
    assert with_names(rows, users=USERS).collect()["user_names"].to_list() == [["Bob", None, "Ann"], [], ["Ann"]]


def test_divisions_are_named_too() -> None:
    divisions = pl.LazyFrame({"id": ["d1"], "name": ["Home"]})
    rows = pl.LazyFrame({"division_ids": [["d1", "d9"], []]})
    assert with_names(rows, divisions=divisions).collect()["division_names"].to_list() == [["Home", None], []]


def test_rows_keep_their_order_and_number() -> None:
    rows = pl.LazyFrame({"queue_id": ["q2", "q1", None, "q2"], "n": [0, 1, 2, 3]})
    assert with_names(rows, queues=QUEUES).collect()["n"].to_list() == [0, 1, 2, 3]


def test_a_directory_with_an_id_twice_is_refused_rather_than_doubling_rows() -> None:
    rows = pl.LazyFrame({"queue_id": ["q1"]})
    with pytest.raises(DoubledNameError, match=r"directory\.queues holds an id twice"):
        with_names(rows, queues=pl.concat([QUEUES, QUEUES]))
