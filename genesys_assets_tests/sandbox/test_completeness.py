"""Each field, metric and value of the official record is emitted by some type of conversation, without exception."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from genesys_assets.sandbox.samples import samples
from genesys_assets_tests.tables.record import CLASSES, METRIC_NAMES, PLACES


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
    for shown in samples():
        for model, field, value in facts(shown, "AnalyticsConversation"):
            found[model, field].update([value] if isinstance(value, str) else ())
    return found


def test_each_sample_is_a_conversation_of_its_own():
    ids = [shown["conversationId"] for shown in samples()]
    assert len(ids) == len({*ids})


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
