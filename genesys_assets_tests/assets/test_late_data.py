"""What comes days or weeks after a conversation arrives, and a partition says since when nothing more is to come."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest

from genesys_assets.assets.late_data import expected_late_data
from genesys_assets.organisation import Organisation
from genesys_assets.sandbox import Sandbox
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows.frames import UTC_DAYS
from genesys_assets_tests.conftest import DAY, with_origins

LATE = ("staging/evaluations", "staging/surveys", "staging/resolutions")


@dataclass
class Morning:
    """A clock that stands at half past six, so many days after DAY."""

    days_after: int = 1

    def __call__(self) -> datetime:
        return datetime.combine(DAY, time(6, 30), UTC) + timedelta(days=self.days_after)


def read_at(watermark: datetime | None, *, complete: bool = True) -> dict[str, str]:
    extraction = SimpleNamespace(watermark=watermark, complete=complete)
    return expected_late_data(extraction, DAY, UTC_DAYS, CONVERSATIONS.final_after_days)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, "figures until 2026-11-23; resolutions until 2026-11-28; evaluations and surveys until 2026-12-20"),
        (3, "resolutions until 2026-11-28; evaluations and surveys until 2026-12-20"),
        (8, "evaluations and surveys until 2026-12-20"),
        (29, "evaluations and surveys until 2026-12-20"),
    ],
)
def test_a_young_day_says_what_may_still_change(days, expected):
    assert read_at(datetime.combine(DAY + timedelta(days=days), time(), UTC)) == {"may_still_change": expected}


def test_a_day_that_was_read_a_month_later_is_settled_since_its_last_part_was_final():
    assert read_at(datetime.combine(DAY + timedelta(days=45), time(), UTC)) == {"settled_since": "2026-12-20"}


def test_a_day_that_was_not_read_in_full_is_never_settled():
    late = datetime.combine(DAY + timedelta(days=45), time(), UTC)
    assert set(read_at(late, complete=False)) == set(read_at(None)) == {"may_still_change"}


def test_what_comes_late_arrives_by_the_default_settlement(chain_on):
    morning = Morning()
    sandbox = Sandbox(conversations_per_day=150, now=morning, requests_per_minute=None)
    chain = chain_on(sandbox)
    counts = []
    for morning.days_after in (1, *Organisation().settlement_days):
        assert chain.make(DAY, with_origins(*LATE)).success
        counts.append({table: chain.table(table.replace("/", ".")).height for table in LATE})

    assert counts[0]["staging/resolutions"] == 0
    assert all(counts[-1].values()), counts[-1]
    documents = Sandbox(conversations_per_day=150, now=Morning(60), requests_per_minute=None).conversations(DAY)
    expected = {
        table: sum(len(document.get(table.partition("/")[2], ())) for document in documents.values()) for table in LATE
    }
    assert counts[-1] == expected
