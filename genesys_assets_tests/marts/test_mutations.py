"""Each formula of the marts, changed on purpose, one at a time: over a day of the sandbox a comparison finds it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from genesys_assets.assets.recounted import recount
from genesys_assets.marts import (
    MARTS,
    Comparison,
    agent_performance,
    differences,
    flow_performance,
    interactions,
    metrics_of,
    queue_performance,
    wrapup_performance,
)
from genesys_assets.marts.formulas import conversations, days, measures
from genesys_assets.marts.formulas.measures import RATIOS, Measure, Ratio
from genesys_assets.marts.formulas.service_level import ServiceLevelOptions
from genesys_assets.sandbox import Sandbox
from genesys_assets.windows import window_of
from genesys_assets_tests.marts.of_sandbox import rows_of, staged_days, stored_in_duckdb, told
from genesys_assets_tests.sandbox.support import EVERY_TYPE_OFTEN

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 20)
SETTLED = datetime(2027, 2, 1, tzinfo=UTC)
OF_NO_USER = {"nOutboundAttempted", "nOutboundConnected", "nOutboundAbandoned"}
"""What a campaign emits: of agents they are 0, all three."""
MODULES: dict[str, tuple[ModuleType, str]] = {
    "queue_performance": (queue_performance, "MEASURES"),
    "agent_performance": (agent_performance, "MEASURES"),
    "wrapup_performance": (wrapup_performance, "MEASURES"),
    "flow_performance": (flow_performance, "FLOWS"),
    "interactions": (interactions, "MEASURES"),
}
"""Where the measures stand of each mart that is compared or counted a second time."""


@dataclass(frozen=True)
class Day:
    """A day of the sandbox: its staging tables, and what Genesys Cloud tells of it."""

    folder: Path
    staging: dict[str, pl.LazyFrame]
    aggregates: Callable[[str], list[pl.LazyFrame]]

    def differing(self, name: str) -> set[str]:
        """The figures of a mart, computed anew, that differ."""
        mart = MARTS[name]
        rows = mart.formula(**{table: self.staging[table] for table in mart.inputs}).collect().lazy()
        if name == "interactions":
            return {*recount(stored_in_duckdb(self.folder, mart, self.staging, rows), DAY, window_of(DAY, UTC))}
        found = [
            differences(rows, aggregates, comparison, statistics).collect()
            for aggregates, (comparison, statistics) in zip(self.aggregates(name), mart.compared, strict=True)
        ]
        return {figure for each in found for figure in each["figure"]}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    sandbox = Sandbox(seed=7, conversations_per_day=600, now=lambda: SETTLED, mix=EVERY_TYPE_OFTEN)
    folder = tmp_path_factory.mktemp("staging")
    staging = staged_days(sandbox, [DAY], folder)

    @cache
    def aggregates(name: str) -> list[pl.LazyFrame]:
        def asked(comparison: Comparison, metrics: tuple[str, ...]) -> pl.LazyFrame:
            return rows_of(told(sandbox, DAY, comparison, metrics=metrics), comparison)

        return [asked(comparison, metrics_of(each.values())) for comparison, each in MARTS[name].compared]

    return Day(folder, {name: frame.collect().lazy() for name, frame in staging.items()}, aggregates)


@pytest.mark.parametrize("name", MODULES)
def test_unchanged_formulas_differ_in_nothing(day: Day, name: str) -> None:
    assert day.differing(name) == set()


def test_every_mart_that_is_compared_is_changed() -> None:
    assert MODULES.keys() == {"interactions", *(name for name, mart in MARTS.items() if mart.comparisons)}


def changed_measures() -> Iterator[tuple[str, Measure, Measure]]:
    """Each measure of each mart, of the next metric of the mart; a timer also with its count for its sum."""
    for name in MODULES:
        mart = MARTS[name]
        metrics = list(dict.fromkeys(measure.metric for measure in mart.measures))
        for measure in mart.measures:
            after = metrics[metrics.index(measure.metric) + 1 :] + metrics
            other = next(each for each in after if name != "agent_performance" or each not in OF_NO_USER)
            yield name, measure, replace(measure, metric=other)
            if measure.metric.startswith("t"):
                yield name, measure, replace(measure, how="sum" if measure.how == "count" else "count")


@pytest.mark.parametrize(
    ("name", "measure", "mutant"),
    [
        pytest.param(*each, id=f"{each[0]}: {each[1].name} is the {each[2].how} of {each[2].metric}")
        for each in changed_measures()
    ],
)
def test_a_measure_that_is_made_otherwise_is_found(
    day: Day, monkeypatch: pytest.MonkeyPatch, name: str, measure: Measure, mutant: Measure
) -> None:
    module, declared = MODULES[name]
    of_mart = getattr(module, declared)
    monkeypatch.setattr(module, declared, tuple(mutant if each == measure else each for each in of_mart))
    assert measure.name in day.differing(name)


def changed_ratios() -> Iterator[tuple[str, Ratio, Ratio]]:
    """Each ratio, in the first mart that has it, divided by something else, and of something else."""
    for ratio in RATIOS:
        name = next(name for name, mart in MARTS.items() if mart.comparisons and ratio in mart.ratios)
        others = [measure.name for measure in MARTS[name].measures]
        yield name, ratio, replace(ratio, numerator=others[others.index(ratio.numerator) - 1])
        yield name, ratio, replace(ratio, denominator=others[others.index(ratio.denominator) + 1])


@pytest.mark.parametrize(
    ("name", "ratio", "mutant"),
    [
        pytest.param(*each, id=f"{each[0]}: {each[1].name} is {each[2].numerator} / {each[2].denominator}")
        for each in changed_ratios()
    ],
)
def test_a_ratio_that_is_divided_otherwise_is_found(
    day: Day, monkeypatch: pytest.MonkeyPatch, name: str, ratio: Ratio, mutant: Ratio
) -> None:
    monkeypatch.setattr(measures, "RATIOS", tuple(mutant if each == ratio else each for each in RATIOS))
    assert ratio.name in day.differing(name)


CODE: list[tuple[str, Callable[..., object], str, str]] = [
    ("queue_performance", days.emitted_on_its_day, "session_metrics.filter(in_window", "session_metrics; (in_window"),
    ("agent_performance", days.emitted_on_its_day, "session_metrics.filter(in_window", "session_metrics; (in_window"),
    ("wrapup_performance", days.emitted_on_its_day, "session_metrics.filter(in_window", "session_metrics; (in_window"),
    ("flow_performance", days.emitted_on_its_day, "session_metrics.filter(in_window", "session_metrics; (in_window"),
    ("queue_performance", days.interval_start, 'truncate(f"{minutes}m")', 'round(f"{minutes}m")'),
    ("queue_performance", measures.with_ratios, '- pl.col("answered_over_service_level")', ""),
    ("queue_performance", measures.with_ratios, '"answered_over_service_level"', '"short_abandoned"'),
    ("queue_performance", ServiceLevelOptions.denominator, 'pl.col("answered")', 'pl.col("offered")'),
    ("queue_performance", ServiceLevelOptions.denominator, "if self.include_abandons", "if not self.include_abandons"),
    ("queue_performance", ServiceLevelOptions.denominator, "if not self.include_short", "if self.include_short"),
    ("queue_performance", ServiceLevelOptions.denominator, "if self.include_flowouts", "if not self.include_flowouts"),
    (
        "queue_performance",
        queue_performance.queue_performance,
        'pl.col("queue_id").is_not_null()',
        'pl.col("media_type") == "voice"',
    ),
    (
        "agent_performance",
        agent_performance.agent_performance,
        'pl.col("user_id").is_not_null()',
        'pl.col("queue_id").is_not_null()',
    ),
    (
        "wrapup_performance",
        wrapup_performance.wrapup_performance,
        'pl.col("name").is_in(names)',
        'pl.col("wrap_up_code").is_not_null()',
    ),
    ("interactions", days.ended_on_its_day, "& in_window", "| in_window"),
    ("interactions", days.ended_on_its_day, "last_instant()", 'pl.col("conversation_start")'),
    ("interactions", interactions._agents, '"tHandle"', '"tTalkComplete"'),
    ("interactions", interactions._agents, "n_unique()", "null_count()"),
    ("interactions", interactions._last_wrap_up_code, ".last()", ".first()"),
    ("interactions", conversations.queues, '["customer", "external"]', '["agent"]'),
    ("interactions", conversations.queues, 'pl.col("queue_id").last()', 'pl.col("queue_id").first()'),
    ("interactions", conversations.media, ".first()", ".last()"),
    ("interactions", conversations.milliseconds, "total_milliseconds", "total_seconds"),
    ("flow_performance", flow_performance._executions, "for measure in FLOWS]", "for measure in FLOWS[1:]]"),
    ("flow_performance", flow_performance._executions, "total(pl.col(measure.name))", "pl.col(measure.name).max()"),
]
"""The mart, a function that computes it, what of its source is changed, and into what."""


@pytest.mark.parametrize(
    ("name", "function", "old", "new"), [pytest.param(*each, id=f"{each[0]}: {each[3] or each[2]}") for each in CODE]
)
def test_code_that_is_changed_is_found(
    day: Day, monkeypatch: pytest.MonkeyPatch, name: str, function: Callable[..., object], old: str, new: str
) -> None:
    source = textwrap.dedent(inspect.getsource(function))
    assert old in source
    made: dict[str, Callable[..., object]] = {}
    text = "from __future__ import annotations\n" + source.replace(old, new, 1)
    exec(compile(text, "<mutant>", "exec"), vars(inspect.getmodule(function)), made)  # noqa: S102 - our own source
    monkeypatch.setattr(function, "__code__", made[function.__name__].__code__)
    assert day.differing(name)
