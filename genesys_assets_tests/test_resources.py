"""The environment as resources: each setting reaches what it is for."""

import pytest

from genesys_assets import resources
from genesys_assets.metrics import ServiceLevelOptions


def test_the_options_of_the_figures_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_INTERVAL_MINUTES", "15")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_FLOWOUTS_IN_CALCULATION", "true")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_SHORT_ABANDONS_IN_CALCULATION", "false")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION", "true")
    options = resources.figures_from_environment()
    assert options.interval_minutes == 15
    assert options.service_level == ServiceLevelOptions(
        include_flowouts_in_calculation=True,
        include_short_abandons_in_calculation=False,
        include_abandons_in_calculation=True,
    )
