"""Run by the environment of the Singer tap for Genesys Cloud: its messages about a day of conversations, by query."""

import collections
import collections.abc
import datetime
import sys
import types

# The tap is of 2019: what today's Python does not have any more, and a websocket that conversations do not need.
collections.Callable = collections.abc.Callable
sys.modules["websockets"] = types.ModuleType("websockets")

import tap_purecloud as tap  # noqa: E402

url, day = sys.argv[1], datetime.date.fromisoformat(sys.argv[2])


class OfThatDay(datetime.date):
    @classmethod
    def today(cls):
        return day


tap.BASE_PURECLOUD_AUTH_HOST = url
sdk = tap.PureCloudPlatformApiSdk.configuration
sdk.access_token = tap.get_access_token({"client_id": "sandbox", "client_secret": "sandbox", "domain": "sandbox"})
sdk.host = url
tap.datetime.date = OfThatDay
tap.sync_users({})
tap.sync_conversations({"start_date": day})
