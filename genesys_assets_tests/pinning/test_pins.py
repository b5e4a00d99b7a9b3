from collections.abc import Mapping
from pathlib import Path

import pytest

from genesys_assets.pinning import SANDBOX_ORGANISATION_ID, Identity, OrganisationPins, OtherOrganisationError, pins
from genesys_assets.pinning import organisation_of as told_by
from genesys_assets.pinning.options import days_made_otherwise, record
from genesys_assets.sandbox import Sandbox
from genesys_assets.warehouse import Database, WarehouseError
from genesys_assets.warehouse.facts import facts, pin

ACME = Identity.disclosed("0c9e1c1a-7a54-4b3f-8f62-0d3c7d5c6a01", "Acme", "client-a", "https://api.acme.example")
BETA = Identity.disclosed("4f6a2d11-2b1f-4c0e-9d15-8a5f3b9b7e02", "Beta", "client-b", "https://api.beta.example")
SANDBOX = Identity.disclosed(SANDBOX_ORGANISATION_ID, "Sandbox", "", "")
FIGURES = {"interval_minutes": "30"}


def database_for(
    identity: Identity,
    path: Path,
    ids: Mapping[str, frozenset[str]] | None = None,
    options: Mapping[str, str] | None = None,
    time_zone: str = "UTC",
) -> Database:
    """The database at a path, as one whom this identity answers opens it."""
    database = Database(path)
    by_table = {"marts.queue_performance": FIGURES if options is None else options}
    database.pin_with(OrganisationPins(lambda _known: identity, lambda: ids or {}, by_table, time_zone))
    return database


