"""The checks in the red: each sees what it is there to see, says so on its day, and stops what would mislead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from genesys_assets.assets import comparisons, standing
from genesys_assets.assets.checks import Volumes, unusual, volumes
from genesys_assets.assets.comparisons import Found, agreement, switches
from genesys_assets.assets.staging import keys_and_parents
from genesys_assets.data_model import TABLES
from genesys_assets.documentation import PERMISSIONS
from genesys_assets.genesys import AGGREGATES, PermanentError, TransientError
from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.resources import FigureOptions
from genesys_assets.sandbox import Sandbox
from genesys_assets.warehouse import Database
from genesys_assets_tests.conftest import DAY, NOW, Chain, Hurried, chains

RAW, MART = ["raw", "conversations"], ["marts", "queue_performance"]


class NovelSandbox(Sandbox):
    """A contact centre on a release of Genesys Cloud that nobody knows yet."""

    def _encoded(self, *args: object) -> bytes:
        told = json.loads(super()._encoded(*args))
        told["participants"][0] |= {"novelty": 1, "purpose": "robot"}
        return json.dumps(told).encode()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A day of that contact centre, stored by the job `day`."""
    with chains(tmp_path_factory.mktemp("checks")) as make:
        chain = make(NovelSandbox(conversations_per_day=40, now=lambda: NOW, requests_per_minute=None))
        assert chain.run("day", DAY).success
        yield chain


LATEST = dg.AssetSelection.assets(["exports", "queue_performance_latest"])


def checked(
    chain: Chain, asset: list[str], name: str, further: str = "", latest: bool = False
) -> dg.ExecuteInProcessResult:
    """A run of one check of the day, and of a group of assets after it."""
    selection = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(asset), name))
    if further:
        selection |= dg.AssetSelection.groups(further)
    return run_of(chain, selection | LATEST if latest else selection)


def run_of(chain: Chain, selection: dg.AssetSelection) -> dg.ExecuteInProcessResult:
    """A run of the day of what is selected."""
    job = dg.define_asset_job("checked", selection)
    resolved = dg.Definitions.merge(chain.defs, dg.Definitions(jobs=[job])).resolve_job_def("checked")
    of_day = {"dagster/partition": str(DAY)}  # Dagster takes no partition key for a job of checks alone
    return resolved.execute_in_process(instance=chain.instance, tags=of_day, raise_on_error=False)


def evaluation(result: dg.ExecuteInProcessResult, name: str, asset: list[str] | None = None) -> dg.AssetCheckEvaluation:
    evaluations = [each for each in result.get_asset_check_evaluations() if each.check_name == name]
    (found,) = [each for each in evaluations if asset is None or each.asset_key.path == asset]
    return found


def told(result: dg.AssetCheckEvaluation) -> dict[str, object]:
    return {name: value.value for name, value in result.metadata.items()}


def page(chain: Chain) -> str:
    """The day's report."""
    return (chain.folder / f"exports/reports/daily/{DAY}.html").read_text()


def latest(chain: Chain) -> dict[str, object]:
    """latest.json."""
    document: dict[str, object] = json.loads((chain.folder / "exports/queue_performance/latest.json").read_bytes())
    return document


def test_a_complete_day_that_equals_genesys_is_called_complete(stored: Chain) -> None:
    assert "✓ Complete" in page(stored)
    assert latest(stored)["state"] == "complete"


def test_a_complete_day_that_differs_is_red_at_its_asset_on_its_report_and_in_latest_json(stored: Chain) -> None:
    with stored.database.writing() as connection:
        (queue, name) = connection.execute(
            "SELECT queue_id, max(queue_name) FROM marts.queue_performance WHERE answered > 0 GROUP BY 1 ORDER BY 1"
        ).fetchall()[0]
        connection.execute("UPDATE marts.queue_performance SET answered = answered + 1 WHERE queue_id = ?", [queue])
    result = checked(stored, MART, "matches_genesys_aggregates", further="reports", latest=True)
    found = evaluation(result, "matches_genesys_aggregates")
    assert (found.passed, found.severity, found.partition) == (False, dg.AssetCheckSeverity.ERROR, str(DAY))
    assert result.success, "nothing is stopped"
    rows = [row.data for row in found.metadata["table"].records]
    assert {(row["partition_date"], row["queue_id"], row["figure"]) for row in rows} == {(str(DAY), queue, "answered")}
    assert all(row["ours"] > row["genesys"] and row["queue_name"] == name for row in rows)
    html = page(stored)
    assert "✗ Differs from Genesys Cloud" in html
    assert "✓ Complete" not in html
    assert html.index('answered</td><td class="text">tAnswered (count)') < html.index("Through the day")
    assert latest(stored)["state"] == "mismatch"


