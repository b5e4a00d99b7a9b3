import runpy
from importlib.util import find_spec

import pytest

from genesys_assets.genesys import ConfigurationError, Hosts, hosts_of
from genesys_assets.genesys.api.regions import DOMAINS


def test_every_region_of_the_official_sdk_is_known():
    package = find_spec("PureCloudPlatformClientV2").submodule_search_locations[0]
    regions = runpy.run_path(f"{package}/purecloud_region_hosts.py")["PureCloudRegionHosts"]  # the whole SDK takes 8 s
    official = {region.name.replace("_", "-"): region.value.removeprefix("https://api.") for region in regions}
    assert official == DOMAINS


@pytest.mark.parametrize("region", ["eu-central-1", "eu_central_1", "EU-CENTRAL-1", " mypurecloud.de "])
def test_a_region_is_named_by_aws_or_by_domain(region):
    assert hosts_of(region) == Hosts("https://api.mypurecloud.de", "https://login.mypurecloud.de")


@pytest.mark.parametrize("region", DOMAINS)
def test_login_and_api_of_a_region_are_on_one_domain(region):
    hosts = hosts_of(region)
    assert hosts.api.removeprefix("https://api.") == hosts.login.removeprefix("https://login.") == DOMAINS[region]


def test_without_a_region_it_is_us_east_1():
    assert hosts_of(None).api == "https://api.mypurecloud.com"


def test_an_unknown_region_lists_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"'mars-1' is unknown.*eu-west-1 \(mypurecloud.ie\)"):
        hosts_of("mars-1")


def test_explicit_urls_go_before_the_region():
    assert hosts_of("nowhere", "http://127.0.0.1:8080/", "http://127.0.0.1:8081") == Hosts(
        "http://127.0.0.1:8080", "http://127.0.0.1:8081"
    )
    assert hosts_of("eu-west-1", "http://127.0.0.1:8080").login == "https://login.mypurecloud.ie"


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080",
        "ftp://host",
        "https://",
        "https://user:pass@host",
        "https://:pass@host",
        "https://h?x=1",
        "https://h?",
        "https://h#x",
        "http://[::1",
        "https://exa mple",
        "https://h:99999",
        "https://h:99x",
        "https://xn--a",
        "https://a\x00b",
        "https://\ud800",
        "https://%0d%0a",
    ],
)
def test_a_url_that_is_none_is_refused_without_showing_it(url):
    with pytest.raises(ConfigurationError, match="GENESYSCLOUD_API_URL is not usable") as refusal:
        hosts_of("eu-west-1", url)
    assert "pass" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["http://[::1]:8080", "https://köln.example", "https://proxy.example/genesys", "http://h_1"]
)
def test_a_url_of_another_kind_of_host_is_taken(url):
    assert hosts_of(None, url, url) == Hosts(url, url)
