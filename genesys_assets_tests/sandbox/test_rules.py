"""What the sandbox believes is told, with its evidence, and held to by a test."""

import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from genesys_assets import sandbox
from genesys_assets.sandbox.reference import WITHOUT_RULES, rules
from genesys_assets.sandbox.rules import Certainty, Rule

HERE = Path(sandbox.__file__).parent
MODULES = {
    ".".join(path.relative_to(HERE).with_suffix("").parts) for path in HERE.rglob("*.py") if path.name != "__init__.py"
}
RULES = [rule for declared in rules().values() for rule in declared]
TESTS = set(
    re.findall(
        r"^def (test_\w+)", "".join(path.read_text() for path in Path(__file__).parent.glob("*.py")), re.MULTILINE
    )
)


def test_every_module_declares_its_rules_or_is_named_as_one_that_has_none():
    assert sorted(MODULES - rules().keys() - WITHOUT_RULES.keys()) == []
    assert WITHOUT_RULES.keys() <= MODULES - rules().keys()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.test)
def test_every_rule_is_a_sentence_with_its_certainty_source_and_an_existing_test(rule: Rule):
    assert rule.statement.endswith(".")
    assert rule.certainty in get_args(Certainty)
    assert rule.source
    assert rule.test in TESTS


def test_no_rule_is_told_twice():
    assert [statement for statement, times in Counter(rule.statement for rule in RULES).items() if times > 1] == []
