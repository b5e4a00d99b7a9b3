"""raw/conversations through Dagster, against a sandbox over HTTP with faults: the stored day is whole, or untouched."""

from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest

from genesys_assets.sandbox import Faults, Sandbox, on
from genesys_assets_tests.assets.reading import facts_of, known_by_query, why
from genesys_assets_tests.conftest import DAY, NOW, chains


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(conversations_per_day=30, now=lambda: NOW, requests_per_minute=None)


PASSING = {  # one of each kind: every single one is met by the client's own tests
    "429 in seconds": on("details", retry_after="2", times=3),
    "503": on("details", status=503, times=2),
    "dropped inside the body": on("details", drop="inside", times=2),
    "token expires in mid-paging": on("details", expire_token=True, after=2, times=1),
}


@pytest.mark.parametrize("source", ["job", "query"])
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_fault_that_passes_leaves_the_day_whole(chain_on, sandbox, source, fault):
    chain = chain_on(sandbox, source=source)
    sandbox.faults = Faults(fault)
    result = chain.fetch(DAY)
    assert result.success, why(result)
    assert chain.documents() == (sandbox.conversations(DAY) if source == "job" else known_by_query(sandbox, DAY))


JOB_FAULTS = {
    "refused cursor": on("results", refuse_cursor=True, times=1),
    "job FAILED": on("details/jobs/", job="FAILED", times=1),
    "job EXPIRED in mid-paging": on("results", job="EXPIRED", after=1, times=1),
    "unknown job": on("details/jobs/", job="unknown", times=1),
    "answer too large": on("results", status=413, above=500),
    "low cap": on("results", cap=40),
}


@pytest.mark.parametrize("fault", JOB_FAULTS.values(), ids=JOB_FAULTS)
def test_a_job_that_goes_wrong_once_leaves_the_day_whole(chain_on, sandbox, fault):
    chain = chain_on(sandbox, source="job")
    sandbox.faults = Faults(fault)
    result = chain.fetch(DAY)
    assert result.success, why(result)
    assert chain.documents() == sandbox.conversations(DAY)


def test_the_cursor_that_is_invalid_after_the_second_page_still_brings_the_day(chain_on, sandbox):
    chain = chain_on(sandbox, source="query")
    sandbox.faults = Faults(on("details/query", next_page_cursor=True))
    assert chain.fetch(DAY).success
    assert chain.documents() == known_by_query(sandbox, DAY)


def test_a_lagging_data_lake_is_read_around_by_query(chain_on, sandbox):
    chain = chain_on(sandbox)
    sandbox.availability_lag = timedelta(days=4)
    assert chain.fetch(DAY).success
    assert chain.documents() == known_by_query(sandbox, DAY)
    assert chain.table("raw.conversations")["source"].unique().to_list() == ["query"]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """A chain that has fetched the day by job; faults do not change what it stores."""
    with chains(tmp_path_factory.mktemp("fetched")) as make:
        chain = make(Sandbox(conversations_per_day=30, now=lambda: NOW, requests_per_minute=None), source="job")
        assert chain.fetch(DAY).success
        yield chain


LASTING = {
    "403": (on("details", status=403), "permission"),
    "a document without its id": (on("results", garbage="id"), "conversationId"),
    "a document with a bad start": (on("results", garbage="start"), "conversationStart"),
    "a page that is no page": (on("results", garbage="page"), "page"),
    "pages that never end": (on("results", repeat=True), "does not end"),
    "a cap below one second": (on("details", cap=0), "more than 0 conversations"),
    "a job that always fails": (on("details/jobs/", job="FAILED"), "job"),
}


@pytest.mark.parametrize(("fault", "said"), LASTING.values(), ids=LASTING)
def test_a_fault_that_lasts_fails_clearly_and_leaves_the_stored_day_as_it_was(fetched, fault, said):
    before = fetched.documents()
    assert before
    fetched.sandbox.faults = Faults(fault)
    result = fetched.fetch(DAY)
    assert not result.success
    assert said.lower() in why(result).lower()
    assert fetched.documents() == before


