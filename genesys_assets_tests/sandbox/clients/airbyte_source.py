"""Run by the environment of Airbyte's source for Genesys Cloud: prints the ids of what it lists at a URL."""

import json
import sys

from airbyte_cdk.models import SyncMode
from source_genesys.source import SourceGenesys

LISTINGS = {"RoutingRoutingQueues": "queues", "UserUsers": "users"}

url = sys.argv[1]
config = {"tenant_endpoint": "EMEA (Frankfurt)", "client_id": "sandbox", "client_secret": "sandbox"}
found = {}
for stream in SourceGenesys().streams(config):
    if name := LISTINGS.get(type(stream).__name__):
        stream._api_base_url = url  # it knows the hosts of regions alone
        stream._session.auth._token_refresh_endpoint = f"{url}/oauth/token"
        stream.page_size = int(sys.argv[2])
        found[name] = [record["id"] for record in stream.read_records(SyncMode.full_refresh)]
print(json.dumps(found))
