"""docs/privacy.md says what the code does."""

from genesys_assets.documentation import DOCS, PAGES
from genesys_assets.privacy.fields import record_of
from genesys_assets.sources import SOURCES, TREES

page = PAGES["privacy.md"]


def test_the_page_is_not_stale():
    assert (DOCS / "privacy.md").read_text(encoding="utf-8") == page(), "docs/privacy.md is stale: write page() anew"


def test_every_field_is_on_the_page():
    lines = page().splitlines()
    for record, called in [(each, SOURCES[table].name) for table in TREES for each in record_of(TREES[table]).walk()]:
        for name in {*record.personal, *record.personal_unless_id, *record.by_name}:
            assert any(line.startswith(f"| `{record.path_of(name)}` |") for line in lines)
        assert any(line.startswith(f"| `{record.path or called}` | ") for line in lines)