def test_a_difference_that_is_known_is_a_warning_and_told_all_the_same(stored: Chain) -> None:
    url = stored.genesys.api_url
    stored.genesys = Hurried(
        client_id="sandbox", client_secret="sandbox", api_url=url, login_url=url, mismatch="warning"
    )
    result = checked(stored, MART, "matches_genesys_aggregates", further="reports")
    found = evaluation(result, "matches_genesys_aggregates")
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "✗ Differs from Genesys Cloud" in page(stored)
    assert "A difference that is known, by the settings" in page(stored)


def test_figures_made_anew_are_not_called_complete_before_they_are_compared(stored: Chain) -> None:
    assert run_of(stored, dg.AssetSelection.assets(MART).without_checks()).success
    made_again(stored)
    assert "Not compared with Genesys Cloud since it was made" in page(stored)
    assert "✓ Complete" not in page(stored)
    assert latest(stored)["state"] == "not_compared"
    checked(stored, MART, "matches_genesys_aggregates")
    made_again(stored)
    assert "✓ Complete" in page(stored), "the report made by itself shows the check of another run"
    assert latest(stored)["state"] == "complete"


def made_again(chain: Chain) -> dg.ExecuteInProcessResult:
    """A run of the report and latest.json alone."""
    selection = dg.AssetSelection.groups("reports") | LATEST
    return run_of(chain, selection)


def test_a_comparison_that_waits_is_waited_for(stored: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "SECONDS_BETWEEN_LOOKS", 0)
    answers = iter([TransientError("Genesys Cloud is busy."), TransientError("Genesys Cloud is busy.")])
    asked = comparisons.differences_of

    def busy(*arguments: Any) -> Found:
        for error in answers:
            raise dg.RetryRequested(max_retries=3, seconds_to_wait=0.05) from error
        return asked(*arguments)

    monkeypatch.setattr(comparisons, "differences_of", busy)
    result = checked(stored, MART, "matches_genesys_aggregates", further="reports")
    ended = [event.step_key for event in result.all_events if event.is_step_success]
    assert ended == ["marts__queue_performance_matches_genesys_aggregates", "reports__daily"]


