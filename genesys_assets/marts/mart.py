"""What a mart is: one declaration, from which its table, asset, checks, lineage and pages are made.

What belongs here: the declaration, and the table that follows from it. Columns that several marts identify their rows
by are `columns`; what the figures are computed by is `formulas`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import MartRows
from genesys_assets.marts.formulas.measures import SERVICE_LEVEL_INPUTS, Measure, Ratio, ratios_of
from genesys_assets.marts.formulas.names import is_its_own_name, name_column, table_of_ids
from genesys_assets.marts.formulas.parts import in_parts
from genesys_assets.marts.formulas.reconciliation import Comparison
from genesys_assets.marts.formulas.statistics import Quotient, Statistic

Formula = Callable[..., pl.LazyFrame]
Columns = Mapping[str, tuple[str, ...]]
"""Tables and those of their columns that are read."""


@dataclass(frozen=True)
class Mart:
    """A table of figures that answers a view of Genesys Cloud.

    Attributes:
        name: The table, in the schema `marts`.
        rows: What a row is: its docstring says it, `grain` is its key, its columns tell one row from another.
            Ids of the directory's entities get a column of names beside them.
        formula: Computes the rows of staging tables, which it takes by name; its docstring is docs/metrics.md's text.
        inputs: Staging tables and the columns that the formula reads. They are up to ninety columns wide, and copying
            the others out of the database took most of a mart's time. One that is left out is missed on collecting.
        measures: The additive figures, each a column.
        more: Further columns, which stand behind the measures.
        divided: Whether it has the ratios of its measures.
        by_conversation: Whether a row depends on one conversation alone, so that it can be computed part by part.
        comparisons: How its figures are compared with Genesys Cloud's aggregates; none: they are not.
    """

    name: str
    rows: type[MartRows]
    formula: Formula
    inputs: Columns
    measures: tuple[Measure, ...] = ()
    more: Mapping[str, dy.Column] = field(default_factory=dict)
    divided: bool = True
    by_conversation: bool = False
    comparisons: tuple[Comparison, ...] = ()

    @property
    def compute(self) -> Formula:
        """Return what the asset calls: the formula, part by part where that is possible."""
        return partial(in_parts, self.formula) if self.by_conversation else self.formula

    @property
    def ratios(self) -> list[Ratio]:
        """Return the mart's ratios; its service level, if it has one, stands beside them in `figures`."""
        return ratios_of({measure.name for measure in self.measures}) if self.divided else []

    @cached_property
    def figures(self) -> Mapping[str, dy.Column]:
        """Return the columns that are made of session metrics: measures, service level, ratios."""
        return {**self._summed(), **self._divided()}

    @property
    def compared(self) -> list[tuple[Comparison, dict[str, Statistic | Quotient]]]:
        """Return the mart's comparisons, each with the figures that are compared in it, every one in one."""
        left, found = [*self.figures], list[tuple[Comparison, dict[str, Statistic | Quotient]]]()
        for comparison in self.comparisons:
            statistics = comparison.statistics(left)
            found.append((comparison, statistics))
            left = [figure for figure in left if figure not in statistics]
        return found

    @cached_property
    def schema(self) -> type[MartRows]:
        """Return the table's schema: the columns of its rows, a name beside each id, figures and what is more."""
        columns = {**self._identifying(), **self._summed(), **self.more, **self._divided()}
        told = {"__doc__": self.rows.__doc__, "__module__": self.rows.__module__, "grain": self.rows.grain}
        return type(self.rows.__name__, (MartRows,), {**told, **columns})

    def _identifying(self) -> dict[str, dy.Column]:
        columns: dict[str, dy.Column] = {}
        for name, column in self.rows.columns().items():
            columns[name] = column
            if table_of_ids(name):
                columns[name_column(name)] = _name_of(name, column)
        return columns

    def _summed(self) -> dict[str, dy.Column]:
        return {each.name: dy.Int64(description=each.description) for each in self.measures}

    def _divided(self) -> dict[str, dy.Column]:
        described = {ratio.name: ratio.description for ratio in self.ratios}
        if self.divided and {measure.name for measure in self.measures} >= SERVICE_LEVEL_INPUTS:
            described = {"service_level": _SERVICE_LEVEL, **described}
        return {name: dy.Float64(nullable=True, description=each) for name, each in described.items()}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return the columns that hold names, each with the table ('directory.queues') that they are taken from."""
        tables = {column: table_of_ids(column) for column in self.rows.column_names()}
        return {name_column(ids): table for ids, table in tables.items() if table}

    @cached_property
    def name_columns(self) -> Mapping[str, str]:
        """Return the columns that hold names, by the columns of ids beside which they stand."""
        return {column: name_column(column) for column in self.rows.column_names() if table_of_ids(column)}

    @cached_property
    def directory(self) -> Columns:
        """Return the directory's tables that name the mart's ids, and their columns.

        A flow's name is the one that it had when it was executed, from the record: `directory.flows` tells today's.
        """
        return {table.removeprefix("directory."): ("id", "name") for table in self.names.values()}


def _name_of(name: str, ids: dy.Column) -> dy.Column:
    if isinstance(ids, dy.List):
        meaning = "Their names in the same order; null where the directory has none."
        return dy.List(dy.String(nullable=True), nullable=ids.nullable, description=meaning)
    if is_its_own_name(name):
        return dy.String(nullable=True, description="Name in the directory; the code itself when it is not listed.")
    return dy.String(nullable=True, description="Name in the directory; null when the directory has it not.")


_SERVICE_LEVEL = (
    "(answered - answered_over_service_level) / (answered + abandoned); its denominator is what "
    "the organisation's three service-level switches make it; null when that is 0."
)
