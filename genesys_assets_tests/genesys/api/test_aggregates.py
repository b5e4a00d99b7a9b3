"""What Genesys Cloud itself counts."""

from datetime import UTC, timedelta

import pytest

from genesys_assets.genesys import AGGREGATES, aggregates
from genesys_assets.genesys.api.errors import InvalidPageError
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import DAY, Script, answer, run

INTERVAL = window_of(DAY, UTC)
CONVERSATIONS = AGGREGATES["conversations"]


def test_a_days_aggregates_come_by_queue_and_media(here):
    wanted, by = ["nOffered", "tAnswered", "tHandle"], ["queueId", "mediaType"]
    rows = here.do(lambda cloud: aggregates(cloud, CONVERSATIONS, INTERVAL, wanted, by=by))
    assert {name for row in rows for name in row.group} == {*by}
    assert {row.metric for row in rows} == {"nOffered", "tAnswered", "tHandle"}
    offered = [row for row in rows if row.metric == "nOffered"]
    handled = [row for row in rows if row.metric == "tHandle"]
    assert all(row.count > 0 for row in rows)
    assert all(row.sum is None for row in offered)
    assert all(row.sum and row.sum > row.count for row in handled)


def test_buckets_come_with_their_start(here):
    quarter = timedelta(minutes=15)
    rows = here.do(lambda cloud: aggregates(cloud, CONVERSATIONS, INTERVAL, ["nOffered"], granularity=quarter))
    starts = [row.start for row in rows]
    assert len({*starts}) == len(starts) > 3
    assert {(start - INTERVAL.start) % quarter for start in starts} == {timedelta(0)}


def test_groups_without_data_are_not_among_them():
    script = Script(answer(200, {"results": [{"group": {"mediaType": "voice"}, "data": []}]}))
    assert run(script, lambda cloud: aggregates(cloud, CONVERSATIONS, INTERVAL, ["nOffered"])) == []


def of(stats, metric="nOffered", group=None):
    return {"results": [{"group": group, "data": [{"metrics": [{"metric": metric, "stats": stats}]}]}]}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"results": [{"data": [{"metrics": [{"metric": "nOffered"}]}]}]},
        {"results": [3]},
        of([]),
        of({"count": "many"}),
        of({"count": "inf"}),
        of({"sum": "nan"}),
        of({"count": [1]}),
        of({"count": 1}, metric=None),
        of({"count": 1}, group={"queueId": {"a": 1}}),
        of({"count": 1}, group={"mediaType": ["voice"]}),
        of({"count": 1}, group=3),
    ],
)
def test_an_answer_that_is_none_is_an_error(body):
    with pytest.raises(InvalidPageError):
        run(Script(answer(200, body)), lambda cloud: aggregates(cloud, CONVERSATIONS, INTERVAL, ["nOffered"]))


@pytest.mark.parametrize("count", [3, 3.0, "3", 10**30, 1e300, None])
def test_a_number_however_it_comes_is_read(count):
    [row] = run(Script(answer(200, of({"count": count}))), lambda cloud: aggregates(cloud, CONVERSATIONS, INTERVAL, []))
    assert row.count == int(float(count or 0)) or row.count == count