def store(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(statement)


DIRECTORY = (
    "CREATE SCHEMA directory",
    "CREATE TABLE directory.queues AS SELECT unnest(['q1', 'q2']) AS id",
    "CREATE TABLE directory.divisions AS SELECT 'd1' AS id",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "genesys.duckdb"


@pytest.fixture
def of_before(path: Path) -> Path:
    """A database with a directory, from before organisations were pinned."""
    store(Database(path), *DIRECTORY)
    return path


def test_the_sandbox_tells_the_id_by_which_it_is_known():
    assert Sandbox().organisation_id == SANDBOX_ORGANISATION_ID


def test_a_new_database_is_pinned_by_the_first_transaction(path):
    database = database_for(ACME, path)
    assert told_by(database) is None
    store(database, *DIRECTORY)
    assert told_by(Database(path)) == ACME
    with Database(path).reading() as connection:
        pinned = facts(connection)
    assert pinned["time_zone"] == "UTC"
    assert pinned["schema_version"] == "1"
    assert pinned["interval_minutes"] == "30"


def test_a_database_keeps_the_time_zone_of_its_first_day(path):
    store(database_for(ACME, path, time_zone="America/New_York"), *DIRECTORY)
    before = path.read_bytes()
    with pytest.raises(
        OtherOrganisationError, match="are days of America/New_York, and GENESYS_ASSETS_TIMEZONE is UTC"
    ) as refused:
        store(database_for(ACME, path), *DIRECTORY)
    assert "set GENESYS_ASSETS_TIMEZONE=America/New_York" in str(refused.value)
    assert path.read_bytes() == before
    with database_for(ACME, path, time_zone="America/New_York").reading() as connection:
        assert facts(connection)["time_zone"] == "America/New_York"


@pytest.mark.parametrize("first", [ACME, SANDBOX])
@pytest.mark.parametrize("second", [BETA, SANDBOX])
def test_a_database_of_one_is_neither_read_nor_written_by_another(path, first, second):
    if first == second:
        second = ACME
    store(database_for(first, path), *DIRECTORY)
    before = path.read_bytes()
    database = database_for(second, path)
    with pytest.raises(OtherOrganisationError) as reading, database.reading():
        pass
    with pytest.raises(OtherOrganisationError), database.writing():
        pass
    first_sentence = str(reading.value).partition(". To go on")[0]
    assert first.label in first_sentence
    assert second.label in first_sentence
    assert not reading.value.transient
    assert path.read_bytes() == before


def test_what_is_pinned_between_the_look_and_the_transaction_is_seen_in_the_transaction(path):
    database = database_for(ACME, path)
    database.judge()
    store(database_for(BETA, path), *DIRECTORY)
    with pytest.raises(OtherOrganisationError), database.writing():
        pass


def test_rows_without_facts_that_come_between_the_look_and_the_transaction_are_looked_at_again(path):
    database = database_for(ACME, path)
    database.judge()
    store(Database(path), *DIRECTORY)
    with pytest.raises(pins.ChangedMeanwhileError) as refused, database.writing():
        pass
    assert refused.value.transient


@pytest.mark.parametrize(
    ("identity", "listed"),
    [
        (ACME, {"queues": frozenset({"q1", "new"})}),
        (ACME, {"divisions": frozenset({"d1"})}),
        (SANDBOX, {"queues": frozenset({"q1", "q2"}), "divisions": frozenset({"d1", "d2"})}),
    ],
)
def test_a_database_from_before_is_pinned_when_its_directory_agrees(of_before, identity, listed):
    store(database_for(identity, of_before, listed), "CREATE TABLE directory.users (id VARCHAR)")
    assert told_by(Database(of_before)) == identity


@pytest.mark.parametrize(
    ("identity", "listed", "advice"),
    [
        (ACME, {"queues": frozenset({"other"})}, "genesys-assets adopt"),
        (ACME, {}, "genesys-assets adopt"),
        (SANDBOX, {"queues": frozenset({"q1"}), "divisions": frozenset({"d1"})}, "set the credentials"),
    ],
)
def test_a_database_from_before_is_refused_when_its_directory_does_not_agree(of_before, identity, listed, advice):
    before = of_before.read_bytes()
    with pytest.raises(OtherOrganisationError, match=advice), database_for(identity, of_before, listed).reading():
        pass
    assert of_before.read_bytes() == before


def test_an_untold_organisation_is_known_by_its_client_and_told_later(path):
    untold = Identity.undisclosed("client-a", "https://api.acme.example")
    store(database_for(untold, path), *DIRECTORY)
    store(database_for(ACME, path), "CREATE TABLE directory.users (id VARCHAR)")
    assert told_by(Database(path)) == ACME
    with database_for(untold, path).reading():
        pass


def test_an_untold_organisation_is_not_known_by_another_client(path):
    store(database_for(ACME, path), *DIRECTORY)
    other = Identity.undisclosed("client-b", "https://api.acme.example")
    with pytest.raises(OtherOrganisationError, match="organizations/me"), database_for(other, path).reading():
        pass


def test_the_same_organisation_by_another_client_is_welcome(path):
    store(database_for(ACME, path), *DIRECTORY)
    again = Identity.disclosed(ACME.organisation_id, "Acme plc", "client-z", "https://api.acme.example")
    store(database_for(again, path), "CREATE TABLE directory.users (id VARCHAR)")
    pinned = told_by(Database(path))
    assert pinned is not None
    assert pinned.name == "Acme plc"
    assert len(pinned.clients) == 2


@pytest.mark.parametrize(("fact", "value"), [("time_zone", "Europe/Berlin"), ("schema_version", "2")])
def test_days_of_another_zone_and_later_versions_are_refused(path, fact, value):
    with Database(path).writing() as connection:
        pin(connection, {**ACME.facts(), fact: value})
    with pytest.raises(WarehouseError, match="nothing was read or changed"), database_for(ACME, path).reading():
        pass


def test_days_that_other_options_have_made_are_told(path):
    database = database_for(ACME, path)
    with database.writing() as connection:
        record(connection, "marts.queue_performance", ["2026-01-01", "2026-01-02", "2026-01-05"], FIGURES)
        record(connection, "marts.queue_performance", ["2026-01-03"], {"interval_minutes": "15"})
    differing = days_made_otherwise(database, "marts.queue_performance", {"interval_minutes": "15"})
    assert differing.named() == "2026-01-01 to 2026-01-02, 2026-01-05"
    assert differing.options == {"interval_minutes": ["30"]}


def test_a_day_made_anew_is_of_the_new_options(path):
    database = database_for(ACME, path)
    with database.writing() as connection:
        record(connection, "marts.queue_performance", ["2026-01-01"], FIGURES)
        record(connection, "marts.queue_performance", ["2026-01-01"], {"interval_minutes": "15"})
    assert not days_made_otherwise(database, "marts.queue_performance", {"interval_minutes": "15"}).days


def test_options_that_change_are_pinned_anew(path):
    store(database_for(ACME, path), *DIRECTORY)
    store(database_for(ACME, path, options={"interval_minutes": "15"}), "CREATE TABLE directory.users (id VARCHAR)")
    with Database(path).reading() as connection:
        assert facts(connection)["interval_minutes"] == "15"


def test_a_name_from_outside_is_made_readable():
    shown = Identity.disclosed("1", "Ac\x1b[31mme\n" + "x" * 500, "c", "h").name
    assert shown.isprintable()
    assert len(shown) <= 120
