import msgspec
import pytest

from genesys_assets.directory import LISTINGS, Listing
from genesys_assets.directory.listings import Listed
from genesys_assets.sandbox import directory
from genesys_assets.sandbox.exchange import Request
from genesys_assets.sandbox.organisation import QUEUES, USERS, WRAP_UPS
from genesys_assets_tests.sandbox.support import DAY, Api, small_sandbox

COUNTS = {
    "/api/v2/routing/queues": 12,
    "/api/v2/users": 68,
    "/api/v2/routing/wrapupcodes": 30,
    "/api/v2/authorization/divisions": 4,
    "/api/v2/flows": 22,
    "/api/v2/routing/skills": 8,
    "/api/v2/routing/languages": 4,
}


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(small_sandbox())


@pytest.mark.parametrize("table", LISTINGS)
def test_every_listing_is_refused_to_whoever_lacks_its_permission(table):
    permissions = {listing.permission for listing in LISTINGS.values()} - {LISTINGS[table].permission}
    refused = Api(small_sandbox(permissions=permissions)).get(LISTINGS[table].path)
    assert refused.status_code == 403
    assert LISTINGS[table].permission in refused.json()["message"]


def test_a_listing_of_which_the_contact_centre_has_nothing_lists_names():
    endpoint = directory.listing_endpoint("directory.groups", Listing("/api/v2/groups", "directory:group:view", Listed))
    response = endpoint.handler(small_sandbox(), Request("GET", endpoint.path, {}, {}, {}, b"", "c-1"))
    listed = msgspec.json.decode(response.body)["entities"]
    assert [each["name"] for each in listed] == ["directory.groups 1", "directory.groups 2", "directory.groups 3"]
    assert len({each["id"] for each in listed}) == 3


@pytest.mark.parametrize(("path", "count"), COUNTS.items())
def test_a_listing_is_read_whole_page_by_page(api, path, count):
    found, number = [], 1
    while entities := api.get(path, params={"pageSize": 3, "pageNumber": number}).json()["entities"]:
        found += entities
        number += 1
    assert len({entity["id"] for entity in found}) == len(found) == count
    assert all(entity["name"] and entity["selfUri"] == f"{path}/{entity['id']}" for entity in found)


@pytest.mark.parametrize("path", ["/api/v2/routing/queues", "/api/v2/routing/skills"])
def test_a_listing_is_read_whole_by_its_next_uri(api, path):
    found, uri = [], f"{path}?pageSize=5"
    while uri is not None:
        page = api.get(uri).json()
        found += page["entities"]
        uri = page.get("nextUri")
    assert len(found) == COUNTS[path]


def test_listings_do_not_all_tell_the_same_of_their_pages(api):
    told = {
        path: {"total", "pageCount", "nextUri"} & api.get(path, params={"pageSize": 3}).json().keys() for path in COUNTS
    }
    assert told["/api/v2/routing/queues"] == {"total", "pageCount", "nextUri"}
    assert told["/api/v2/routing/skills"] == {"nextUri"}
    assert told["/api/v2/routing/languages"] == {"pageCount"}


def test_a_page_holds_25_unless_asked_otherwise(api):
    assert len(api.get("/api/v2/routing/wrapupcodes").json()["entities"]) == 25


def test_a_page_size_out_of_bounds_is_refused(api):
    assert [api.get("/api/v2/users", params={"pageSize": size}).status_code for size in (0, "x")] == [400] * 2


@pytest.mark.parametrize("state", ["active", "inactive", "deleted", "any"])
def test_users_are_listed_by_state(api, state):
    found = api.get("/api/v2/users", params={"state": state, "pageSize": 100}).json()["entities"]
    assert len(found) == sum(state in {"any", user.state} for user in USERS) > 0


def test_the_next_page_keeps_what_was_asked_for(api):
    assert "state=any" in api.get("/api/v2/users", params={"state": "any"}).json()["nextUri"]


def test_queues_carry_their_service_level_targets_by_media(api):
    [queue] = [each for each in api.get("/api/v2/routing/queues").json()["entities"] if each["name"] == "Sales"]
    assert queue["mediaSettings"]["call"]["serviceLevel"] == {"percentage": 0.8, "durationMs": 15_000}
    assert queue["mediaSettings"].keys() == {"call", "callback", "chat", "message"}


def test_what_conversations_name_is_in_the_directory_but_for_retired_codes(api):
    text = str(small_sandbox(conversations_per_day=400).conversations(DAY))
    assert all(queue.id in text for queue in QUEUES)
    assert sum(code.id in text for code in WRAP_UPS) > len(WRAP_UPS) / 2


@pytest.mark.parametrize(
    "path",
    ["/api/v2/organizations/me", "/api/v2/tokens/me", "/api/v2/authorization/subjects/me"],
)
def test_a_client_can_ask_who_it_is(api, path):
    assert api.get(path).status_code == 200


def test_the_grants_are_the_permissions_that_the_sandbox_gives():
    api = Api(small_sandbox(permissions={"analytics:conversationDetail:view"}))
    policies = api.get("/api/v2/authorization/subjects/me").json()["grants"][0]["role"]["policies"]
    assert policies == [{"domain": "analytics", "entityName": "conversationDetail", "actions": ["view"]}]


def test_the_reachable_divisions_are_all_of_them(api):
    assert len(api.get("/api/v2/authorization/divisionspermitted/me").json()) == 4


def test_a_larger_page_than_there_are_is_clamped_and_tells_its_size(api):
    page = api.get("/api/v2/users", params={"pageSize": 501}).json()
    assert page["pageSize"] == 500
