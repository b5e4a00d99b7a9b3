"""The hosts of Genesys Cloud: API and login of each region. Others, such as a sandbox's, are given as URLs."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from genesys_assets.genesys.api.errors import ConfigurationError
from genesys_assets.variables import variable_of

DEFAULT_REGION = "us-east-1"

DOMAINS = {
    "us-east-1": "mypurecloud.com",
    "us-east-2": "use2.us-gov-pure.cloud",
    "us-west-2": "usw2.pure.cloud",
    "ca-central-1": "cac1.pure.cloud",
    "sa-east-1": "sae1.pure.cloud",
    "mx-central-1": "mxc1.pure.cloud",
    "eu-west-1": "mypurecloud.ie",
    "eu-west-2": "euw2.pure.cloud",
    "eu-central-1": "mypurecloud.de",
    "eu-central-2": "euc2.pure.cloud",
    "eusc-de-east-1": "edee1.eusc-pure.cloud",
    "me-central-1": "mec1.pure.cloud",
    "ap-south-1": "aps1.pure.cloud",
    "ap-southeast-1": "apse1.pure.cloud",
    "ap-southeast-2": "mypurecloud.com.au",
    "ap-northeast-1": "mypurecloud.jp",
    "ap-northeast-2": "apne2.pure.cloud",
    "ap-northeast-3": "apne3.pure.cloud",
}
"""Domain of each AWS region (PureCloudRegionHosts of the official SDK, v269)."""


MOST_PORT = 65_535
_HOST = re.compile(r"[\w.:-]+")
"""Host names, and IP addresses of either kind."""
API_URL, LOGIN_URL = variable_of("api_url"), variable_of("login_url")


@dataclass(frozen=True, slots=True)
class Hosts:
    """The two base URLs of an organisation's region, without a trailing slash."""

    api: str
    login: str


def hosts_of(region: str | None, api_url: str | None = None, login_url: str | None = None) -> Hosts:
    """Return the hosts of a region; a URL that is given takes precedence over the region's.

    Args:
        region: An AWS region (`us-east-1` or `us_east_1`) or a domain (`mypurecloud.com`); None: us-east-1.
        api_url: Base URL of the API.
        login_url: Base URL of the login.

    Raises:
        ConfigurationError: The region is unknown, or a URL is not usable. The error lists the known regions.
    """
    if api_url and login_url:
        return Hosts(_base(api_url, API_URL), _base(login_url, LOGIN_URL))
    domain = _domain(region or DEFAULT_REGION)
    return Hosts(
        api=_base(api_url, API_URL) if api_url else f"https://api.{domain}",
        login=_base(login_url, LOGIN_URL) if login_url else f"https://login.{domain}",
    )


def _domain(region: str) -> str:
    name = region.strip().lower()
    if name in DOMAINS.values():
        return name
    try:
        return DOMAINS[name.replace("_", "-")]
    except KeyError:
        known = ", ".join(f"{aws} ({domain})" for aws, domain in DOMAINS.items())
        raise ConfigurationError(
            f"The Genesys Cloud region {region!r} is unknown. Known are {known}; for another one set "
            f"{API_URL} and {LOGIN_URL}."
        ) from None


def _base(url: str, setting: str) -> str:
    if not _is_base(url.strip()):
        raise ConfigurationError(
            f"{setting} is not usable: write it like https://api.mypurecloud.com, without user or query."
        )
    return url.strip().rstrip("/")


def _is_base(url: str) -> bool:
    try:
        parts = httpx.URL(url)
        is_host = bool(_HOST.fullmatch(parts.host)) and (parts.port or 1) <= MOST_PORT
    except (httpx.InvalidURL, ValueError):  # ValueError: an invalid internationalised name
        return False
    return is_host and parts.scheme in {"http", "https"} and not (parts.userinfo or "?" in url or "#" in url)
