"""What ought to be steady after the first days, and is not: pure functions of what was measured.

What belongs here: the rules, each with the sentence that names what breaks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genesys_assets_tests.soak.measured import Measured

WARM_DAYS = 10
"""Until then libraries are loaded, caches filled and pools opened."""
STEADY = ("descriptors", "threads", "children", "spool_files", "work_files")
MEMORY_MARGIN_BYTES = 100 * 2**20
"""By so much memory may be above what it was when warm: what the allocator has not given back."""
GROWTH_MARGIN = 2.0
"""The database may grow so much faster a stored day in the second half than in the first.

Ten days tell nothing: DuckDB writes into the file's free blocks first, and the file grows by steps when there are none.
"""


def judged(measures: Sequence[Measured], days_wrong: Mapping[str, tuple[int, int]]) -> list[str]:
    """What is not as it ought to be, a sentence each.

    Args:
        measures: In the order of the days; the first that is warm is what later ones are held against.
        days_wrong: Days of which not so many conversations are stored as there are: stored, and there.
    """
    warm = [each for each in measures if each.day >= WARM_DAYS] or list(measures[-1:])
    return [
        *_days(days_wrong),
        *(sentence for name in STEADY for sentence in _unsteady(warm, name)),
        *_memory(warm),
        *_database(warm),
        *_runs(measures),
    ]


def _days(days_wrong: Mapping[str, tuple[int, int]]) -> list[str]:
    return [
        f"Of {day} {stored} conversations are stored, and there are {there}."
        for day, (stored, there) in sorted(days_wrong.items())
    ]


def _unsteady(warm: Sequence[Measured], name: str) -> list[str]:
    first, *later = ((each.day, getattr(each, name)) for each in warm)
    others = [(day, value) for day, value in later if value != first[1]]
    told = ", ".join(f"{value} after day {day}" for day, value in others)
    return [f"{name} is not steady: {first[1]} after day {first[0]}, {told}."] if others else []


def _memory(warm: Sequence[Measured]) -> list[str]:
    first, last = warm[0], max(warm, key=lambda each: each.memory_bytes)
    grown = last.memory_bytes - first.memory_bytes
    if grown <= MEMORY_MARGIN_BYTES:
        return []
    return [f"memory has grown by {grown / 2**20:,.0f} MiB from day {first.day} to day {last.day}."]


def _database(warm: Sequence[Measured]) -> list[str]:
    first, middle, last = warm[0], warm[len(warm) // 2], warm[-1]
    before, after = _growth(first, middle), _growth(middle, last)
    if after <= GROWTH_MARGIN * before or first is middle:
        return []
    days = f"from day {middle.day} to day {last.day}"
    return [f"the database has grown by {after:,.0f} bytes a stored day {days}, by {before:,.0f} until then."]


def _growth(earlier: Measured, later: Measured) -> float:
    return (later.database_bytes - earlier.database_bytes) / max(1, later.stored_days - earlier.stored_days)


def _runs(measures: Sequence[Measured]) -> list[str]:
    return [
        f"after day {each.day} {each.runs_kept} runs are kept, and the retention lets {each.runs_allowed} stay."
        for each in measures
        if each.runs_kept > each.runs_allowed
    ]
