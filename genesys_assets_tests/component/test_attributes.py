"""The attributes of the component: what is judged before a file is loaded, and what becomes of each."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from genesys_assets.component.attributes import BY_REFERENCE, NAMES, OF_THE_PROCESS, SECRET, attributes, organisation_of
from genesys_assets.organisation import FIELDS, Organisation
from genesys_assets.setting import SettingsError, text_of
from genesys_assets.variables import Variable

SCHEMA = attributes().model_json_schema()
BY_VARIABLE = "{{ env.A_VARIABLE }}"


def told(**given: Any) -> list[str]:
    """What `dg check yaml` says of these attributes."""
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(given)]


def made(**given: Any) -> Organisation:
    return organisation_of(attributes()(**given), lambda value: value)


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in OF_THE_PROCESS])
def test_each_setting_of_an_organisation_is_an_attribute_that_says_what_it_is_for(name: str) -> None:
    assert SCHEMA["properties"][name]["description"] == " ".join((FIELDS[name].description or "").split())


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_may_be_left_to_its_default_written_as_its_default_and_taken_from_the_environment(name: str) -> None:
    default = getattr(Organisation(), name)
    written = default if isinstance(default, int | float | None) else text_of(default)
    assert told(**{name: None}) == told(**{name: written}) == told(**{name: BY_VARIABLE}) == []
    assert getattr(made(**{name: written}), name) == getattr(made(), name) == default


@pytest.mark.parametrize(
    ("name", "wrong", "expected"),
    [
        ("key_prefix", "Emea", "a letter, then letters, digits and underscores, all in lower case, for example emea"),
        ("key_prefix", "raw", "a letter, then letters, digits and underscores, all in lower case, for example emea"),
        ("timezone", "Europe/Berln", "a time zone's name, for example Europe/Berlin"),
        ("start_date", "2026-1-5", "a date as YYYY-MM-DD, for example 2026-01-01"),
        ("interval_minutes", 20, "one of 15, 30, 60"),
        ("source", "both", "one of auto, job, query"),
        ("requests_per_minute", "many", "a whole number, 1 or more"),
        ("jobs_at_once", 0, "a whole number, 1 or more"),
        ("run_history_days", 34, "a whole number, 35 or more"),
        ("daily_hour", 24, "an hour from 0 to 23"),
        ("tolerated_shortfall", 1, "a share from 0 up to, not including, 1, for example 0.001"),
        ("alert_warnings", "yes", "one of true, false"),
        ("settlement_days", [2, 0], "whole numbers, 1 or more, with commas between them, for example 2,3,4"),
        ("dagster_url", "dagster", "a URL such as https://dagster.example.com, without user, query and fragment"),
        ("client_secret", "hunter2", "{{ env.GENESYSCLOUD_OAUTHCLIENT_SECRET }}"),
    ],
)
def test_what_cannot_be_used_is_told_in_the_words_of_the_settings_rule(name: str, wrong: object, expected: str) -> None:
    [error] = told(**{name: wrong})
    assert error == f"{expected!r} was expected"
    with pytest.raises(SettingsError, match=f"^{name}: "):
        made(**{name: wrong})


def test_an_attribute_that_is_none_is_named() -> None:
    assert told(regoin="eu-central-1") == ["Additional properties are not allowed ('regoin' was unexpected)"]


@pytest.mark.parametrize("days", [[2, 8], "2,8", "2, 8"])
def test_several_numbers_are_a_list_or_a_text(days: object) -> None:
    assert told(settlement_days=days) == []
    assert made(settlement_days=days).settlement_days == (2, 8)


@pytest.mark.parametrize("name", sorted(BY_REFERENCE))
@pytest.mark.parametrize("written", ["{{ env.AN_ID }}", "{{env('AN_ID')}}", '{{ env("AN_ID") }}'])
def test_credentials_are_known_by_the_name_of_their_variable(name: str, written: str) -> None:
    assert told(**{name: written}) == []
    assert getattr(made(**{name: written}), name) == Variable("AN_ID")


@pytest.mark.parametrize("name", sorted(SECRET))
@pytest.mark.parametrize("written", ["hunter2", "{{ env.AN_ID }}hunter2", "{{ 'hunter2' }}"])
def test_a_secret_in_the_file_is_refused_without_being_told(name: str, written: str) -> None:
    errors = told(**{name: written})
    assert len(errors) == 1
    with pytest.raises(SettingsError, match="is shown to others") as refused:
        made(**{name: written})
    assert "hunter2" not in f"{errors} {refused.value}"


def test_the_id_of_the_client_may_stand_in_the_file() -> None:
    assert made(client_id="an-id").client_id == "an-id"


def test_intervals_that_do_not_fit_the_time_zone_are_refused_with_those_that_do() -> None:
    with pytest.raises(SettingsError, match=r"interval_minutes: '30' cannot be used: .*: write 15"):
        made(timezone="Asia/Kathmandu", interval_minutes=30)
