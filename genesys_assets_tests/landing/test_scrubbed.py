"""A landing to which documents only come scrubbed."""

import pytest

from genesys_assets.genesys.errors import InvalidPageError
from genesys_assets.landing import Landing
from genesys_assets.landing.scrubbed import ScrubbedLanding
from genesys_assets.privacy import PrivacyError
from genesys_assets_tests.landing.test_landing import DAY, FACTS, MORNING, PLAN, batch, texts


def filled(folder, mark="drop-1"):
    """A landing with one sealed slice, scrubbed."""
    landing = Landing(folder)
    scrubbed = ScrubbedLanding(landing, lambda document: document.replace(b"Ada", b"..."), mark)
    scrubbed.begin(PLAN)
    scrubbed.add(MORNING, batch(("a", '{"name": "Ada"}'), ("b", None)))
    scrubbed.seal(MORNING, FACTS)
    return landing, scrubbed


def test_documents_come_to_the_disk_scrubbed(tmp_path):
    landing, _ = filled(tmp_path / "day")
    assert texts(landing) == {"a": '{"name": "..."}'}


def test_what_was_scrubbed_alike_is_gone_on_with(tmp_path):
    filled(tmp_path / "day")
    again = ScrubbedLanding(Landing(tmp_path / "day"), bytes, "drop-1")
    assert again.plan() == PLAN
    again.begin(PLAN)
    assert again.sealed() == {MORNING: FACTS}
    assert again.counts(DAY).conversations == 1


@pytest.mark.parametrize("mark", ["drop-2", None])
def test_what_was_scrubbed_differently_or_not_at_all_is_read_again(tmp_path, mark):
    filled(tmp_path / "day")
    landing = Landing(tmp_path / "day")
    again = landing if mark is None else ScrubbedLanding(landing, bytes, mark)
    assert again.plan() != PLAN
    again.begin(PLAN)
    assert again.sealed() == {}
    assert list((tmp_path / "day").glob("*.parquet")) == []


def test_a_dropped_slice_and_a_discarded_landing_are_forgotten(tmp_path):
    landing, scrubbed = filled(tmp_path / "day")
    scrubbed.drop(DAY)
    scrubbed.discard()
    assert landing.plan() is None
    assert not (tmp_path / "day").exists()


def test_a_document_that_cannot_be_scrubbed_stops_the_day(tmp_path):
    def refuse(document):
        raise PrivacyError("It cannot be scrubbed.")

    scrubbed = ScrubbedLanding(Landing(tmp_path / "day"), refuse, "drop-1")
    scrubbed.begin(PLAN)
    with pytest.raises(
        InvalidPageError,
        match=r"^It cannot be scrubbed\. It is conversation a of 2026-11-22",
    ):
        scrubbed.add(MORNING, batch(("a", "{}")))
