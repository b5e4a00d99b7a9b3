"""Documents of every type of conversation, rare ones as often as others: what the sandbox can emit at all.

Belongs here: generating them, for those who count what they have; no request is answered by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL, document
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES
from genesys_assets.sandbox.traffic import Key, Traffic

DAY = date(2026, 11, 19)
_OF_A_TYPE = 300
"""So many that each has the rare features of any conversation, too; all types take ten seconds."""
_CUSTOMER_FIRST = (frozenset({"Billing", "Customer Service", "Sales"}), frozenset[str]())
"""Queues whose callbacks dial the customer first: these of every other conversation, and else none."""


def samples() -> Iterator[dict[str, Any]]:
    """Yield the documents, as they are when nothing is added any more; always the same ones, each with its own id."""
    day = DAY.toordinal() - UNIX_EPOCH_ORDINAL
    for place, (name, kind) in enumerate(SCENARIO_TYPES.items()):
        traffics = [
            Traffic(seed=11, per_day=_OF_A_TYPE, mix={name: 1}, customer_first_queues=queues)
            for queues in _CUSTOMER_FIRST
        ]
        for number in range(place * _OF_A_TYPE, (place + 1) * _OF_A_TYPE):  # the id is made of the number
            traffic = traffics[number % len(traffics)]
            scenario = traffic.scenario(Key(0 if kind.days is None else 1, day, number))
            yield document(scenario, scenario.settled_at)
