"""The official Python SDK reads the sandbox as it reads Genesys Cloud: so can any other Genesys client."""

import re
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 - the package is named like a class
import pytest
from PureCloudPlatformClientV2.gateway_configuration import GatewayConfiguration

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.sandbox.document import without_attributes
from genesys_assets_tests.sandbox.support import DAY, interval_of, small_sandbox

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return small_sandbox(conversations_per_day=150)


@pytest.fixture(scope="module")
def client(sandbox) -> Iterator[Any]:
    """The SDK, logged in to the sandbox over real HTTP, as its own documentation says."""
    with serve(sandbox) as url, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the SDK leaves its connections open
        host, port = url.removeprefix("http://").split(":")
        sdk.configuration.gateway_configuration = GatewayConfiguration(host=host, protocol="http", port=int(port))
        client = sdk.api_client.ApiClient()
        yield client.get_client_credentials_token("sandbox", "sandbox")
        client.get_http_client().rest_client.pool_manager.clear()
        sdk.configuration.gateway_configuration = None


def as_read(client: Any, conversations: Any) -> dict[str, Any]:
    """Return the SDK's objects as documents by id; an enum value that it does not know would show."""
    documents = (comparable(client.sanitize_for_serialization(each)) for each in conversations or ())
    return {document["conversationId"]: document for document in documents}


def comparable(value: Any) -> Any:
    """Return a document with its timestamps as instants, however they were written."""
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, str) and _TIMESTAMP.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def test_the_official_sdk_reads_a_day_by_query(client, sandbox):
    api = sdk.ConversationsApi(client)
    found: dict[str, Any] = {}
    number = 1
    while page := _query(api, number).conversations:
        found |= as_read(client, page)
        number += 1
    truth = {key: without_attributes(each) for key, each in sandbox.conversations(DAY).items()}
    assert found == {key: comparable(each) for key, each in truth.items() if began_on_the_day(each)}


def test_the_official_sdk_reads_a_day_by_job(client, sandbox):
    api = sdk.ConversationsApi(client)
    job_id = api.post_analytics_conversations_details_jobs({"interval": interval_of(DAY)}).job_id
    assert api.get_analytics_conversations_details_job(job_id).state == "FULFILLED"
    page = api.get_analytics_conversations_details_job_results(job_id, page_size=100)
    found = as_read(client, page.conversations)
    while page.cursor:
        page = api.get_analytics_conversations_details_job_results(job_id, page_size=100, cursor=page.cursor)
        found |= as_read(client, page.conversations)
    assert found == comparable(sandbox.conversations(DAY))


def test_the_official_sdk_reads_the_aggregates(client):
    body = {"interval": interval_of(DAY), "groupBy": ["mediaType"], "metrics": ["nOffered", "tHandle"]}
    results = sdk.ConversationsApi(client).post_analytics_conversations_aggregates_query(body).results
    assert {"voice", "chat", "email", "message"} <= {result.group["mediaType"] for result in results}


def test_the_official_sdk_reads_the_directory(client):
    queues = sdk.RoutingApi(client).get_routing_queues(page_size=100).entities
    users = sdk.UsersApi(client).get_users(page_size=100, state="any").entities
    assert queues[0].media_settings.call.service_level.duration_ms == 20_000
    assert {user.state for user in users} == {"active", "inactive", "deleted"}


def test_an_error_is_one_that_the_official_sdk_understands(client):
    with pytest.raises(sdk.rest.ApiException) as refused:
        _query(sdk.ConversationsApi(client), 1_001)
    assert refused.value.status == 400
    assert "Pagination may not exceed 100000 results" in refused.value.body


def began_on_the_day(document: dict[str, Any]) -> bool:
    return document["conversationStart"].startswith(str(DAY))


def _query(api: Any, number: int) -> Any:
    paging = {"pageSize": 100, "pageNumber": number}
    return api.post_analytics_conversations_details_query({"interval": interval_of(DAY), "paging": paging})
