"""Variables' names: one module makes them, every other one asks it, and only for settings that there are."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import genesys_assets
from genesys_assets.organisation import FIELDS, VARIABLES
from genesys_assets.variables import variable_of

PACKAGE = Path(genesys_assets.__file__).parent
MODULES = [path for path in PACKAGE.rglob("*.py") if path.name != "variables.py"]
NAME = re.compile(r"GENESYS(?:_ASSETS|CLOUD)_[A-Z_]+")


def asked_for() -> Iterator[str]:
    """What `variable_of` is asked for by name, everywhere in the package."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "variable_of":
                yield from (each.value for each in node.args if isinstance(each, ast.Constant))


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ("start_date", "GENESYS_ASSETS_START_DATE"),
        ("client_id", "GENESYSCLOUD_OAUTHCLIENT_ID"),
        ("client_secret", "GENESYSCLOUD_OAUTHCLIENT_SECRET"),
        ("region", "GENESYSCLOUD_REGION"),
        ("api_url", "GENESYSCLOUD_API_URL"),
        ("login_url", "GENESYSCLOUD_LOGIN_URL"),
    ],
)
def test_a_setting_has_a_variable_of_its_name_or_of_the_name_that_is_customary(setting: str, variable: str) -> None:
    assert variable_of(setting) == variable == VARIABLES[setting]


def test_no_other_module_writes_a_variables_name() -> None:
    writers = [
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if path.name != "reference.py" and NAME.search(path.read_text(encoding="utf-8"))
    ]
    assert writers == [], "ask `variable_of` for it"


def test_every_setting_whose_variable_is_asked_for_exists() -> None:
    asked = set(asked_for())
    assert asked - FIELDS.keys() == set()
    assert {"jobs_at_once", "tolerated_shortfall", "api_url", "database"} <= asked


def test_every_variable_that_a_generated_page_names_exists() -> None:
    pages = [path.read_text(encoding="utf-8") for path in MODULES if path.name == "reference.py"]
    assert {name for page in pages for name in NAME.findall(page)} <= set(VARIABLES.values())
