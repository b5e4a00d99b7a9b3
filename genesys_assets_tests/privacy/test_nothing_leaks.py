"""Marked values go in at one end; everything that comes out elsewhere is searched for them.

Under `keep` the tables hold them, and nothing else may: no log, event, metadata, error, report or export of the marts.
Under `hash` and `drop` nothing holds them at all, to the last byte on the disk.
"""

import asyncio
import traceback
from datetime import UTC

import pytest

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import ExtractionSettings, GenesysCloud, GenesysError, extract, hosts_of
from genesys_assets.genesys.api.auth import Credentials
from genesys_assets.sandbox import Faults
from genesys_assets.sandbox.faults import on
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.conftest import DAY
from genesys_assets_tests.privacy.conftest import KEY, excerpts, on_disk

PAGES = "details/(query|jobs/.*/results)"


def printed(capfd, caplog):
    return "".join([*capfd.readouterr(), caplog.text])


def test_values_that_are_kept_are_in_the_tables_and_not_in_what_a_run_tells(marked_chain, capfd, caplog):
    chain = marked_chain("keep")
    assert chain.decode()
    assert excerpts(chain.stored())
    assert excerpts(chain.told()) == []
    assert excerpts(printed(capfd, caplog)) == []


@pytest.mark.slow
def test_no_figure_report_or_export_of_the_marts_holds_a_value_that_is_kept(marked_chain, capfd, caplog):
    chain = marked_chain("keep")
    assert chain.run("day", DAY).success
    assert chain.run("copy_database").success
    assert excerpts(chain.stored())
    assert excerpts(chain.told()) == []
    assert excerpts(printed(capfd, caplog)) == []
    told = on_disk(chain.folder / "exports")
    assert excerpts(told, "<html")
    assert excerpts(told, "contact_centre.duckdb")
    assert excerpts(told) == []


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_values_that_are_hashed_or_dropped_are_nowhere(marked_chain, capfd, caplog, mode):
    chain = marked_chain(mode)
    assert chain.decode()
    everything = [chain.stored(), chain.told(), printed(capfd, caplog), on_disk(chain.folder)]
    assert excerpts(everything[0], "conversationStart")  # the documents are there
    assert bool(excerpts(everything[0], "hmac:")) == (mode == "hash")
    for text in everything:
        assert excerpts(text) == []
        assert excerpts(text, KEY) == []


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_what_a_failed_run_leaves_on_disk_is_scrubbed_too(marked_chain, mode):
    chain = marked_chain(mode, source="query", faults=Faults(on("details/query", after=40, status=403)))
    assert not chain.run("day", DAY).success
    left = on_disk(chain.folder / "work")
    assert excerpts(left, "conversationId")
    assert excerpts(left) == []


@pytest.mark.parametrize("kind", ["id", "start", "record", "page"])
def test_an_error_about_a_bad_page_repeats_nothing_of_it(marked_chain, capfd, caplog, kind):
    chain = marked_chain("keep", faults=Faults(on(PAGES, garbage=kind)))
    assert not chain.run("day", DAY).success
    told = chain.told()
    assert excerpts(told, "STEP_FAILURE")
    assert excerpts(told) == []
    assert excerpts(printed(capfd, caplog)) == []


def test_an_error_about_a_cut_off_page_repeats_nothing_of_it(marked_chain):
    chain = marked_chain("keep", faults=Faults(on(PAGES, truncate=True)))
    lines = []

    async def instantly(_):
        await asyncio.sleep(0)

    async def read():
        url = chain.genesys.api_url
        credentials = Credentials("sandbox", "sandbox")
        async with GenesysCloud(
            hosts_of(None, api_url=url, login_url=url), credentials, sleep=instantly, log=lines.append
        ) as cloud:
            await extract(
                cloud,
                CONVERSATIONS,
                window_of(DAY, UTC),
                ParquetCheckpoint(chain.folder / "day"),
                ExtractionSettings(),
            )

    with pytest.raises(GenesysError) as failed:
        asyncio.run(read())
    assert lines
    assert excerpts("\n".join([*lines, *traceback.format_exception(failed.value)])) == []
