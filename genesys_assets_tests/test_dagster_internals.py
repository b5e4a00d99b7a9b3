"""Dagster's private modules are imported in one file, which says why."""

import ast
from pathlib import Path

import genesys_assets
from genesys_assets import dagster_internals

PACKAGE = Path(genesys_assets.__file__).parent
INTERNALS = Path(dagster_internals.__file__)


def private_modules(file: Path) -> set[str]:
    """Return the private modules of Dagster that a file imports from."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {module for module in modules if module.startswith("dagster") and "._" in module}


def test_no_other_file_of_the_package_imports_a_private_module_of_dagster() -> None:
    assert {file for file in PACKAGE.rglob("*.py") if private_modules(file)} == {INTERNALS}


def test_what_is_imported_from_private_modules_is_used_by_the_package() -> None:
    texts = [file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py") if file != INTERNALS]
    assert [name for name in dagster_internals.__all__ if not any(name in text for text in texts)] == []
