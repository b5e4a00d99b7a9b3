"""Packages are imported by their public face: what their `__init__` names, and the few modules that are named here."""

import ast
from pathlib import Path

import pytest

import genesys_assets

PACKAGE = Path(genesys_assets.__file__).parent
FACES = {
    "genesys_assets.directory": set(),
    "genesys_assets.genesys": {"reference"},  # the page that is generated from its limits
    "genesys_assets.checkpoint": set(),
    "genesys_assets.data_model": {"reference"},  # the page that is generated from it, as the next
    "genesys_assets.marts": {"reference"},
    "genesys_assets.sources": set(),
    "genesys_assets.warehouse": {"facts", "locks"},  # modules whose names say what their functions are about
    "genesys_assets.windows": {"frames", "interval"},  # `frames` needs polars, which the client does without
}


def imported_by(file: Path) -> set[str]:
    """Return the modules that a file imports from."""
    return {node.module or "" for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("face", FACES)
def test_outsiders_import_a_package_by_its_public_face(face: str) -> None:
    inside = PACKAGE.parent.joinpath(*face.split("."))
    permitted = {face} | {f"{face}.{module}" for module in FACES[face]}
    outsiders = [file for file in PACKAGE.rglob("*.py") if not file.is_relative_to(inside)]
    past_it = {
        (str(file.relative_to(PACKAGE)), module)
        for file in outsiders
        for module in imported_by(file)
        if module.startswith(f"{face}.") and module not in permitted
    }
    assert past_it == set()
