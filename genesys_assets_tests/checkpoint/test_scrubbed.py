"""A checkpoint to which documents only come scrubbed."""

import pytest

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.checkpoint.scrubbed import ScrubbedCheckpoint
from genesys_assets.genesys.api.errors import InvalidPageError
from genesys_assets.privacy import PrivacyError
from genesys_assets_tests.checkpoint.test_checkpoint import DAY, FACTS, MORNING, PLAN, batch, texts


def filled(folder, mark="drop-1"):
    """A checkpoint with one committed slice, scrubbed."""
    checkpoint = ParquetCheckpoint(folder)
    scrubbed = ScrubbedCheckpoint(checkpoint, lambda document: document.replace(b"Ada", b"..."), mark)
    scrubbed.start(PLAN)
    scrubbed.add(MORNING, batch(("a", '{"name": "Ada"}'), ("b", None)))
    scrubbed.commit(MORNING, FACTS)
    return checkpoint, scrubbed


def test_documents_come_to_the_disk_scrubbed(tmp_path):
    checkpoint, _ = filled(tmp_path / "day")
    assert texts(checkpoint) == {"a": '{"name": "..."}'}


def test_what_was_scrubbed_alike_is_gone_on_with(tmp_path):
    filled(tmp_path / "day")
    again = ScrubbedCheckpoint(ParquetCheckpoint(tmp_path / "day"), bytes, "drop-1")
    assert again.plan() == PLAN
    again.start(PLAN)
    assert again.committed() == {MORNING: FACTS}
    assert again.counts(DAY, ["start"]).active == 1


@pytest.mark.parametrize("mark", ["drop-2", None])
def test_what_was_scrubbed_differently_or_not_at_all_is_read_again(tmp_path, mark):
    filled(tmp_path / "day")
    checkpoint = ParquetCheckpoint(tmp_path / "day")
    again = checkpoint if mark is None else ScrubbedCheckpoint(checkpoint, bytes, mark)
    assert again.plan() != PLAN
    again.start(PLAN)
    assert again.committed() == {}
    assert list((tmp_path / "day").glob("*.parquet")) == []


def test_a_dropped_slice_and_a_discarded_checkpoint_are_forgotten(tmp_path):
    checkpoint, scrubbed = filled(tmp_path / "day")
    scrubbed.abort(DAY)
    scrubbed.discard()
    assert checkpoint.plan() is None
    assert not (tmp_path / "day").exists()


def test_a_document_that_cannot_be_scrubbed_stops_the_day(tmp_path):
    def refuse(document):
        raise PrivacyError("It cannot be scrubbed.")

    scrubbed = ScrubbedCheckpoint(ParquetCheckpoint(tmp_path / "day"), refuse, "drop-1")
    scrubbed.start(PLAN)
    with pytest.raises(
        InvalidPageError,
        match=r"^It cannot be scrubbed\. It is the record a of 2026-11-22",
    ):
        scrubbed.add(MORNING, batch(("a", "{}")))
