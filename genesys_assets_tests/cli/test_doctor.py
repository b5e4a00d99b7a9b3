from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from genesys_assets.cli import main
from genesys_assets.sandbox import Sandbox, serve


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with serve(sandbox) as url:
        yield url


@pytest.fixture
def examined(monkeypatch, tmp_path, url):
    """Runs the doctor on the sandbox, with further settings."""

    def run(**settings: str) -> Result:
        environment = {
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYS_ASSETS_DATABASE": str(tmp_path / "genesys.duckdb"),
            **settings,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, ["doctor"])

    return run


def wrong(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if line.startswith("wrong")]


def test_nothing_is_wrong_with_a_good_client(examined):
    result = examined()
    assert result.exit_code == 0
    assert not wrong(result)
    assert "4 are visible" in result.output


def test_a_wrong_secret_is_one_sentence_without_the_secret(examined):
    result = examined(GENESYSCLOUD_OAUTHCLIENT_SECRET="not-the-secret-9f3")
    assert result.exit_code == 1
    assert len(wrong(result)) == 1
    assert "secret" in wrong(result)[0]
    assert "9f3" not in result.output


def test_one_credential_without_the_other_is_not_the_sandbox(examined):
    result = examined(GENESYSCLOUD_OAUTHCLIENT_SECRET="")
    assert "GENESYSCLOUD_OAUTHCLIENT_SECRET is not: set both" in wrong(result)[0]


def test_an_unknown_region_lists_the_known_ones(examined):
    result = examined(GENESYSCLOUD_REGION="mars", GENESYSCLOUD_API_URL="", GENESYSCLOUD_LOGIN_URL="")
    assert "eu-central-1" in wrong(result)[0]


def test_a_missing_permission_is_named(examined, sandbox):
    sandbox.permissions = {"routing:queue:view", "directory:user:view", "analytics:conversationDetail:view"}
    result = examined()
    assert [line.split()[1] for line in wrong(result)] == ["Aggregates"]
    assert "analytics:conversationAggregate:view" in wrong(result)[0]


def test_a_setting_that_cannot_be_used_says_what_to_write(examined):
    result = examined(GENESYS_ASSETS_START_DATE="yesterday")
    assert "GENESYS_ASSETS_START_DATE: 'yesterday' cannot be used: write a date as YYYY-MM-DD" in wrong(result)[0]


def test_a_database_that_cannot_be_written_says_so(examined):
    result = examined(GENESYS_ASSETS_DATABASE="/proc/nowhere/genesys.duckdb")
    assert "cannot be written" in wrong(result)[0]


def test_a_database_of_another_kind_says_so_without_its_password(examined):
    result = examined(GENESYS_ASSETS_DATABASE="postgresql://me:hunter2@db/calls")
    assert "cannot be at 'postgresql:...'" in wrong(result)[0]
    assert "hunter2" not in result.output
