"""A formula in parts says what it says at once."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from genesys_assets.marts.formulas.parts import in_parts
from genesys_assets.marts.interactions import MART, interactions
from genesys_assets_tests.marts.staging import Conversation, Frames, Session, empty, staged


def day() -> Frames:
    """Twenty conversations that ended on the day, each with an agent."""
    agents = [Session("agent", [("tHandle", n, 12)], user=f"u{n % 3}", queue="q1") for n in range(20)]
    told = [Conversation(10, 13, [agent], id=f"c{n}") for n, agent in enumerate(agents)]
    return {table: staged(*told)[table] for table in MART.inputs}


@pytest.mark.parametrize("at_once", [1, 7, 20, 1000])
def test_parts_have_the_rows_of_the_whole(at_once: int) -> None:
    whole = interactions(**day()).collect()
    assert whole.height == 20
    assert_frame_equal(in_parts(interactions, at_once=at_once, **day()).collect(), whole, check_row_order=False)


def test_parts_can_be_filtered_selected_and_cut() -> None:
    parts = in_parts(interactions, at_once=3, **day())
    chosen = parts.filter(pl.col("handle_time_ms") > 9_000).select("conversation_id").collect()
    assert sorted(chosen["conversation_id"]) == sorted(f"c{n}" for n in range(10, 20))
    assert parts.head(4).collect().height == 4


def test_a_day_without_conversations_has_the_columns_and_no_row() -> None:
    frames = {table: empty()[table] for table in MART.inputs}
    rows = in_parts(interactions, **frames).collect()
    assert (rows.height, rows.schema) == (0, interactions(**frames).collect_schema())
