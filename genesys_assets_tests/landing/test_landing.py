"""The landing on a real disk: what counts, what survives a kill, and in what form it goes on."""

from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.genesys import Batch, Counts, Interval, Plan, SliceFacts
from genesys_assets.genesys.errors import InvalidPageError
from genesys_assets.genesys.pages import Head
from genesys_assets.landing import Landing
from genesys_assets.landing import landing as landing_module
from genesys_assets.landing import parts as parts_module

DAY = Interval.of_day(date(2026, 11, 22))
MORNING, EVENING = DAY.slices(timedelta(hours=12))
PLAN = Plan("query", DAY.iso(), 1, "https://api.test", "the-client", "the-organisation")
FACTS = SliceFacts(received=1, announced=1, pages=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def batch(*documents, minute=0, end=None):
    """A batch of (id, document) fetched at some minute; None for a document: not active on the day."""
    heads = [Head(conversation_id=name, conversation_start=DAY.start, conversation_end=end) for name, _ in documents]
    return Batch(
        heads, [text if text is None else text.encode() for _, text in documents], NOON + timedelta(minutes=minute)
    )


@pytest.fixture
def landing(tmp_path):
    begun = Landing(tmp_path / "day")
    begun.begin(PLAN)
    return begun


def texts(landing):
    return dict(landing.documents().select("conversation_id", "document").collect().iter_rows())


def test_what_is_sealed_comes_out_as_it_went_in(landing):
    landing.add(MORNING, batch(("a", '{"x": 1.50, "é": "\\u00e9"}'), ("b", "{}")))
    landing.seal(MORNING, FACTS)
    assert texts(landing) == {"a": '{"x": 1.50, "é": "\\u00e9"}', "b": "{}"}
    assert landing.sealed() == {MORNING: FACTS}


def test_what_is_not_sealed_does_not_count(landing):
    landing.add(MORNING, batch(("a", "{}")))
    assert texts(landing) == {}
    assert landing.counts(DAY) == Counts(0, 0, 0)


def test_a_day_without_conversations_has_the_columns_all_the_same(landing):
    landing.seal(MORNING, SliceFacts(received=0))
    empty = landing.documents().collect()
    assert empty.is_empty()
    assert empty.schema == parts_module.DOCUMENTS_SCHEMA


def test_of_what_was_fetched_twice_the_later_stays(landing):
    landing.add(MORNING, batch(("a", "late"), minute=5))
    landing.add(EVENING, batch(("a", "early"), ("b", "only"), minute=1))
    landing.seal(MORNING, FACTS)
    landing.seal(EVENING, FACTS)
    assert texts(landing) == {"a": "late", "b": "only"}


def test_what_turns_out_to_have_ended_before_the_day_is_left_out(landing):
    landing.add(MORNING, batch(("a", "open"), minute=0))
    landing.add(MORNING, batch(("a", None), minute=1, end=DAY.start - timedelta(hours=1)))
    landing.seal(MORNING, FACTS)
    assert texts(landing) == {}


def test_open_conversations_are_counted(landing):
    landing.add(MORNING, batch(("a", "{}"), ("b", "{}")))
    landing.add(MORNING, batch(("a", "{}"), minute=1, end=DAY.end))
    landing.seal(MORNING, FACTS)
    assert landing.counts(DAY) == Counts(conversations=2, begun=2, open=1)


def test_the_same_folder_goes_on_where_it_stopped(landing, tmp_path):
    landing.add(MORNING, batch(("a", "{}")))
    landing.seal(MORNING, FACTS)
    landing.add(EVENING, batch(("b", "{}")))
    again = Landing(tmp_path / "day")
    assert again.plan() == PLAN
    again.begin(PLAN)
    assert set(again.sealed()) == {MORNING}
    assert texts(again) == {"a": "{}"}


@pytest.mark.parametrize(
    "change",
    [
        {"source": "job"},
        {"day": "another day"},
        {"lookback_days": 2},
        {"host": "https://api.other.test"},
        {"client_id": "another-client"},
        {"organisation_id": "another-organisation"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_plan_starts_afresh(landing, tmp_path, change):
    landing.add(MORNING, batch(("a", "{}")))
    landing.seal(MORNING, FACTS)
    again = Landing(tmp_path / "day")
    again.begin(msgspec.structs.replace(PLAN, **change))
    assert again.sealed() == {}
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["alive.lock", "manifest.jsonl"]


def test_a_manifest_that_does_not_say_who_has_answered_starts_afresh(landing, tmp_path):
    landing.add(MORNING, batch(("a", "{}")))
    landing.seal(MORNING, FACTS)
    manifest = tmp_path / "day" / "manifest.jsonl"
    plan, *slices = manifest.read_bytes().splitlines(keepends=True)
    earlier = {name: value for name, value in msgspec.json.decode(plan).items() if name in {"source", "day"}}
    manifest.write_bytes(msgspec.json.encode({**earlier, "lookback_days": 1}) + b"\n" + b"".join(slices))
    again = Landing(tmp_path / "day")
    assert again.plan() is None
    again.begin(PLAN)
    assert again.sealed() == {}
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["alive.lock", "manifest.jsonl"]


def test_leftovers_of_a_killed_process_are_removed(landing, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    landing.add(MORNING, batch(("a", "{}")))
    (tmp_path / "day" / "x.unfinished").write_bytes(b"half a part")
    again = Landing(tmp_path / "day")
    again.begin(PLAN)
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["alive.lock", "manifest.jsonl"]


@settings(max_examples=40)
@given(data=st.data())
def test_a_manifest_cut_off_anywhere_loses_whole_slices_only(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("landing")
    landing = Landing(folder)
    landing.begin(PLAN)
    for number, part in enumerate(DAY.slices(timedelta(hours=6))):
        landing.add(part, batch((f"c-{number}", "{}")))
        landing.seal(part, FACTS)
    manifest = folder / "manifest.jsonl"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    again = Landing(folder)
    again.begin(PLAN)
    assert len(texts(again)) == len(again.sealed()) <= 4
    for part in DAY.slices(timedelta(hours=6)):
        if part not in again.sealed():
            again.add(part, batch((f"c-{part.start:%H}", "{}")))
            again.seal(part, FACTS)
    assert len(texts(Landing(folder))) == 4


def test_a_part_that_is_missing_or_cut_off_makes_its_slice_missing(landing, tmp_path):
    for number, part in enumerate(DAY.slices(timedelta(hours=8))):
        landing.add(part, batch((f"c-{number}", "{}")))
        landing.seal(part, FACTS)
    gone, cut, _ = sorted((tmp_path / "day").glob("*.parquet"))
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    assert len(texts(Landing(tmp_path / "day"))) == 1


def test_large_slices_are_written_in_parts(landing, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 100)
    for number in range(10):
        landing.add(MORNING, batch((f"c-{number}", "x" * 60)))
    landing.seal(MORNING, FACTS)
    assert len(list((tmp_path / "day").glob("*.parquet"))) == 5
    assert len(texts(landing)) == 10


def test_a_dropped_slice_leaves_nothing(landing, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    landing.add(DAY, batch(("a", "{}")))
    landing.drop(DAY)
    landing.add(MORNING, batch(("b", "{}")))
    landing.seal(MORNING, FACTS)
    assert texts(landing) == {"b": "{}"}
    assert len(list((tmp_path / "day").glob("*.parquet"))) == 1


def test_a_document_that_is_not_utf_8_is_refused(landing):
    landing.add(MORNING, Batch(batch(("a", "")).heads, [b'{"x":"\xff"}'], NOON))
    with pytest.raises(InvalidPageError, match="not UTF-8"):
        landing.seal(MORNING, FACTS)


def test_a_discarded_landing_is_gone(landing, tmp_path):
    landing.seal(MORNING, FACTS)
    landing.discard()
    assert not (tmp_path / "day").exists()
    assert landing.plan() is None
    assert landing.sealed() == {}


def test_the_documents_of_several_days_can_be_put_one_after_the_other(landing, tmp_path):
    landing.add(MORNING, batch(("a", "{}")))
    landing.seal(MORNING, FACTS)
    other = Landing(tmp_path / "other")
    other.begin(PLAN)
    other.add(MORNING, batch(("a", "{}"), ("b", "{}")))
    other.seal(MORNING, FACTS)
    assert pl.concat([landing.documents(), other.documents()]).collect().height == 3


def test_a_page_that_comes_after_the_end_of_its_slice_leaves_nothing(landing, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    landing.add(MORNING, batch(("a", "{}")))
    landing.seal(MORNING, FACTS)
    landing.add(MORNING, batch(("b", "{}")))
    assert texts(landing) == {"a": "{}"}
    assert len(list((tmp_path / "day").glob("*.parquet"))) == 1


def test_pages_that_overlap_a_part_being_written_are_neither_lost_nor_doubled(landing, monkeypatch):
    """A reading that is given up leaves its last page in a thread, while the next reading of the slice goes on."""
    write = landing_module.write_part
    is_writing, may_go_on = Event(), Event()

    def slow_write(frame, path):
        is_writing.set()
        may_go_on.wait(10)
        return write(frame, path)

    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    monkeypatch.setattr(landing_module, "write_part", slow_write)
    late = Thread(target=landing.add, args=(MORNING, batch(("a", "{}"))))
    late.start()
    is_writing.wait(10)
    others = [Thread(target=landing.add, args=(MORNING, batch((name, "{}")))) for name in "bc"]
    ending = Thread(target=lambda: [*map(Thread.join, others), landing.seal(MORNING, FACTS)])
    for thread in (*others, ending):
        thread.start()
    may_go_on.set()
    for thread in (late, ending):
        thread.join(10)
    rows = landing.documents().select("conversation_id").collect().to_series().to_list()
    assert sorted(rows) == ["a", "b", "c"]
    assert sum(part.name.endswith(".parquet") for part in landing._folder.iterdir()) == 3


SPANNING = [None, DAY.end, MORNING.end + timedelta(milliseconds=1)]


@pytest.mark.parametrize(("end", "torn"), [*((end, 1) for end in SPANNING), (MORNING.end, 0), (DAY.start, 0)])
@pytest.mark.parametrize("there", [MORNING, EVENING])
def test_a_conversation_that_spans_noon_is_torn_when_only_one_half_brings_it(landing, there, end, torn):
    landing.add(there, batch(("a", "{}"), ("both", "{}"), end=end))
    landing.add(EVENING if there == MORNING else MORNING, batch(("both", "{}")))
    landing.seal(MORNING, FACTS)
    landing.seal(EVENING, FACTS)
    assert landing.torn() == torn


def test_slices_without_conversations_tear_none(landing):
    landing.seal(MORNING, FACTS)
    landing.seal(EVENING, FACTS)
    assert landing.torn() == 0
