"""The pages in docs/ and README.md that are generated from code: `python -m genesys_assets.documentation` writes them.

Belongs here: which function generates which page, the page of the settings, and README.md's list of permissions. A test
fails when a page is stale.
"""

import re
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
BEGIN, END = "<!-- permissions, written by `make docs` -->\n", "   <!-- end of the permissions -->"
"""The lines before and after them in README.md."""


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
    text = (DOCS / "../README.md").read_text(encoding="utf-8")
    listed = textwrap.fill(", ".join(f"`{each}`" for each in PERMISSIONS), 116)
    passage = f"{BEGIN}{textwrap.indent(listed, ' ' * 3)}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: passage, text, flags=re.DOTALL)


PAGES: Mapping[str, Callable[[], str]] = {
    "../README.md": readme,
    "configuration.md": configuration_page,
    "data-model.md": data_model_page,
    "limits.md": lambda: limits_page(SOURCES.values()),
    "metrics.md": metrics_page,
    "privacy.md": lambda: privacy_page(locations_table(), {SOURCES[table].name: tree for table, tree in TREES.items()}),
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
