"""What a release says of itself: licences, bill of materials, locks, and pages whose tests exist."""

import importlib.util
import re
from types import ModuleType

import pytest

from genesys_assets_tests.deploy.recipes import DEPLOY, ROOT

LOCKS = [ROOT / "requirements.lock", *sorted(DEPLOY.glob("*.lock"))]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)( ;)?", re.MULTILINE)
"""Name, version, and whether it is for some systems or Pythons only."""


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """The module that writes the page, which is no package's."""
    spec = importlib.util.spec_from_file_location("licences", DEPLOY / "licences.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(name: str) -> str:
    """A package's name as the locks spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_page_of_licences_has_every_package_of_the_image_in_its_version() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    listed = {(same(name), version) for name, version in re.findall(r"^\| (\S+) \| (\d\S*) \|", page, re.MULTILINE)}
    locked = PIN.findall((DEPLOY / "requirements.lock").read_text())
    assert len(locked) > 100
    everywhere = {(same(name), version) for name, version, condition in locked if not condition}
    assert everywhere <= listed <= {(same(name), version) for name, version, _ in locked}, "run `make release`"


def test_no_licence_forbids_what_ours_allows() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    assert not [row for row in page.splitlines() if re.search(r"\b(A?GPL|SSPL|BUSL|Proprietary)", row)]


def test_a_licence_is_told_by_identifier_expression_name_or_first_line(licences: ModuleType) -> None:
    bill = {
        "components": [
            {"name": "b", "version": "2", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
            {"name": "A", "version": "1", "licenses": [{"license": {"id": "MIT"}}, {"license": {"id": "MIT"}}]},
            {
                "name": "c",
                "version": "3",
                "licenses": [{"license": {"name": "License :: OSI Approved :: BSD License"}}],
            },
            {
                "name": "d",
                "version": "4",
                "licenses": [
                    {"license": {"name": "declared license of 'd'", "text": {"content": "ISC\nPermission ..."}}}
                ],
            },
            {"name": "e", "version": "5"},
            {"name": "genesys-assets", "version": "6"},
        ]
    }
    rows = licences.page(bill).removeprefix(licences.HEAD).splitlines()
    assert rows == [
        "| A | 1 | MIT |",
        "| b | 2 | MIT OR Apache-2.0 |",
        "| c | 3 | BSD License |",
        "| d | 4 | ISC |",
        "| e | 5 | in its own files |",
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_package_of_every_lock_has_a_version_and_hashes(lock: object) -> None:
    text = lock.read_text()  # type: ignore[attr-defined]
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert len(requirements) > 20
    wrong = [
        each
        for each in requirements
        if not re.match(r"[a-z0-9][a-z0-9._\[\],-]*==\S+", each) or "--hash=sha256:" not in each
    ]
    assert wrong == []
    assert "://" not in text


def test_every_test_and_file_that_the_page_of_security_names_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(genesys_assets_tests/\S+?\.py)`", page)
    assert len(named) > 12
    assert [name for name in named if not (ROOT / name).is_file()] == []
    links = re.findall(r"\]\((\.\./[^)#]+)", page)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
