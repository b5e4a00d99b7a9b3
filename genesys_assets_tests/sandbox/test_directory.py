import msgspec
import pytest

from genesys_assets.directory import LISTINGS, Listing
from genesys_assets.directory.listings import Listed
from genesys_assets.sandbox import directory
from genesys_assets.sandbox.exchange import Request
from genesys_assets.sandbox.organisation import QUEUES, USERS, WRAP_UPS
from genesys_assets_tests.directory.test_official_sdk import getters
from genesys_assets_tests.sandbox.support import DAY, Api, small_sandbox
from genesys_assets_tests.tables.record import snake

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


def test_a_larger_page_than_there_are_is_clamped_and_tells_its_size(api):
    page = api.get("/api/v2/users", params={"pageSize": 501}).json()
    assert page["pageSize"] == 500


def names(api: Api, path: str, **parameters: object) -> list[str]:
    return [each["name"] for each in api.get(path, params={"pageSize": 100} | parameters).json()["entities"]]


def test_a_listing_is_narrowed_by_its_parameters(api):
    queues, users = api.get("/api/v2/routing/queues").json()["entities"], api.get("/api/v2/users").json()["entities"]
    two = [each["id"] for each in queues[:2]]
    division = queues[0]["division"]["id"]
    in_it = [each["name"] for each in queues if each["division"]["id"] == division]
    assert names(api, "/api/v2/routing/queues", id=two) == names(api, "/api/v2/routing/queues", id=",".join(two))
    assert names(api, "/api/v2/routing/queues", id=two) == [each["name"] for each in queues[:2]]
    assert names(api, "/api/v2/routing/queues", divisionId=division) == in_it
    assert names(api, "/api/v2/users", id=users[3]["id"]) == [users[3]["name"]]
    assert names(api, "/api/v2/flows", type="inboundcall") == ["Main menu", "Balance and delivery enquiries"]
    assert names(api, "/api/v2/routing/skills", name="bill") == ["Billing"]
    assert names(api, "/api/v2/authorization/divisions", name="ta") == ["Retail"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sales", ["Sales"]),
        ("S*", ["Sales", "Service clients", "Social Care"]),
        ("*service", ["Customer Service", "Kundenservice", "Night Service"]),
        ("*desk*", ["Business Desk"]),
        ("Service", []),
    ],
)
def test_a_name_may_have_asterisks(api, asked, found):
    assert names(api, "/api/v2/routing/queues", name=asked) == found


@pytest.mark.parametrize("table", sorted(directory.PARAMETERS))
def test_a_listing_is_ordered_as_it_is_asked(api, table):
    path = LISTINGS[table].path
    if "sortOrder" in directory.PARAMETERS[table]:
        ascending = names(api, path, sortOrder="ASC")
        assert ascending == sorted(ascending, key=str.casefold) == names(api, path, sortOrder="descending")[::-1]
    else:
        assert names(api, path, sortOrder="descending") == names(api, path)


def test_an_order_that_a_listing_does_not_have_is_refused(api):
    assert api.get("/api/v2/users", params={"sortOrder": "random"}).json()["code"] == "invalid.value"


@pytest.mark.parametrize("table", sorted(directory.PARAMETERS))
def test_the_parameters_of_a_listing_are_those_of_the_official_sdk(table):
    found = list(getters(LISTINGS[table].path))
    assert found
    assert all({snake(name) for name in directory.PARAMETERS[table]} <= each.params for each in found)


@pytest.mark.parametrize("path", COUNTS)
@pytest.mark.parametrize(
    "parameters",
    [
        {"pageNumber": "0"}, {"pageNumber": "1" * 400}, {"pageSize": "1e3"}, {"pageSize": "-1"},
        {"pageSize": ["1", "x"]},
        {"id": ""}, {"id": ["", "x"]}, {"name": "*"}, {"name": "[("}, {"type": "\ud7ff"}, {"sortBy": "self"},
        {"state": "gone"},
        {"divisionId": "x"}, {"sortBy": "division", "sortOrder": "desc"}, {"expand": "images"}, {"pageSize": "\u0663"},
    ],
)  # fmt: skip
def test_whatever_a_listing_is_asked_it_answers_or_refuses_by_the_envelope(api, path, parameters):
    response = api.get(path, params=parameters)
    assert response.status_code in {200, 400}
    assert {"entities", "pageSize"} <= response.json().keys() or response.json()["status"] == 400


def test_a_division_within_an_entity_does_not_say_whether_it_is_home(api):
    for path in ("/api/v2/routing/queues", "/api/v2/users", "/api/v2/flows", "/api/v2/routing/wrapupcodes"):
        assert {*api.get(path).json()["entities"][0]["division"]} == {"id", "name", "selfUri"}
    assert sum(each["homeDivision"] for each in api.get("/api/v2/authorization/divisions").json()["entities"]) == 1


def test_the_home_division_can_be_asked_for(api):
    home = api.get("/api/v2/authorization/divisions/home").json()
    assert (home["name"], home["homeDivision"]) == ("Home", True)