@pytest.mark.parametrize("source", ["job", "query"])
def test_a_run_that_goes_on_under_other_credentials_stores_nothing_of_the_organisation_before(chain_on, source):
    before, after = (
        Sandbox(
            seed=seed,
            conversations_per_day=30,
            now=lambda: NOW,
            requests_per_minute=None,
            organisation_id=f"{seed:08}-97fb-5947-a412-a67342a927e3",
            organisation_name=f"Organisation {seed}",
        )
        for seed in (1, 2)
    )
    slice_by_slice = r"GET .*details/jobs/[^/]+-[^/]+$" if source == "job" else "details/query"
    before.faults = Faults(on(slice_by_slice, after=1 if source == "job" else 40, status=400))
    begun = chain_on(before, source=source, jobs_at_once=1)
    run_id = "9fd4d3c2-7d1c-4b86-a0c5-3f6f2d3fbb11"
    assert not begun.fetch(DAY, run_id=run_id).success
    assert list(begun.folder.glob("work/landings/*/*/*/*.parquet"))
    with dg.DagsterInstance.ephemeral() as instance:
        gone_on = replace(chain_on(after, source=source), instance=instance)
        facts = facts_of(gone_on.fetch(DAY, run_id=run_id))
    assert facts["slices_resumed"] == 0
    assert gone_on.documents() == (after.conversations(DAY) if source == "job" else known_by_query(after, DAY))


@pytest.mark.parametrize("source", ["job", "query"])
def test_the_checkpoint_of_a_stored_day_is_removed(chain_on, sandbox, source):
    chain = chain_on(sandbox, source=source)
    assert chain.fetch(DAY).success
    assert [path for path in (chain.folder / "work/landings").rglob("*") if path.is_file()] == []


def test_an_error_names_no_secret(chain_on, sandbox):
    chain = chain_on(sandbox)
    sandbox.faults = Faults(on("details", status=403))
    result = chain.fetch(DAY)
    said = "\n".join(str(event) for event in result.all_events)
    assert "Bearer" not in said
    assert "access_token" not in said


def test_a_day_without_conversations_is_stored_as_an_empty_day(chain_on):
    silent = Sandbox(conversations_per_day=0.001, mix={"abandoned_call": 1}, now=lambda: NOW, requests_per_minute=None)
    chain = chain_on(silent)
    assert chain.fetch(DAY).success
    assert chain.table("raw.conversations").height == len(silent.conversations(DAY))


TEXTS = {
    "interval",
    "source",
    "watermark",
    "state",
    "may_still_change",
    "privacy",
    "organisation",
    "dagster/table_name",
}
FIGURES = {
    "conversations",
    "open_conversations",
    "announced",
    "received",
    "slices",
    "slices_resumed",
    "slices_restarted",
    "pages",
    "requests",
    "retries",
    "throttled",
    "received_bytes",
    "fetch_seconds",
    "waited_seconds",
    "lock_wait_seconds",
    "lock_hold_seconds",
    "store_seconds",
    "dagster/partition_row_count",
    "rows_added",
    "rows_changed",
    "rows_removed",
    "bytes",
}
"""What the UI charts over the partitions."""


@pytest.mark.parametrize("source", ["job", "query"])
def test_a_partition_says_how_it_was_read(chain_on, sandbox, source):
    facts = facts_of(chain_on(sandbox, source=source).fetch(DAY))
    shown = {"job_ids", "options", "dagster/column_schema", "dagster/column_lineage"}
    assert set(facts) - shown == TEXTS | FIGURES
    assert {name for name in FIGURES if type(facts[name]) not in {int, float}} == set()
    assert facts["state"] == ("complete" if source == "job" else "provisional")
    assert facts["source"] == source
    known = sandbox.conversations(DAY) if source == "job" else known_by_query(sandbox, DAY)
    assert facts["conversations"] == len(known) == facts["dagster/partition_row_count"]
    assert facts["received"] >= facts["announced"] > 0
    assert facts["requests"] >= facts["pages"] >= 1
