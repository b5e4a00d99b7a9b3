import re
from pathlib import Path

import pytest

from genesys_assets import organisation
from genesys_assets.organisation import FIELDS, SECRETS, VARIABLES, Organisation
from genesys_assets.setting import SettingsError, text_of
from genesys_assets.windows import INTERVAL_LENGTHS


@pytest.mark.parametrize(
    ("name", "text", "write"),
    [
        ("start_date", "01.01.2026", "a date as YYYY-MM-DD, for example 2026-01-01"),
        ("start_date", "20260101", "a date as YYYY-MM-DD, for example 2026-01-01"),
        ("start_date", "2026-W01-4", "a date as YYYY-MM-DD, for example 2026-01-01"),
        ("tolerated_shortfall", "1", "a share from 0 up to, not including, 1, for example 0.001"),
        ("tolerated_shortfall", "nan", "a share from 0 up to, not including, 1, for example 0.001"),
        ("tolerated_shortfall", "5 %", "a share from 0 up to, not including, 1, for example 0.001"),
        ("jobs_at_once", "0", "a whole number, 1 or more"),
        ("source", "jobs", "one of auto, job, query"),
        ("requests_per_minute", "0", "a whole number, 1 or more"),
        ("requests_per_minute", "many", "a whole number, 1 or more"),
        ("requests_per_minute", "1_000", "a whole number, 1 or more"),
        ("availability_seconds", "-1", "a whole number, 0 or more"),
        ("run_history_days", "34", "a whole number, 35 or more"),
        ("daily_hour", "24", "an hour from 0 to 23"),
        ("settlement_days", "2,,3", "whole numbers, 1 or more, with commas between them, for example 2,3,4"),
        ("interval_minutes", "20", "one of 15, 30, 60"),
        ("mismatch", "ignore", "one of error, warning"),
        ("include_flowouts_in_calculation", "yes", "one of true, false"),
        ("copy_with_each_day", "1", "one of true, false"),
        ("privacy", "mask", "one of keep, hash, drop"),
        ("report_timezone", "Berlin", "a time zone's name, for example Europe/Berlin"),
        ("umask", "rwx", "a umask that leaves this user all rights, such as 077 (nobody else) or 027 (the group)"),
    ],
)
def test_a_text_that_cannot_be_used_is_an_error_that_says_what_to_write(monkeypatch, name, text, write):
    monkeypatch.setenv(VARIABLES[name], text)
    with pytest.raises(SettingsError) as refused:
        Organisation.from_environment()
    assert str(refused.value) == f"{VARIABLES[name]}: '{text}' cannot be used: write {write}."


def test_every_setting_that_cannot_be_used_is_told_at_once(monkeypatch):
    monkeypatch.setenv("GENESYS_ASSETS_SOURCE", "jobs")
    monkeypatch.setenv("GENESYS_ASSETS_DAILY_HOUR", "6 am")
    with pytest.raises(SettingsError, match=r"GENESYS_ASSETS_SOURCE: .+ GENESYS_ASSETS_DAILY_HOUR: "):
        Organisation.from_environment()


ODD = [
    "hooks.example.com/a",
    "https://",
    "https:///services/a",
    "https:hooks.example.com",
    "ftp://hooks.example.com/a",
    "javascript://hooks.example.com/%0aalert(1)",
    "file:///etc/passwd",
    "https://me:pw@hooks.example.com/a",
    "https://hooks.example.com@evil.example/a",
    "https://hooks.example.com\\@evil.example/a",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/a\r\nHost: evil",
    "https://hooks.example.com/a#b",
    "https://hooks.example.com:/a",
    "https://hooks.example.com:port/a",
    "https://hooks.example.com:0/a",
    "https://hooks.example.com:70000/a",
    "https://[::1/a",
    "https://-hooks/a",
    "https://hooks..example.com/a",
    "https://höoks.example.com/a",
    "https://hooks.example.com/<!channel>",
    "https://0x7f000001/a",
    "https://2130706433/a",
]


