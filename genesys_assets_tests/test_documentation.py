import re
from pathlib import Path

from genesys_assets.documentation import PERMISSIONS, readme, stale
from genesys_assets.organisation import VARIABLES

ROOT = Path(__file__).parents[1]


def test_every_generated_page_is_what_the_code_writes():
    assert stale() == [], "run `make docs`"


def test_the_readme_names_every_permission_that_is_needed():
    assert all(f"`{permission}`" in readme() for permission in PERMISSIONS)


def test_no_setting_is_read_by_its_name_outside_the_settings():
    names = "|".join(VARIABLES.values())
    readers = [
        path.name
        for path in (ROOT / "genesys_assets").rglob("*.py")
        if re.search(rf"environ.*({names})", path.read_text(encoding="utf-8"))
    ]
    assert readers == []
