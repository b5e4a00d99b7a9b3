"""The table of docs/operations.md that a soak writes.

What belongs here: its words. What was measured is `measured`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from genesys_assets_tests.soak.measured import Measured

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN = "<!-- Written by `make soak` from what it has measured: run that. -->"
END = "<!-- Here ends what `make soak` has written. -->"
_MIB = 2**20
COLUMNS: Sequence[tuple[str, Callable[[Measured], str]]] = (
    ("after day", lambda each: str(each.day)),
    ("days stored", lambda each: str(each.stored_days)),
    ("runs: made", lambda each: f"{each.runs_made:,}"),
    ("kept", lambda each: f"{each.runs_kept:,}"),
    ("their events", lambda each: f"{each.events_kept:,}"),
    ("DAGSTER_HOME MB", lambda each: f"{each.home_bytes / _MIB:,.0f}"),
    ("database MB", lambda each: f"{each.database_bytes / _MIB:,.1f}"),
    ("copy MB", lambda each: f"{each.copy_bytes / _MIB:,.1f}"),
    ("exports and reports: files", lambda each: f"{each.exported_files:,}"),
    ("MB", lambda each: f"{each.exported_bytes / _MIB:,.1f}"),
    ("memory MB", lambda each: f"{each.memory_bytes / _MIB:,.0f}"),
    ("peak MB", lambda each: f"{each.peak_bytes / _MIB:,.0f}"),
    ("descriptors", lambda each: str(each.descriptors)),
    ("threads", lambda each: str(each.threads)),
    ("spool", lambda each: str(each.spool_files)),
    ("work folder", lambda each: str(each.work_files)),
)


def table(measures: Sequence[Measured]) -> str:
    """The measures as a table in Markdown."""
    head = f"| {' | '.join(name for name, _ in COLUMNS)} |\n|{'---:|' * len(COLUMNS)}\n"
    return head + "".join(f"| {' | '.join(tell(each) for _, tell in COLUMNS)} |\n" for each in measures)


def write(text: str, page: Path = PAGE) -> None:
    """Puts a text in place of what stands between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
