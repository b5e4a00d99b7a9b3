import re
from pathlib import Path

from genesys_assets.directory import LISTINGS
from genesys_assets.sandbox.app import ENDPOINTS

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


def test_the_table_of_endpoints_is_what_is_served():
    [table] = re.findall(r"\| endpoint .*?\n\n", PAGE.read_text(), re.DOTALL)
    told = {each.replace("...", "/api/v2/analytics/conversations") for each in re.findall(r"`([A-Z]+ \S+)`", table)}
    listings = {f"GET {listing.path}" for listing in LISTINGS.values()}
    assert told | listings == {f"{each.method} {each.path}" for each in ENDPOINTS}
