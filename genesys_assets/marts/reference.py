"""docs/metrics.md, made from the figures themselves.

What belongs here: how the table of measures, the ratios, the switches and the marts read as a page. Nothing is told
here that the code does not do; a test fails when the page is stale.
"""

from __future__ import annotations

import inspect
from dataclasses import fields
from datetime import UTC, date

from genesys_assets.marts import MARTS, Mart
from genesys_assets.marts.formulas.measures import LARGEST_VALUE, MEASURES, RATIOS, Measure
from genesys_assets.marts.formulas.service_level import ServiceLevelOptions
from genesys_assets.marts.formulas.statistics import STATISTICS
from genesys_assets.texts import markdown_table
from genesys_assets.windows import INTERVAL_LENGTHS, window_of

SWITCHES = {
    "include_flowouts_in_calculation": "Include Flowouts in Calculation",
    "include_short_abandons_in_calculation": "Include Short Abandons in Calculation",
    "include_abandons_in_calculation": "Include Abandons in Calculation",
}

_INTRODUCTION = f"""\
# The figures

<!-- Written by `make docs` from what genesys_assets/marts computes: edit that. -->

The figures are made of the session metrics that Genesys Cloud writes into the record of a conversation (the few made of
something else stand last in the table). Each metric has a name, a value and the instant at which it was emitted:

- It counts on the day of that instant by the clocks of [the organisation's time zone](business-day.md), and in the
  interval that holds it ({INTERVAL_LENGTHS} minutes long), as in Genesys Cloud. A call offered at 7:28 and answered at
  7:32 is offered in one half hour and answered in the next; a call over midnight is offered on one day and handled on
  the other. `marts.interactions` alone shows a conversation whole, on the day of its end.
- It counts for the agent, queue, media and direction of the session in which it stands. A session of several queues
  counts for the queue of the segment that holds the instant; where two segments meet at it, `t*` metrics count for the
  queue of the one that ends and `n*` metrics for the queue of the one that begins.
- `t*` metrics are durations in milliseconds and count one each time they are emitted; `n*` metrics are numbers.
- A value that cannot be (below 0, or over {LARGEST_VALUE:,}, in milliseconds 31 years) adds nothing to a sum. Such
  values, metrics without a value, and metrics that count on no day, since they have no instant or one that is far from
  their conversation, are told by name and number by the check `every_metric_counts` of `staging.session_metrics`.

Counts and milliseconds may be summed over any rows. Ratios may not: divide the sums again, as
`genesys_assets.marts.roll_up` does. The views of Genesys Cloud show rates as per cent and times as hours, minutes and
seconds; here rates go from 0 to 1 and times are milliseconds. A ratio whose denominator is 0 is null.
"""

_SERVICE_LEVEL = """\
`service_level` = (answered - answered_over_service_level) / (answered + abandoned), its denominator changed by the
three switches of Genesys Cloud's page Admin > Contact Center > Analytics, "Service Level Calculations Options". Set
them as your organisation has them, or the figure differs from the views' Service Level %. Source: "Configure the
service level calculation" in the Genesys Cloud Resource Center. The defaults are those that give the article's formula
before any switch is touched.
"""

_SWITCH_EFFECTS = {
    "include_flowouts_in_calculation": "on: flow_outs are added",
    "include_short_abandons_in_calculation": "off: short_abandoned are taken off",
    "include_abandons_in_calculation": "off: abandoned are taken off, the short ones with them, once",
}

_COMPARED = """\
For each day, and over exactly its window, the project asks Genesys Cloud's aggregates for the figures of these marts,
and the check `matches_genesys_aggregates` of the mart compares them. On a day that the data lake has in full they are
equal. Of `marts.interactions`, `matches_genesys_totals` asks the details query how many conversations began on the day
(1 request, and up to 5 where the day is none of UTC), and `equals_staging` counts every column again, in SQL.
"""

_STATISTICS = """\
What each figure must equal is written down apart from its formula, so that a wrong formula is not compared with itself.
A quotient is divided after both sides were added up; it is compared over the day.
"""

