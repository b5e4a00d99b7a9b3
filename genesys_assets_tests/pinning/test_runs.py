"""What runs pin, tell and compare, through Dagster, on sandboxes served over HTTP that play organisations."""

import json
from dataclasses import replace
from datetime import timedelta

import dagster as dg
import polars as pl
import pytest

from genesys_assets import whose
from genesys_assets.pinning import organisation_of
from genesys_assets.resources import FigureOptions, Privacy
from genesys_assets.sandbox import Faults, Sandbox, on
from genesys_assets.whose import figure_options
from genesys_assets_tests.assets.reading import why
from genesys_assets_tests.conftest import DAY, NOW, with_origins

OTHER = DAY - timedelta(days=1)
KEYS = ("4f1d0c9b7ae26835b1c0d7e94a2f6683", "91ac05d2e7f84b6390d1a2c3b4e5f607")
ACME = "0c9e1c1a-7a54-4b3f-8f62-0d3c7d5c6a01"
RAW = dg.AssetKey(["raw", "conversations"])
QUEUES = dg.AssetKey(["marts", "queue_performance"])


@pytest.fixture
def sandbox() -> Sandbox:
    """A small contact centre that plays Acme."""
    return Sandbox(
        conversations_per_day=30,
        now=lambda: NOW,
        requests_per_minute=None,
        organisation_id=ACME,
        organisation_name="Acme",
    )


def options_of(result, check="same_options_for_all_days"):
    return next(each for each in result.get_asset_check_evaluations() if each.check_name == check)


def metadata(chain, key):
    event = chain.instance.get_latest_materialization_event(key)
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def test_a_day_says_everywhere_whose_it_is(chain_on, sandbox):
    chain = chain_on(sandbox)
    assert chain.run("refresh_directory").success
    day = chain.run("day", DAY)
    assert day.success, why(day)
    assert organisation_of(chain.database).label == f'"Acme" ({ACME})'
    assert metadata(chain, RAW)["organisation"] == "Acme"
    exports = chain.folder / "exports"
    assert json.loads((exports / "queue_performance/latest.json").read_text())["organisation"] == "Acme"
    assert json.loads((exports / "organisation.json").read_text())["organisation_id"] == ACME
    (file, *_) = exports.glob("marts/queue_performance/*/*.parquet")
    assert pl.read_parquet_metadata(file)["organisation"] == "Acme"
    report = (exports / f"reports/daily/{DAY}.html").read_text()
    assert "Acme, daily report" in report
    assert "invented data" not in report
    assert sum(request.path.endswith("organizations/me") for request in sandbox.requests) == 1


def test_the_sandbox_is_told_wherever_a_day_is(materialised):
    exports = materialised.folder / "exports"
    assert organisation_of(materialised.database).is_sandbox
    assert metadata(materialised, RAW)["organisation"] == "Sandbox"
    assert json.loads((exports / "queue_performance/latest.json").read_text())["organisation"] == "Sandbox"
    assert json.loads((exports / "organisation.json").read_text())["organisation"] == "Sandbox"
    (file, *_) = exports.glob("marts/queue_performance/*/*.parquet")
    assert pl.read_parquet_metadata(file)["organisation"] == "Sandbox"
    assert "Sandbox: invented data." in (exports / f"reports/daily/{DAY}.html").read_text()


def test_the_exports_of_another_organisation_are_not_overwritten(chain_on, sandbox):
    chain = chain_on(sandbox)
    owner = chain.folder / "exports" / "organisation.json"
    owner.parent.mkdir()
    owner.write_text('{"organisation_id": "4f6a2d11", "organisation": "Beta"}')
    day = chain.run("day", DAY)
    assert not day.success
    failed = [event.step_failure_data.user_failure_data for event in day.all_events if event.is_step_failure]
    assert all('those of "Beta" (4f6a2d11), and these are of "Acme"' in each.description for each in failed)
    assert [file.name for file in owner.parent.iterdir() if file.is_file()] == ["organisation.json"]


def test_an_organisation_that_is_not_told_is_known_by_its_client(chain_on, sandbox):
    sandbox.faults = Faults(on("organizations/me", status=403))
    chain = chain_on(sandbox)
    result = chain.fetch(DAY)
    assert result.success, why(result)
    assert metadata(chain, RAW)["organisation"] == "OAuth client sandbox"


def test_what_is_stored_can_be_restated_without_a_network(chain_on, sandbox, monkeypatch):
    chain = chain_on(sandbox)
    assert chain.fetch(DAY).success
    monkeypatch.setattr(whose, "_identities", {})
    sandbox.faults = Faults(on(".*", drop="before"))
    result = chain.run("restate_marts", DAY)
    assert result.success, why(result)


def test_a_database_from_before_is_pinned_by_those_who_have_its_queues(chain_on, sandbox):
    chain = chain_on(sandbox)
    assert chain.run("refresh_directory").success
    with chain.database.writing() as connection:
        connection.execute("DROP TABLE genesys_assets.pinned_facts")
    result = chain.fetch(DAY)
    assert result.success, why(result)
    assert organisation_of(chain.database).organisation_id == ACME


def test_a_database_from_before_without_a_directory_is_refused_with_the_command_that_adopts_it(chain_on, sandbox):
    chain = chain_on(sandbox)
    assert chain.fetch(DAY).success
    with chain.database.writing() as connection:
        connection.execute("DROP TABLE genesys_assets.pinned_facts")
    result = chain.fetch(DAY)
    assert not result.success
    assert "genesys-assets adopt" in why(result)


def test_days_that_other_options_have_made_are_told_and_made_anew(chain_on, sandbox):
    chain = chain_on(sandbox)
    other = DAY.replace(day=DAY.day - 1)
    figures = with_origins("marts/queue_performance")
    assert chain.make(DAY, figures).success
    hourly = replace(chain, further={"figures": FigureOptions(interval_minutes=60)})
    changed = hourly.make(other, figures)
    assert changed.success, why(changed)
    check = options_of(changed)
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert f"interval_minutes 15): {DAY}" in check.description
    assert "restate_marts" in check.description
    assert metadata(chain, QUEUES)["days_by_other_options"] == str(DAY)
    assert metadata(chain, QUEUES)["options"]["interval_minutes"] == "60"
    anew = hourly.make(DAY, figures - dg.AssetSelection.groups("raw"))
    assert options_of(anew).passed


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (Privacy(), Privacy(mode="drop"), f"(privacy keep): {OTHER}"),
        (Privacy(mode="hash", key=KEYS[0]), Privacy(mode="hash", key=KEYS[1]), "(privacy_key hash-"),
    ],
    ids=["mode", "key"],
)
def test_days_that_another_privacy_has_stored_are_told(chain_on, sandbox, then, now, said):
    chain = chain_on(sandbox)
    assert replace(chain, further={"privacy": then}).fetch(OTHER).success
    changed = replace(chain, further={"privacy": now}).fetch(DAY)
    assert changed.success, why(changed)
    (check,) = [
        each for each in changed.get_asset_check_evaluations() if each.check_name == "same_privacy_for_all_days"
    ]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert said in check.description
    assert metadata(chain, RAW)["days_by_other_options"] == str(OTHER)
    assert not any(key in str(changed.all_events) for key in KEYS)


@pytest.mark.parametrize("option", FigureOptions.model_fields)
def test_no_option_of_the_figures_changes_without_being_told(option):
    usual = FigureOptions()
    value = getattr(usual, option)
    other = FigureOptions(**{option: not value if isinstance(value, bool) else value * 2})
    assert figure_options(usual) != figure_options(other)
