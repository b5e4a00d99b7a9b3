"""The checkpoint on a real disk: what counts, what survives a kill, and in what form it goes on."""

from datetime import UTC, date, datetime, timedelta
from threading import Event, Thread

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.checkpoint import checkpoint as checkpoint_module
from genesys_assets.checkpoint import parts as parts_module
from genesys_assets.genesys import Batch, Counts, Plan, SliceFacts
from genesys_assets.genesys.api.errors import InvalidPageError
from genesys_assets.genesys.details.pages import KeyFields
from genesys_assets.windows import window_of

DAY = window_of(date(2026, 11, 22), UTC)
MORNING, EVENING = DAY.slices(timedelta(hours=12))
PLAN = Plan("conversations", "query", DAY.iso(), DAY.iso(), 1, "https://api.test", "the-client", "the-organisation")
FACTS = SliceFacts(fetched=1, expected=1, pages=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def batch(*documents, minute=0, end=None):
    """A batch of (id, document) fetched at some minute; None for a document: not active on the day."""
    key_fields = [KeyFields(key=name, start=DAY.start, end=end) for name, _ in documents]
    return Batch(
        key_fields, [text if text is None else text.encode() for _, text in documents], NOON + timedelta(minutes=minute)
    )


@pytest.fixture
def checkpoint(tmp_path):
    started = ParquetCheckpoint(tmp_path / "day")
    started.start(PLAN)
    return started


def texts(checkpoint):
    return dict(checkpoint.documents().select("key", "document").collect().iter_rows())


def test_what_is_committed_comes_out_as_it_went_in(checkpoint):
    checkpoint.add(MORNING, batch(("a", '{"x": 1.50, "é": "\\u00e9"}'), ("b", "{}")))
    checkpoint.commit(MORNING, FACTS)
    assert texts(checkpoint) == {"a": '{"x": 1.50, "é": "\\u00e9"}', "b": "{}"}
    assert checkpoint.committed() == {MORNING: FACTS}


def test_what_is_not_committed_does_not_count(checkpoint):
    checkpoint.add(MORNING, batch(("a", "{}")))
    assert texts(checkpoint) == {}
    assert checkpoint.counts(DAY, ["start"]) == Counts(0, 0, 0)


def test_a_day_without_conversations_has_the_columns_all_the_same(checkpoint):
    checkpoint.commit(MORNING, SliceFacts(fetched=0))
    empty = checkpoint.documents().collect()
    assert empty.is_empty()
    assert empty.schema == parts_module.DOCUMENTS_SCHEMA


def test_of_what_was_fetched_twice_the_later_stays(checkpoint):
    checkpoint.add(MORNING, batch(("a", "late"), minute=5))
    checkpoint.add(EVENING, batch(("a", "early"), ("b", "only"), minute=1))
    checkpoint.commit(MORNING, FACTS)
    checkpoint.commit(EVENING, FACTS)
    assert texts(checkpoint) == {"a": "late", "b": "only"}


def test_what_turns_out_to_have_ended_before_the_day_is_left_out(checkpoint):
    checkpoint.add(MORNING, batch(("a", "open"), minute=0))
    checkpoint.add(MORNING, batch(("a", None), minute=1, end=DAY.start - timedelta(hours=1)))
    checkpoint.commit(MORNING, FACTS)
    assert texts(checkpoint) == {}


def test_open_conversations_are_counted(checkpoint):
    checkpoint.add(MORNING, batch(("a", "{}"), ("b", "{}")))
    checkpoint.add(MORNING, batch(("a", "{}"), minute=1, end=DAY.end))
    checkpoint.commit(MORNING, FACTS)
    assert checkpoint.counts(DAY, ["start"]) == Counts(active=2, totalled=2, open=1)


def test_the_same_folder_goes_on_where_it_stopped(checkpoint, tmp_path):
    checkpoint.add(MORNING, batch(("a", "{}")))
    checkpoint.commit(MORNING, FACTS)
    checkpoint.add(EVENING, batch(("b", "{}")))
    again = ParquetCheckpoint(tmp_path / "day")
    assert again.plan() == PLAN
    again.start(PLAN)
    assert set(again.committed()) == {MORNING}
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
def test_another_plan_starts_afresh(checkpoint, tmp_path, change):
    checkpoint.add(MORNING, batch(("a", "{}")))
    checkpoint.commit(MORNING, FACTS)
    again = ParquetCheckpoint(tmp_path / "day")
    again.start(msgspec.structs.replace(PLAN, **change))
    assert again.committed() == {}
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["alive.lock", "manifest.jsonl"]


def test_a_manifest_that_does_not_say_who_has_answered_starts_afresh(checkpoint, tmp_path):
    checkpoint.add(MORNING, batch(("a", "{}")))
    checkpoint.commit(MORNING, FACTS)
    manifest = tmp_path / "day" / "manifest.jsonl"
    plan, *slices = manifest.read_bytes().splitlines(keepends=True)
    earlier = {name: value for name, value in msgspec.json.decode(plan).items() if name in {"source", "day"}}
    manifest.write_bytes(msgspec.json.encode({**earlier, "lookback_days": 1}) + b"\n" + b"".join(slices))
    again = ParquetCheckpoint(tmp_path / "day")
    assert again.plan() is None
    again.start(PLAN)
    assert again.committed() == {}
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["alive.lock", "manifest.jsonl"]


def test_leftovers_of_a_killed_process_are_removed(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    checkpoint.add(MORNING, batch(("a", "{}")))
    (tmp_path / "day" / "x.unfinished").write_bytes(b"half a part")
    again = ParquetCheckpoint(tmp_path / "day")
    again.start(PLAN)
    assert sorted(path.name for path in (tmp_path / "day").iterdir()) == ["alive.lock", "manifest.jsonl"]


@settings(max_examples=40)
@given(data=st.data())
def test_a_manifest_cut_off_anywhere_loses_whole_slices_only(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("checkpoint")
    checkpoint = ParquetCheckpoint(folder)
    checkpoint.start(PLAN)
    for number, part in enumerate(DAY.slices(timedelta(hours=6))):
        checkpoint.add(part, batch((f"c-{number}", "{}")))
        checkpoint.commit(part, FACTS)
    manifest = folder / "manifest.jsonl"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    again = ParquetCheckpoint(folder)
    again.start(PLAN)
    assert len(texts(again)) == len(again.committed()) <= 4
    for part in DAY.slices(timedelta(hours=6)):
        if part not in again.committed():
            again.add(part, batch((f"c-{part.start:%H}", "{}")))
            again.commit(part, FACTS)
    assert len(texts(ParquetCheckpoint(folder))) == 4


def test_a_part_that_is_missing_or_cut_off_makes_its_slice_missing(checkpoint, tmp_path):
    for number, part in enumerate(DAY.slices(timedelta(hours=8))):
        checkpoint.add(part, batch((f"c-{number}", "{}")))
        checkpoint.commit(part, FACTS)
    gone, cut, _ = sorted((tmp_path / "day").glob("*.parquet"))
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-1])
    assert len(texts(ParquetCheckpoint(tmp_path / "day"))) == 1


def test_large_slices_are_written_in_parts(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 100)
    for number in range(10):
        checkpoint.add(MORNING, batch((f"c-{number}", "x" * 60)))
    checkpoint.commit(MORNING, FACTS)
    assert len(list((tmp_path / "day").glob("*.parquet"))) == 5
    assert len(texts(checkpoint)) == 10


def test_a_dropped_slice_leaves_nothing(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    checkpoint.add(DAY, batch(("a", "{}")))
    checkpoint.abort(DAY)
    checkpoint.add(MORNING, batch(("b", "{}")))
    checkpoint.commit(MORNING, FACTS)
    assert texts(checkpoint) == {"b": "{}"}
    assert len(list((tmp_path / "day").glob("*.parquet"))) == 1


def test_a_document_that_is_not_utf_8_is_refused(checkpoint):
    checkpoint.add(MORNING, Batch(batch(("a", "")).key_fields, [b'{"x":"\xff"}'], NOON))
    with pytest.raises(InvalidPageError, match="not UTF-8"):
        checkpoint.commit(MORNING, FACTS)


def test_a_discarded_checkpoint_is_gone(checkpoint, tmp_path):
    checkpoint.commit(MORNING, FACTS)
    checkpoint.discard()
    assert not (tmp_path / "day").exists()
    assert checkpoint.plan() is None
    assert checkpoint.committed() == {}


def test_the_documents_of_several_days_can_be_put_one_after_the_other(checkpoint, tmp_path):
    checkpoint.add(MORNING, batch(("a", "{}")))
    checkpoint.commit(MORNING, FACTS)
    other = ParquetCheckpoint(tmp_path / "other")
    other.start(PLAN)
    other.add(MORNING, batch(("a", "{}"), ("b", "{}")))
    other.commit(MORNING, FACTS)
    assert pl.concat([checkpoint.documents(), other.documents()]).collect().height == 3


def test_a_page_that_comes_after_the_end_of_its_slice_leaves_nothing(checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    checkpoint.add(MORNING, batch(("a", "{}")))
    checkpoint.commit(MORNING, FACTS)
    checkpoint.add(MORNING, batch(("b", "{}")))
    assert texts(checkpoint) == {"a": "{}"}
    assert len(list((tmp_path / "day").glob("*.parquet"))) == 1


def test_pages_that_overlap_a_part_being_written_are_neither_lost_nor_doubled(checkpoint, monkeypatch):
    """A reading that is given up leaves its last page in a thread, while the next reading of the slice goes on."""
    write = checkpoint_module.write_part
    is_writing, may_go_on = Event(), Event()

    def slow_write(frame, path):
        is_writing.set()
        may_go_on.wait(10)
        return write(frame, path)

    monkeypatch.setattr(parts_module, "PART_BYTES", 1)
    monkeypatch.setattr(checkpoint_module, "write_part", slow_write)
    late = Thread(target=checkpoint.add, args=(MORNING, batch(("a", "{}"))))
    late.start()
    is_writing.wait(10)
    others = [Thread(target=checkpoint.add, args=(MORNING, batch((name, "{}")))) for name in "bc"]
    ending = Thread(target=lambda: [*map(Thread.join, others), checkpoint.commit(MORNING, FACTS)])
    for thread in (*others, ending):
        thread.start()
    may_go_on.set()
    for thread in (late, ending):
        thread.join(10)
    rows = checkpoint.documents().select("key").collect().to_series().to_list()
    assert sorted(rows) == ["a", "b", "c"]
    assert sum(part.name.endswith(".parquet") for part in checkpoint._folder.iterdir()) == 3


SPANNING = [None, DAY.end, MORNING.end + timedelta(milliseconds=1)]


@pytest.mark.parametrize(("end", "inconsistent"), [*((end, 1) for end in SPANNING), (MORNING.end, 0), (DAY.start, 0)])
@pytest.mark.parametrize("there", [MORNING, EVENING])
def test_a_conversation_that_spans_noon_is_torn_when_only_one_half_brings_it(checkpoint, there, end, inconsistent):
    checkpoint.add(there, batch(("a", "{}"), ("both", "{}"), end=end))
    checkpoint.add(EVENING if there == MORNING else MORNING, batch(("both", "{}")))
    checkpoint.commit(MORNING, FACTS)
    checkpoint.commit(EVENING, FACTS)
    assert checkpoint.inconsistent() == inconsistent


def test_slices_without_conversations_tear_none(checkpoint):
    checkpoint.commit(MORNING, FACTS)
    checkpoint.commit(EVENING, FACTS)
    assert checkpoint.inconsistent() == 0
