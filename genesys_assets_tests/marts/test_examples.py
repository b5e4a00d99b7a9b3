"""Every example in a docstring of the marts runs and says what it says."""

import doctest
import importlib
import pkgutil

import polars as pl
import pytest

from genesys_assets import marts

MODULES = [module.name for module in pkgutil.walk_packages(marts.__path__, marts.__name__ + ".")]


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_hold(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module), extraglobs={"pl": pl})
    assert outcome.failed == 0


@pytest.mark.parametrize(
    "function",
    [
        *(getattr(marts, name) for name in marts.__all__ if name[0].islower()),
        *(mart.formula for mart in marts.MARTS.values()),
    ],
)
def test_each_public_function_has_a_worked_example(function: object) -> None:
    assert doctest.DocTestFinder().find(function, function.__name__)[0].examples
