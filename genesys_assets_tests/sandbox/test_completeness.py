"""Each field, metric and value of the official record is emitted by some type of conversation, without exception."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL, document
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES
from genesys_assets.sandbox.traffic import Key, Traffic
from genesys_assets_tests.sandbox.support import DAY
from genesys_assets_tests.tables.record import CLASSES, METRIC_NAMES, PLACES

SOME_DAY = DAY.toordinal() - UNIX_EPOCH_ORDINAL
CONVERSATIONS_OF_A_TYPE = 300
CUSTOMER_FIRST = {"Sales", "Customer Service", "Billing"}


def facts(shown: Any, model: str) -> Iterator[tuple[str, str, Any]]:
    """Every field of an object and of those inside it: its class, its name, its value."""
    for name, value in shown.items():
        yield model, name, value
        if name in PLACES:
            for each in [value] if isinstance(value, dict) else value:
                yield from facts(each, PLACES[name].model)


@pytest.fixture(scope="module")
def emitted() -> dict[tuple[str, str], set[str]]:
    """The texts that each field of each class had, in many conversations of each type."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, kind in SCENARIO_TYPES.items():
        traffic = Traffic(seed=11, per_day=CONVERSATIONS_OF_A_TYPE, mix={name: 1}, customer_first_queues=CUSTOMER_FIRST)
        for number in range(CONVERSATIONS_OF_A_TYPE):
            scenario = traffic.scenario(Key(0 if kind.days is None else 1, SOME_DAY, number))
            for model, field, value in facts(document(scenario, scenario.settled_at), "AnalyticsConversation"):
                found[model, field].update([value] if isinstance(value, str) else ())
    return found


def test_every_field_of_the_record_is_emitted(emitted):
    assert [
        (model, field) for model, fields in CLASSES.items() for field in fields if (model, field) not in emitted
    ] == []


def test_every_metric_is_emitted(emitted):
    assert sorted(set(METRIC_NAMES) - emitted["AnalyticsSessionMetric", "name"]) == []


def test_every_value_of_a_field_is_emitted(emitted):
    missing = {
        f"{model}.{field}": absent
        for model, fields in CLASSES.items()
        for field, (_, *values) in fields.items()
        if (absent := sorted(set(values) - emitted[model, field]))
    }
    assert missing == {}
