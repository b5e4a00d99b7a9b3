import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dagster import DagsterInstance

from genesys_assets.cli import doctor, main
from genesys_assets.directory import LISTINGS
from genesys_assets.documentation import PERMISSIONS
from genesys_assets.genesys import AGGREGATES, GenesysCloud
from genesys_assets.pinning import Identity
from genesys_assets.sandbox import Faults, Sandbox, on, serve
from genesys_assets.sources import SOURCES
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.facts import pin

ACME = ("0c9e1c1a-7a54-4b3f-8f62-0d3c7d5c6a01", "Acme")


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox of today: the doctor asks its own clock how far the data lake is behind."""
    return Sandbox(conversations_per_day=150, requests_per_minute=None)


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


def titles(result: Result) -> list[str]:
    return [line[7:19].strip() for line in result.output.splitlines()]


def wrong(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if line.startswith("wrong")]


def test_nothing_is_wrong_with_a_good_client(examined):
    result = examined()
    assert result.exit_code == 0
    assert not wrong(result)
    assert "4 are visible" in result.output
    assert titles(result) == [
        "Settings",
        "Region",
        "Token",
        "Organisation",
        *["Details"] * len(SOURCES),
        "Aggregates",
        "Directory",
        *["Divisions"] * len(SOURCES),
        *["Watermark"] * len(SOURCES),
        "Switches",
        "Rate limit",
        "Database",
        "Rights",
        "Pool",
    ]


def instance_of(folder: Path, pools: str) -> str:
    """A folder for DAGSTER_HOME, with this said of pools."""
    folder.mkdir()
    (folder / "dagster.yaml").write_text(f"telemetry: {{enabled: false}}\n{pools}", encoding="utf-8")
    return str(folder)


def test_a_pool_without_a_limit_is_wrong_since_each_run_would_take_the_whole_pace(examined, tmp_path):
    home = instance_of(tmp_path / "home", "")
    result = examined(DAGSTER_HOME=home, GENESYS_ASSETS_KEY_PREFIX="emea", GENESYS_ASSETS_REQUESTS_PER_MINUTE="200")
    [said] = wrong(result)
    assert "emea_genesys_api has no limit, so that each of N runs at a time takes all 200 requests a minute" in said
    assert "dagster instance concurrency set emea_genesys_api 2" in said


def test_the_limit_of_a_pool_is_told_with_the_share_of_each_run(examined, tmp_path):
    home = instance_of(tmp_path / "home", "concurrency: {pools: {default_limit: 4}}")
    result = examined(DAGSTER_HOME=home, GENESYS_ASSETS_REQUESTS_PER_MINUTE="200")
    assert not wrong(result)
    assert "genesys_api lets 4 runs through, each at 50 requests a minute." in result.output
    with DagsterInstance.from_config(home) as instance:
        instance.event_log_storage.set_concurrency_slots("genesys_api", 2)
    assert "genesys_api lets 2 runs through, each at 100 requests a minute." in examined().output


def test_files_that_every_user_may_read_are_told_with_the_command_that_closes_them(examined, monkeypatch):
    with TemporaryDirectory() as name:
        here = Path(name)
        if not all(above.stat().st_mode & stat.S_IXOTH for above in here.resolve().parents):
            pytest.skip("nobody else gets into the folder for temporary files")
        here.chmod(0o755)
        monkeypatch.chdir(here)
        opened = [here / ".env", here / "genesys.duckdb"]
        examined(GENESYS_ASSETS_DATABASE=str(opened[1]))
        opened[0].touch()
        for each in opened:
            each.chmod(0o644)
        said = wrong(examined(GENESYS_ASSETS_DATABASE=str(opened[1])))
        assert len(said) == 1
        assert f"chmod o-rwx .env {opened[1]}" in said[0]
        opened[0].chmod(0o600)
        opened[1].chmod(0o640)
        assert not wrong(examined(GENESYS_ASSETS_DATABASE=str(opened[1])))


def test_a_file_in_a_folder_that_others_cannot_enter_is_closed(examined, folder):
    (folder / ".env").touch(mode=0o666)
    folder.chmod(0o700)
    assert not wrong(examined())


@pytest.mark.parametrize("key", ["", "0123456789abcdef"])
def test_a_key_of_pseudonyms_that_can_be_guessed_is_wrong(examined, key):
    said = wrong(examined(GENESYS_ASSETS_PRIVACY="hash", GENESYS_ASSETS_PRIVACY_KEY=key))
    assert len(said) == 1
    assert "openssl rand -hex 32" in said[0]
    assert not key or key not in said[0]


def test_the_sandbox_is_named(examined):
    assert "Organisation  Sandbox: invented data" in examined().output


def test_an_organisation_is_named_and_so_is_the_databases(examined, sandbox, tmp_path):
    sandbox.organisation_id, sandbox.organisation_name = ACME
    with Database(tmp_path / "genesys.duckdb").writing() as connection:
        pin(connection, Identity.disclosed(*ACME, "client", "host").facts())
    result = examined()
    assert not wrong(result)
    assert result.output.count(f'"Acme" ({ACME[0]})') == 2


def test_the_database_of_another_organisation_is_wrong(examined, tmp_path):
    with Database(tmp_path / "genesys.duckdb").writing() as connection:
        pin(connection, Identity.disclosed(*ACME, "client", "host").facts())
    assert 'holds the data of "Acme"' in wrong(examined())[0]


def test_an_organisation_that_is_not_told_is_said(examined, sandbox):
    sandbox.faults = Faults(on("organizations/me", status=403))
    result = examined()
    assert not wrong(result)
    assert "does not say which it is" in result.output


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


@pytest.mark.parametrize("query", AGGREGATES.values(), ids=AGGREGATES)
def test_a_missing_permission_is_named(examined, sandbox, query):
    sandbox.permissions = {*PERMISSIONS} - {query.permission}
    result = examined()
    assert [line.split()[1] for line in wrong(result)] == ["Aggregates"]
    assert query.permission in wrong(result)[0]


def test_a_switch_that_stands_otherwise_than_in_genesys_cloud_is_named(examined):
    result = examined(GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION="false")
    assert [line.split()[1] for line in wrong(result)] == ["Switches"]
    assert "with GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION=true: set it" in wrong(result)[0]


def test_the_permissions_that_the_readme_asks_for_suffice(examined, sandbox):
    sandbox.permissions = {*PERMISSIONS}
    assert not wrong(examined())


def test_the_missing_permissions_of_all_listings_are_named_at_once(examined, sandbox):
    of_listings = {listing.permission for listing in LISTINGS.values()}
    sandbox.permissions = {*PERMISSIONS} - of_listings
    result = examined()
    assert [line.split()[1] for line in wrong(result)] == ["Directory"]
    assert all(permission in wrong(result)[0] for permission in of_listings)


def test_how_many_entities_every_listing_has_is_told(examined):
    [told] = re.findall(r"Directory +(.+) have names\.", examined().output)
    counts = dict(reversed(each.split(" ", 1)) for each in re.split(", | and ", told))
    assert [f"directory.{name.replace(' ', '_')}" for name in counts] == list(LISTINGS)
    assert (counts["queues"], counts["users"]) == ("12", "72")


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


def test_a_database_that_cannot_be_kept_says_so(examined):
    result = examined(GENESYS_ASSETS_DATABASE=":memory:")
    assert "cannot be ':memory:'" in wrong(result)[0]


def test_a_database_that_somebody_else_holds_is_not_waited_for_long(examined, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "BUSY_SECONDS", 0.1)
    with Database(tmp_path / "genesys.duckdb").writing():
        result = examined()
    assert "was held by" in wrong(result)[0]


def test_a_url_that_is_none_is_one_sentence(examined):
    result = examined(GENESYSCLOUD_API_URL="http://[::1")
    assert [line[7:19].strip() for line in wrong(result)] == ["Region"]
    assert "GENESYSCLOUD_API_URL is not usable" in wrong(result)[0]


def test_no_division_at_all_is_wrong(examined, monkeypatch):
    monkeypatch.setattr(GenesysCloud, "request", answering("divisionspermitted", {"entities": [], "total": 0}))
    assert "No division is visible" in wrong(examined())[0]


def test_the_name_of_a_division_is_told_without_control_characters(examined, monkeypatch):
    answer = {"entities": [{"id": "1", "name": "Ho\x1b[2Jme"}], "total": 1}
    monkeypatch.setattr(GenesysCloud, "request", answering("divisionspermitted", answer))
    assert "left out: Ho\ufffd[2Jme." in examined().output


@pytest.mark.parametrize("answer", [{"entities": [{"name": "Home"}]}, [{"name": "Home"}], "Home", {"entities": "x"}])
def test_divisions_that_cannot_be_read_are_one_sentence(examined, monkeypatch, answer):
    monkeypatch.setattr(GenesysCloud, "request", answering("divisionspermitted", answer))
    assert "divisionspermitted/paged/me gave a page that is" in wrong(examined())[0]


def test_every_page_of_divisions_is_read(examined, sandbox):
    sandbox.faults = Faults(on("divisionspermitted", clamp=1))
    assert "Conversations of 4 are visible" in examined().output


def answering(path: str, answer: object):
    """`GenesysCloud.request`, with this answer to requests for that path."""
    ask = GenesysCloud.request

    async def request(cloud: GenesysCloud, method: str, asked: str, **options: Any) -> Any:
        return answer if path in asked else await ask(cloud, method, asked, **options)

    return request


def test_a_data_lake_that_stands_days_behind_is_wrong(examined, sandbox):
    sandbox.availability_lag = timedelta(days=3)
    result = examined()
    assert [line[7:19].strip() for line in wrong(result)] == ["Watermark"] * len(SOURCES)
    assert "GENESYS_ASSETS_SOURCE=auto" in wrong(result)[0]


def test_a_pace_above_the_limit_says_which_setting_to_lower(examined, sandbox):
    sandbox.requests_per_minute = 120
    result = examined()
    assert "lower GENESYS_ASSETS_REQUESTS_PER_MINUTE to 120 or less" in wrong(result)[0]


def test_credentials_in_a_file_beside_it_are_used(examined, folder):
    (folder / ".env").write_text("GENESYSCLOUD_OAUTHCLIENT_SECRET=not-the-secret-9f3\n")
    assert "refused the OAuth client's secret" in wrong(examined())[0]
