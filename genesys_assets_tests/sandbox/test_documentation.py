import re
from pathlib import Path

from genesys_assets.sandbox.faults import EFFECTS

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_page_lists_every_effect_with_its_meaning():
    rows = re.findall(r"^\| `(\w+)=` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(name, effect.meaning) for name, effect in EFFECTS.items()]
