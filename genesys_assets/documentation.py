"""The pages of docs/ that are written by the code: `python -m genesys_assets.documentation` writes them all.

What belongs here: which page is made by what, and the page of the settings. A test fails when a page is stale.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from genesys_assets.genesys.reference import page as limits_page
from genesys_assets.locations import table as locations_table
from genesys_assets.metrics.reference import page as metrics_page
from genesys_assets.organisation import FIELDS, SECRETS
from genesys_assets.privacy.reference import page as privacy_page
from genesys_assets.setting import text_of
from genesys_assets.tables.reference import page as data_model_page
from genesys_assets.variables import variable_of

DOCS = Path(__file__).parents[1] / "docs"


def configuration_page() -> str:
    """Return docs/configuration.md: every setting in one table."""
    rows = "\n".join(map(_row, FIELDS))
    return f"""# Configuration

Environment variables, or a `.env` file in the folder that Dagster is started in. What is not set has its default; what
cannot be used is an error that says what to write. `genesys-assets doctor` holds all of them against the world.

| variable | meaning | default |
|---|---|---|
{rows}

Secrets are given to Dagster by name: their values stand in no log, error, metadata or page of the UI. A setting takes
effect when Dagster is started anew; the first partition must not change once days are stored.

This page is written by `make docs` from `genesys_assets/organisation.py`.
"""


def _row(name: str) -> str:
    field, variable = FIELDS[name], variable_of(name)
    meaning = " ".join((field.description or "").split())
    default = "none" if field.default is None else f"`{text_of(field.default)}`"
    return f"| `{variable}` | {meaning}{' A secret.' if variable in SECRETS else ''} | {default} |"


PAGES: Mapping[str, Callable[[], str]] = {
    "configuration.md": configuration_page,
    "data-model.md": data_model_page,
    "limits.md": limits_page,
    "metrics.md": metrics_page,
    "privacy.md": lambda: privacy_page(locations_table()),
}


def stale(folder: Path = DOCS) -> list[str]:
    """Return the names of the pages that are not what the code would write now."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != page()
    ]


def write(folder: Path = DOCS) -> None:
    """Write every page anew."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
