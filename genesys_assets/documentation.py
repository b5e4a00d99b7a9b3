"""The pages in docs/ and README.md that are generated from code: `python -m genesys_assets.documentation` writes them.

Belongs here: which function generates which page, the page of the settings, and the passages in pages that are written
by hand. A test fails when a page is stale.
"""

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from genesys_assets.data_model.reference import page as data_model_page
from genesys_assets.directory import LISTINGS
from genesys_assets.genesys import AGGREGATES
from genesys_assets.genesys.reference import page as limits_page
from genesys_assets.locations import table as locations_table
from genesys_assets.marts.reference import page as metrics_page
from genesys_assets.organisation import FIELDS, SECRETS
from genesys_assets.privacy.reference import page as privacy_page
from genesys_assets.sandbox.reference import effects_passage, rules_passage
from genesys_assets.setting import text_of
from genesys_assets.sources import SOURCES, TREES
from genesys_assets.variables import variable_of

DOCS = Path(__file__).parents[1] / "docs"
PERMISSIONS = (
    *(source.permission for source in SOURCES.values()),
    *(query.permission for query in AGGREGATES.values()),
    *(listing.permission for listing in LISTINGS.values()),
)
"""The permissions of the OAuth client: for the sources, for Genesys Cloud's own figures, and for the directory."""


def configuration_page() -> str:
    """Return docs/configuration.md: every setting in one table."""
    rows = "\n".join(map(_row, FIELDS))
    return f"""# Configuration

Settings are environment variables, or lines of a file `.env` in the folder in which Dagster is started. A value that
cannot be used is an error that says what to write instead. `genesys-assets doctor` tries all of them.

| variable | meaning | default |
|---|---|---|
{rows}

Dagster knows only the names of secrets: no log, error, metadata or page of the UI holds their values. A changed
setting takes effect when Dagster is restarted; the first partition must not change after days have been stored.

This page is written by `make docs` from `genesys_assets/organisation.py`.
"""


def _row(name: str) -> str:
    field, variable = FIELDS[name], variable_of(name)
    meaning = " ".join((field.description or "").split())
    default = "none" if field.default is None else f"`{text_of(field.default)}`"
    return f"| `{variable}` | {meaning}{' A secret.' if variable in SECRETS else ''} | {default} |"


def readme() -> str:
    """Return README.md with the current permissions of the OAuth client."""
    listed = textwrap.fill(", ".join(f"`{each}`" for each in PERMISSIONS), 116)
    return _with("../README.md", {"permissions": f"{textwrap.indent(listed, ' ' * 3)}\n   "})


def _with(page: str, passages: Mapping[str, str]) -> str:
    """Return a page that is written by hand, with its current passages between the comments that name them."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for name, passage in passages.items():
        begin, end = f"<!-- {name}, written by `make docs` -->\n", f"<!-- end of the {name} -->"
        begins, ends = text.index(begin) + len(begin), text.index(end)
        text = f"{text[:begins]}{passage}{text[ends:]}"
    return text


PAGES: Mapping[str, Callable[[], str]] = {
    "../README.md": readme,
    "configuration.md": configuration_page,
    "data-model.md": data_model_page,
    "limits.md": lambda: limits_page(SOURCES.values()),
    "metrics.md": metrics_page,
    "privacy.md": lambda: privacy_page(locations_table(), {SOURCES[table].name: tree for table, tree in TREES.items()}),
    "sandbox.md": lambda: _with("sandbox.md", {"effects": effects_passage(), "rules": rules_passage()}),
}


def stale() -> list[str]:
    """Return the names of the pages that differ from what the code would write."""
    return [
        name
        for name, page in PAGES.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != page()
    ]


def write() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
