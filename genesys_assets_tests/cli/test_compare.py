"""`genesys-assets compare` on a day of a sandbox that answers as a tenant would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from genesys_assets.cli import main
from genesys_assets_tests.conftest import DAY, Chain


@pytest.fixture
def compared(stored_day: Chain, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command on the stored day."""
    settings = {
        "GENESYSCLOUD_API_URL": stored_day.genesys.api_url,
        "GENESYSCLOUD_LOGIN_URL": stored_day.genesys.login_url,
        "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
        "GENESYS_ASSETS_DATABASE": str(stored_day.folder / "genesys.duckdb"),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["compare", *arguments])

    return run


def test_a_day_that_is_equal_is_told_in_a_few_lines_and_in_a_file(compared: Callable[..., Result]) -> None:
    result = compared("--day", str(DAY), "--out", "evidence.json")
    assert result.exit_code == 0, result.output
    assert "queue_performance: 0 figures differ of " in result.output
    assert "yours among them" in result.output
    assert "metrics by media, purpose and direction: 0 differ of " in result.output
    assert "0 unknown to the tables, 0 that the sandbox never emits" in result.output
    told = json.loads(Path("evidence.json").read_text(encoding="utf-8"))
    assert [*told] == ["day", "of_sandbox", "documents", "figures", "metrics", "shapes", "questions"]


def test_a_figure_that_differs_is_an_exit_status_of_one(compared: Callable[..., Result], stored_day: Chain) -> None:
    with stored_day.database.writing() as connection:
        connection.execute("UPDATE marts.agent_performance SET handled = handled + 1")
    result = compared("--day", str(DAY))
    assert result.exit_code == 1
    assert "    handled of voice, " in result.output
    assert "(tHandle (count))" in result.output


def test_a_day_that_is_not_stored_is_one_line(compared: Callable[..., Result]) -> None:
    result = compared("--day", "2026-02-01")
    assert result.exit_code == 1
    assert "raw.conversations of 2026-02-01 is not in the database" in result.stderr
    assert len(result.output.splitlines()) == 1