def test_a_comparison_that_fails_leaves_no_day_complete(stored: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_of(stored, dg.AssetSelection.assets(MART).without_checks()).success
    monkeypatch.setattr(standing, "SECONDS_BETWEEN_LOOKS", 0)
    monkeypatch.setattr(comparisons, "aggregates", refusing)
    result = checked(stored, MART, "matches_genesys_aggregates", further="reports")
    assert not result.success
    assert "✓ Complete" not in page(stored)
    assert "Not compared with Genesys Cloud since it was made" in page(stored)


def test_a_check_that_will_never_run_since_its_mart_failed_is_not_waited_for(
    stored: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "SECONDS_BETWEEN_LOOKS", 0)
    with stored.database.writing() as connection:
        connection.execute("ALTER TABLE staging.flows RENAME TO out_of_the_way")
    result = run_of(stored, dg.AssetSelection.groups("marts") | LATEST)
    with stored.database.writing() as connection:
        connection.execute("ALTER TABLE staging.out_of_the_way RENAME TO flows")
    assert [event.step_key for event in result.all_events if event.is_step_failure] == ["marts__flow_performance"]
    assert latest(stored)["state"] == "complete"


def test_a_mart_whose_aggregates_may_not_be_asked_for_says_which_permission_is_missing(by_query: Chain) -> None:
    by_query.sandbox.permissions = {*PERMISSIONS} - {AGGREGATES["flows"].permission}
    name = "matches_genesys_aggregates"
    found = evaluation(checked(by_query, ["marts", "flow_performance"], name, further="reports"), name)
    by_query.sandbox.permissions = None
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "Grant analytics:flowAggregate:view to a role" in (found.description or "")
    assert "Nothing was compared" in page(by_query)


async def refusing(*_: object, **__: object) -> list[object]:
    """The aggregates, which the OAuth client may not read."""
    raise PermanentError("The permission is missing: grant analytics:conversationAggregate:view.")


def test_a_conversation_of_another_day_fails_the_day_and_stops_staging(stored: Chain) -> None:
    with stored.database.writing() as connection:
        connection.execute(
            "UPDATE raw.conversations SET conversation_start = partition_date + INTERVAL 2 DAY, "
            "conversation_end = NULL WHERE conversation_id = (SELECT min(conversation_id) FROM raw.conversations)"
        )
    result = checked(stored, RAW, "each_conversation_once", further="staging")
    found = evaluation(result, "each_conversation_once")
    assert (found.passed, found.severity, found.partition) == (False, dg.AssetCheckSeverity.ERROR, str(DAY))
    assert told(found) == {"duplicates": 0, "not_active": 1}
    assert not result.success
    assert result.get_asset_materialization_events() == []


def test_fields_and_values_that_are_new_are_named_in_a_warning_and_on_the_day(stored: Chain) -> None:
    found = evaluation(stored.runs["day"], "known_fields_and_values")
    new = {"unknown_fields": {"participants.novelty": 40}, "unknown_values": {"participants.purpose=robot": 40}}
    conversations = stored.table("raw.conversations").height
    expected = {kind: dict.fromkeys(names, conversations) for kind, names in new.items()}
    assert (found.passed, found.severity, told(found)) == (False, dg.AssetCheckSeverity.WARN, expected)
    of_day = dg.AssetRecordsFilter(asset_key=dg.AssetKey(["staging", "conversations"]), asset_partitions=[str(DAY)])
    (record,) = stored.instance.fetch_materializations(of_day, limit=1).records
    metadata = {name: value.value for name, value in record.asset_materialization.metadata.items()}
    assert {kind: metadata[kind] for kind in expected} == expected


def test_a_doubled_key_and_a_child_without_parent_fail_their_table() -> None:
    tables = {name: schema.create_empty().lazy() for name, schema in TABLES.items()}
    key = {"partition_date": DAY, "conversation_id": "c"}
    participant = pl.LazyFrame(
        [{**key, "participant_ordinal": 0}] * 2, schema_overrides={"participant_ordinal": pl.Int32}
    )
    tables["staging.participants"] = participant
    result = keys_and_parents("staging.participants", tables)
    assert not result.passed
    assert {name: value.value for name, value in result.metadata.items()} == {"duplicates": 1, "orphans": 2}


def test_a_child_without_parent_fails_its_table_although_each_key_stands_once() -> None:
    tables = {name: schema.create_empty().lazy() for name, schema in TABLES.items()}
    key = {"partition_date": DAY, "conversation_id": "c", "participant_ordinal": 0}
    tables["staging.participants"] = pl.LazyFrame([key], schema_overrides={"participant_ordinal": pl.Int32})
    result = keys_and_parents("staging.participants", tables)
    assert not result.passed
    assert {name: value.value for name, value in result.metadata.items()} == {"duplicates": 0, "orphans": 1}


FRIDAYS, WEEK = (100, 90, 110, 100), (80, 85, 90, 95, 100, 20, 10)


@pytest.mark.parametrize(
    ("conversations", "weekdays", "recent", "says"),
    [
        (100, FRIDAYS, WEEK, None),
        (51, FRIDAYS, WEEK, None),
        (199, FRIDAYS, WEEK, None),
        (49, FRIDAYS, WEEK, "49 conversations, where the same weekdays before it had 100"),
        (201, FRIDAYS, WEEK, "201 conversations, where the same weekdays before it had 100"),
        (0, FRIDAYS, WEEK, "access to the divisions"),
        (0, (), WEEK, "where the days before it had 85: has the OAuth client's role lost its access to the divisions"),
        (0, (0, 0, 0, 0), WEEK, None),  # closed on this weekday
        (5, (0, 0, 0, 0), WEEK, None),
        (5, (), WEEK, None),  # its weekday is not known yet
        (0, (), (), None),
    ],
)
def test_a_volume_far_from_the_usual_is_said(
    conversations: int, weekdays: tuple[int, ...], recent: tuple[int, ...], says: str | None
) -> None:
    found = unusual(Volumes(DAY, conversations, weekdays, recent))
    assert (found is None) == (says is None)
    assert (says or "") in (found or "")


def test_a_stored_day_without_a_conversation_counts_as_none_and_a_day_that_is_not_stored_does_not_count(
    tmp_path: Path,
) -> None:
    database = Database(tmp_path / "genesys.duckdb")
    last_week = DAY - timedelta(weeks=1)
    with database.writing() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.conversations (partition_date DATE)")
        connection.executemany("INSERT INTO raw.conversations VALUES (?)", [[DAY], [last_week], [last_week]])
    stored_days: set[date] = {last_week, DAY - timedelta(weeks=2)}
    assert volumes(database, DAY, stored_days) == Volumes(DAY, 1, [2, 0], [2])


def test_a_volume_that_is_unusual_is_a_warning_of_its_day(chain_on: Callable[..., Chain]) -> None:
    chain = chain_on(Sandbox(conversations_per_day=30, now=lambda: NOW, requests_per_minute=None))
    before = DAY - timedelta(weeks=1)
    assert chain.fetch(before).success
    assert chain.fetch(DAY).success
    with chain.database.writing() as connection:
        connection.execute("DELETE FROM raw.conversations WHERE partition_date = ?", [DAY])
    found = evaluation(checked(chain, RAW, "volume"), "volume")
    assert (found.passed, found.severity, found.partition) == (False, dg.AssetCheckSeverity.WARN, str(DAY))
    assert "lost its access to the divisions" in (found.description or "")


@pytest.mark.parametrize(
    ("differences", "provisional", "is_certain", "says"),
    [
        (0, [], False, "Every figure equals Genesys Cloud's."),
        (0, [DAY], False, f"Every figure equals Genesys Cloud's. {DAY} is provisional"),
        (3, [], True, "materialise a complete day again in a few days"),
        (3, [], True, "GENESYS_ASSETS_MISMATCH=warning"),
        (3, [DAY], False, f"3 figures differ from Genesys Cloud's. {DAY} is provisional: read before"),
        (3, [DAY], True, "materialise a complete day again in a few days"),
        (3, [DAY, DAY + timedelta(days=1)], False, "are provisional"),
    ],
)
def test_the_comparison_says_what_to_do_and_which_day_is_provisional(
    differences: int, provisional: list[date], is_certain: bool, says: str
) -> None:
    assert says in agreement(differences, provisional, is_certain=is_certain)


def test_a_complete_day_is_not_called_provisional() -> None:
    assert "provisional" not in agreement(3, [], is_certain=True)


def test_a_service_level_of_other_switches_is_told_with_those_that_fit(stored_day: Chain) -> None:
    name = "matches_genesys_aggregates"
    stored_day.further["figures"] = FigureOptions(include_flowouts_in_calculation=True)
    assert stored_day.make(DAY, dg.AssetSelection.assets(MART).without_checks()).success
    found = evaluation(checked(stored_day, MART, name), name)
    assert not found.passed
    assert {row.data["figure"] for row in found.metadata["table"].records} == {"service_level"}
    said = "Genesys Cloud's with GENESYS_ASSETS_INCLUDE_FLOWOUTS_IN_CALCULATION=false: set it"
    assert said in (found.description or "")


def test_switches_are_said_to_fit_when_they_do_on_every_day_that_differs() -> None:
    now, flows, none = ServiceLevelOptions(), ServiceLevelOptions(True), ServiceLevelOptions(True, True, False)
    assert switches([], now) == ""
    assert "INCLUDE_FLOWOUTS_IN_CALCULATION=true: set" in switches([[flows, none], [flows]], now)
    assert "No setting of the three switches" in switches([[flows], [none]], now)


def test_a_conversation_that_the_query_counts_and_is_not_stored_is_told(stored_day: Chain) -> None:
    interactions = ["marts", "interactions"]
    whole = evaluation(checked(stored_day, interactions, "matches_genesys_totals"), "matches_genesys_totals")
    assert whole.passed
    assert "began by the query's count" in (whole.description or "")
    with stored_day.database.writing() as connection:
        began = f"conversation_start >= '{DAY} 00:00:00+00'"
        connection.execute(
            "UPDATE staging.conversations SET conversation_start = '2026-01-01' WHERE conversation_id = "
            f"(SELECT max(conversation_id) FROM marts.interactions WHERE {began})"
        )
    found = evaluation(checked(stored_day, interactions, "matches_genesys_totals"), "matches_genesys_totals")
    assert (found.passed, told(found)["failed_days"]) == (False, {str(DAY): 1})


@pytest.fixture(scope="module")
def by_query(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A day that was read by query, and is provisional."""
    with chains(tmp_path_factory.mktemp("by_query")) as make:
        sandbox = Sandbox(conversations_per_day=30, now=lambda: NOW, requests_per_minute=None)
        chain = make(sandbox, source="query")
        assert chain.run("day", DAY).success
        yield chain


def test_a_day_by_query_is_said_to_be_provisional_by_its_check(by_query: Chain) -> None:
    found = evaluation(by_query.runs["day"], "matches_genesys_aggregates", MART)
    assert told(found)["provisional"] == [str(DAY)]
    assert f"{DAY} is provisional" in (found.description or "")


def test_a_provisional_day_that_differs_is_a_warning_and_its_report_calls_it_provisional(by_query: Chain) -> None:
    with by_query.database.writing() as connection:
        connection.execute("UPDATE marts.queue_performance SET offered = offered + 1")
    found = evaluation(
        checked(by_query, MART, "matches_genesys_aggregates", further="reports"), "matches_genesys_aggregates"
    )
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "Provisional" in page(by_query)
    assert "✗ Differs from Genesys Cloud" not in page(by_query)
