"""Until when Genesys Cloud may add to a day or change it: the metadata `may_still_change` and `settled_since`.

The source says how long after its day each part of a record may arrive or change. The schedule `settlement` decides
which days are read again.

Genesys Cloud documents none of these times; docs/operations.md says where each comes from.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from genesys_assets.genesys import Extraction
from genesys_assets.windows import day_at


def expected_late_data(
    extraction: Extraction, day: date, zone: ZoneInfo, final_after_days: Mapping[str, int]
) -> dict[str, str]:
    """Return since when a day is settled, or which of its parts may still change, and until when.

    Args:
        extraction: How the day was read.
        day: The day.
        zone: The time zone of the days.
        final_after_days: Days after its day by which each part is final, by the data lake's own watermark.

    Returns:
        `settled_since`, a date; or `may_still_change`, the parts with their dates. The last of these dates is the one
        on which the day is settled.
    """
    final = {part: day + timedelta(days=days) for part, days in final_after_days.items()}
    seen_until = day_at(extraction.watermark, zone) if extraction.complete and extraction.watermark else day
    open_parts = [f"{part} until {until}" for part, until in final.items() if seen_until < until]
    return (
        {"may_still_change": "; ".join(open_parts)}
        if open_parts
        else {"settled_since": str(max(final.values(), default=day))}
    )
