"""What people look at: the figures of a day as a page and as pictures.

What belongs here: figures, charts and one HTML text, from frames of marts. Reading the marts and storing the page do
not belong here. Imports no Dagster; the charting library is imported when a chart is drawn.
"""

from genesys_assets.reports.charts import queue_day_charts
from genesys_assets.reports.daily import daily_report
from genesys_assets.reports.figures import Headline, headline
from genesys_assets.reports.report_data import (
    CheckNote,
    Comparison,
    DataNotes,
    Difference,
    ReportData,
    Standing,
    comparison_days,
    targets_of,
)

__all__ = [
    "CheckNote",
    "Comparison",
    "DataNotes",
    "Difference",
    "Headline",
    "ReportData",
    "Standing",
    "comparison_days",
    "daily_report",
    "headline",
    "queue_day_charts",
    "targets_of",
]