@pytest.mark.parametrize("text", [*ODD, "http://hooks.example.com/a", "http://169.254.169.254/latest"])
def test_an_odd_webhook_is_refused_without_being_shown(monkeypatch, text):
    monkeypatch.setenv(VARIABLES["alert_webhook"], text)
    with pytest.raises(SettingsError, match="begins with https://") as refused:
        Organisation.from_environment()
    assert text == "https://" or text not in str(refused.value)


@pytest.mark.parametrize("text", [*ODD, "https://dagster.example.com/?a=b", "https://dagster.example.com?"])
def test_an_odd_address_of_the_ui_is_refused(monkeypatch, text):
    monkeypatch.setenv(VARIABLES["dagster_url"], text)
    with pytest.raises(SettingsError, match="write a URL such as"):
        Organisation.from_environment()


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/b?api-version=1&sig=x-y_z%2F",
        "https://discord.com/api/webhooks/1/a-b_c",
        "https://10.0.0.7:8443/hook",
        "https://[fd00::7]/hook",
        "https://hooks/a",
        "http://localhost:9000/hook",
        "http://127.0.0.1:9000/hook",
        "http://[::1]:9000/hook",
    ],
)
def test_a_webhook_of_https_or_on_this_machine_is_taken(monkeypatch, text):
    monkeypatch.setenv(VARIABLES["alert_webhook"], text)
    webhook = Organisation.from_environment().alert_webhook
    assert webhook is not None
    assert webhook.get_secret_value() == text


def test_a_secret_stands_in_no_error_and_in_no_picture_of_the_organisation(monkeypatch):
    monkeypatch.setenv("GENESYS_ASSETS_ALERT_WEBHOOK", "hunter2")
    with pytest.raises(SettingsError) as refused:
        Organisation.from_environment()
    assert "hunter2" not in str(refused.value)
    made = Organisation(client_secret="hunter2", privacy_key="hunter2")
    assert "hunter2" not in f"{made} {made!r} {made.model_dump()}"


def test_what_is_secret_is_known_by_its_type():
    names = {"client_secret", "privacy_key", "alert_webhook"}
    assert {VARIABLES[name] for name in names} == SECRETS


@pytest.mark.parametrize("name", FIELDS)
def test_every_default_can_be_written_into_the_environment(monkeypatch, name):
    default = getattr(Organisation(), name)
    if default is not None:
        monkeypatch.setenv(VARIABLES[name], text_of(default))
    assert getattr(Organisation.from_environment(), name) == default


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv(VARIABLES["source"], " ")
    made = Organisation.from_environment()
    assert VARIABLES["source"] not in made.variables
    assert made.source == "auto"


def test_an_organisation_that_is_made_from_attributes_reads_no_environment(monkeypatch):
    monkeypatch.setenv("GENESYS_ASSETS_SOURCE", "job")
    monkeypatch.setenv("GENESYS_ASSETS_START_DATE", "2026-02-01")
    made = Organisation(start_date="2026-03-01")
    assert (made.source, str(made.start_date)) == ("auto", "2026-03-01")
    assert made.variables == frozenset()


def test_a_field_of_no_organisation_is_refused():
    with pytest.raises(ValueError, match="start_day"):
        Organisation(start_day="2026-03-01")


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_says_what_it_is_for_and_something_reads_it(name):
    package = Path(organisation.__file__).parent
    others = [path for path in package.rglob("*.py") if path != Path(organisation.__file__)]
    assert FIELDS[name].description
    used = rf"\b{name}: .* = DEFAULTS\.{name}$|organisation\.{name}\b|by_name\(organisation, \"{name}\"\)"
    fields = {"client_id", "client_secret", "api_url", "login_url"}  # those of `Genesys`, which have no default
    assert name in fields or any(re.search(used, path.read_text("utf-8"), re.MULTILINE) for path in others)


def test_the_sentence_on_the_length_of_intervals_names_every_length():
    assert INTERVAL_LENGTHS in (FIELDS["interval_minutes"].description or "")
