"""The passages of docs/sandbox.md that are generated: the effects of faults, and the rules that the sandbox believes.

Belongs here: which modules have rules, and how the passages are written. The rest of the page is written by hand.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from genesys_assets.sandbox.faults import EFFECTS
from genesys_assets.sandbox.rules import Rule

WITHOUT_RULES: Mapping[str, str] = {
    "app": "routes requests to the endpoints, which have the rules",
    "clocks": "Genesys Cloud knows no clocks of a contact centre",
    "corrupt_responses": "what is broken on purpose is no rule",
    "organisation": "is made up: a contact centre of queues, people and codes",
    "scenario": "is the form of what happens",
    "scenario_types.values": "repeats values of the official record, which a test compares",
    "steps.calls": "puts steps together, which have the rules",
    "steps.distributions": "draws what happens by chance",
    "traffic": "says how much happens, and when",
    "faults": "what goes wrong on request is no rule",
    "reference": "writes the rules down",
    "rules": "is the form of a rule",
    "samples": "counts what is emitted",
    "sandbox": "puts state and application together",
    "server": "is HTTP",
    "vocabulary": "holds names alone, which a test compares with those of the official SDK",
}
"""Modules that decide nothing about Genesys Cloud, and why; every other one declares `RULES`."""


def rules() -> dict[str, tuple[Rule, ...]]:
    """Return the rules of each module of the sandbox that has any, by its name below the sandbox."""
    found = {}
    for module in pkgutil.walk_packages([str(Path(__file__).parent)], f"{__package__}."):
        declared = getattr(import_module(module.name), "RULES", ())
        if declared:
            found[module.name.removeprefix(f"{__package__}.")] = tuple(declared)
    return found


def effects_passage() -> str:
    """Return the table of the effects of faults."""
    rows = "".join(f"| `{name}=` | {effect.meaning} |\n" for name, effect in EFFECTS.items())
    return f"| effect | what happens |\n|---|---|\n{rows}"


def rules_passage() -> str:
    """Return the rules, a table for each module."""
    return "\n".join(_table(name, declared) for name, declared in rules().items())


def _table(name: str, declared: tuple[Rule, ...]) -> str:
    charter = (import_module(f"{__package__}.{name}").__doc__ or "").partition("\n")[0]
    rows = "".join(f"| {_cell(rule.statement)} | {rule.certainty} | {_cell(rule.source)} |\n" for rule in declared)
    return f"### {name.replace('.', '/')}\n\n{charter}\n\n| rule | certainty | source |\n|---|---|---|\n{rows}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
