"""What the errors of the client and the checkpoint tell: what to grant or set, and nothing of a server's own lines."""

from datetime import UTC

import pytest

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.directory import LISTINGS
from genesys_assets.genesys import (
    AGGREGATES,
    ConfigurationError,
    ForbiddenError,
    GenesysError,
    aggregates,
    entities,
    extract,
    total_hits,
)
from genesys_assets.genesys.details.slices import ExtractionSettings
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import DAY, Script, answer, problem, run

NASTY = "a\x1b[31m\r\n\u202eb\x00" + "x" * 100_000
LATER = "2026-12-24T00:00:00Z"


NOT_AUTHORISED = problem(403, "not.authorized", "You are not authorized to perform the requested action.")


def refused_at(ask, *answers):
    """What is said when a request, after these answers, is refused for want of a permission that is not named."""
    with pytest.raises(ForbiddenError) as failed:
        run(Script(*answers, NOT_AUTHORISED), ask)
    return str(failed.value)


@pytest.mark.parametrize("table", LISTINGS)
def test_a_403_of_a_listing_names_its_permission(table):
    said = refused_at(lambda cloud: entities(cloud, LISTINGS[table]))
    assert f"Grant {LISTINGS[table].permission} to a role" in said


@pytest.mark.parametrize("query", AGGREGATES.values(), ids=AGGREGATES)
def test_a_403_of_aggregates_names_their_permission(query):
    said = refused_at(lambda cloud: aggregates(cloud, query, window_of(DAY, UTC), [query.some_metric]))
    assert f"Grant {query.permission} to a role" in said


def test_a_403_of_a_query_names_the_permission_of_its_source():
    said = refused_at(lambda cloud: total_hits(cloud, CONVERSATIONS, window_of(DAY, UTC)))
    assert f"Grant {CONVERSATIONS.permission} to a role" in said


@pytest.mark.parametrize("answered", range(5), ids=["watermark", "count", "submission", "state", "results"])
def test_a_403_of_a_job_names_the_permission_of_its_source(tmp_path, answered):
    answers = [
        answer(200, {"dataAvailabilityDate": LATER}),
        answer(200, {"totalHits": 0}),
        answer(200, {"jobId": "j-1"}),
        answer(200, {"state": "FULFILLED"}),
    ]
    said = str(said_by(tmp_path, *answers[:answered], NOT_AUTHORISED))
    assert f"Grant {CONVERSATIONS.permission} to a role" in said


def said_by(folder, *answers, logins=()):
    """The error of a day by job that these answers bring."""

    async def ask(cloud):
        await extract(
            cloud,
            CONVERSATIONS,
            window_of(DAY, UTC),
            ParquetCheckpoint(folder),
            ExtractionSettings("job", jobs_at_once=1, availability_seconds=0),
        )

    with pytest.raises(GenesysError) as failed:
        run(Script(*answers, logins=logins), ask)
    return failed.value


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("error", ["invalid_client", NASTY])
@pytest.mark.parametrize("field", ["description", "error_description"])
def test_what_the_login_host_says_becomes_one_line(tmp_path, status, error, field):
    refused = said_by(tmp_path, answer(), logins=[answer(status, {"error": error, field: NASTY})])
    assert isinstance(refused, ConfigurationError)
    assert str(refused).isprintable()
    assert len(str(refused)) < 1_000


def test_a_quota_of_jobs_names_the_setting_for_jobs(tmp_path):
    limit = {"key": "details.jobs.concurrent.access.max", "namespace": "analytics.conversation", "value": 2}
    body = {"message": "Too many", "code": "too.many.requests", "status": 429, "limit": limit}
    refused = said_by(
        tmp_path, answer(200, {"dataAvailabilityDate": LATER}), answer(200, {"totalHits": 0}), answer(429, body)
    )
    assert "GENESYS_ASSETS_JOBS_AT_ONCE" in str(refused)
    assert "REQUESTS_PER_MINUTE" not in str(refused)
