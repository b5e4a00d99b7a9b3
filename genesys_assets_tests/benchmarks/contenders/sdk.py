"""The official SDK's loop: the same pages fetched into its objects, and nothing else.

python -m genesys_assets_tests.benchmarks.contenders.sdk URL CONVERSATIONS
"""

import sys
from urllib.parse import urlsplit

import PureCloudPlatformClientV2 as sdk  # noqa: N813 - the package is named like a class
from PureCloudPlatformClientV2.gateway_configuration import GatewayConfiguration

from genesys_assets_tests.benchmarks.day import JOB_SLICES, intervals
from genesys_assets_tests.benchmarks.stopwatch import Stopwatch


def read(api: sdk.ConversationsApi, interval: str) -> set[str]:
    """Return the ids of an interval's conversations."""
    query = sdk.AsyncConversationQuery()
    query.interval = interval
    job = api.post_analytics_conversations_details_jobs(query).job_id
    found: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = api.get_analytics_conversations_details_job_results(job, page_size=1000, **cursor)
        found.update(each.conversation_id for each in page.conversations)
        if not page.cursor:
            return found
        cursor = {"cursor": page.cursor}


def main(url: str, conversations: int) -> None:
    """Read the day."""
    host = urlsplit(url)
    sdk.configuration.gateway_configuration = GatewayConfiguration(
        host=str(host.hostname), protocol=host.scheme, port=int(host.port or 0)
    )
    with Stopwatch(conversations) as watch:
        client = sdk.api_client.ApiClient().get_client_credentials_token("sandbox", "sandbox")
        api = sdk.ConversationsApi(client)
        watch.facts["found"] = len(set().union(*(read(api, interval) for interval in intervals(JOB_SLICES))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