_LIMITS = """\
- Of calls, `offered` is answered + abandoned + flow_outs over the whole life of the conversations. Within one interval
  or day it need not be, as each counts when it happens.
- Messages and e-mails that end unanswered are neither abandoned nor flowed out, and callbacks of queues that dial the
  customer first have no outcome at all: the call that they become has it. What was left unanswered is, over whole
  lives, wait_count - answered - abandoned - flow_outs.
- `handled` may be more than `answered`: what agents began themselves is handled, and so is an alert that an agent let
  ring when after-call work followed.
- `transfer_rate` is divided by `handled`. A program that says it equals the views does so, but Genesys Cloud documents
  no denominator.
- Occupancy and the like are made of agents' routing-status time, which conversations do not tell.
- What is emitted on no queue (a call that an agent dials outside queues) is in `marts.agent_performance`, not in
  `marts.queue_performance`.
- A conversation that is opened again after its day was fetched stands in `marts.interactions` on both days until the
  earlier day is fetched again. The other marts count each of its metrics once all the same.
- An outcome counts here on the day on which it began; Genesys Cloud's own count of outcomes is emitted when the flow
  ends. Over midnight the two are on different days, and the comparison above leaves outcomes out.
- A change of the service-level switches changes past dates in Genesys Cloud at once; here it does when the marts of
  those days are made again.
"""


_SOME_DAY = window_of(date(2026, 11, 20), UTC)


def page() -> str:
    """Return the whole of docs/metrics.md, as Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            "## Counts and times\n",
            _measures(),
            "## Ratios\n",
            _ratios(),
            "## Service level\n",
            _SERVICE_LEVEL,
            _switches(),
            "## The marts\n",
            *map(_mart, MARTS.values()),
            "## Compared with Genesys Cloud\n",
            _COMPARED,
            _comparisons(),
            _STATISTICS,
            _statistics(),
            "## Where a figure and a view may differ\n",
            _LIMITS,
        ]
    )


def _measures() -> str:
    rows = [(_code(m.name), f"{m.how} of {_code(m.metric)}", m.view or "-", _marts_with(m)) for m in MEASURES]
    others = [(_code(name), *told, mart.name) for mart in MARTS.values() for name, *told in other_figures(mart)]
    return markdown_table(("figure", "formula and source metric", "in the Genesys views", "marts"), [*rows, *others])


def other_figures(mart: Mart) -> list[tuple[str, str, str]]:
    """Return the figures of a mart that are not made of session metrics: name, formula, what the views call it."""
    told = {name: column.metadata or {} for name, column in mart.schema.columns().items()}
    return [(name, each["formula"], each["view"]) for name, each in told.items() if each.get("formula")]


def _ratios() -> str:
    rows = [(_code(r.name), f"{_code(r.numerator)} / {_code(r.denominator)}", r.view or "-") for r in RATIOS]
    return markdown_table(("figure", "formula", "in the Genesys views"), rows)


def _switches() -> str:
    rows = [
        (_code(option.name), SWITCHES[option.name], "on" if option.default else "off", _SWITCH_EFFECTS[option.name])
        for option in fields(ServiceLevelOptions)
    ]
    return markdown_table(("option", "on the Genesys page", "default", "denominator"), rows)


def _mart(mart: Mart) -> str:
    prose = (inspect.getdoc(mart.formula) or "").split("\nArgs:")[0].strip()
    made_of = ", ".join(_code(f"staging.{table}") for table in mart.inputs)
    key = ", ".join(map(_code, mart.rows.grain))
    return f"### marts.{mart.name}\n\n{prose}\n\nKey: {key}. Made of {made_of}.\n"


def _comparisons() -> str:
    rows = [
        (
            _code(f"marts.{mart.name}"),
            f"{each.words}{', in its intervals too' if each.by_interval else ''}",
            "all" if statistics.keys() >= mart.figures.keys() else ", ".join(map(_code, statistics)),
            f"{each.of}, {len(each.parts(_SOME_DAY))}",
        )
        for mart in MARTS.values()
        for each, statistics in mart.compared
    ]
    return markdown_table(("mart", "compared", "figures", "aggregates of, requests for a day"), rows)


def _statistics() -> str:
    compared = {figure for mart in MARTS.values() for _, statistics in mart.compared for figure in statistics}
    rows = [(_code(figure), str(each)) for figure, each in STATISTICS.items() if figure in compared]
    return markdown_table(("figure", "statistic of the aggregates"), rows)


def _marts_with(measure: Measure) -> str:
    return ", ".join(name for name, mart in MARTS.items() if measure in mart.measures)


def _code(text: str) -> str:
    return f"`{text}`"
