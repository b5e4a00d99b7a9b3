"""What a client can ask about itself."""

import pytest

from genesys_assets_tests.sandbox.support import Api, small_sandbox

PERMITTED = "/api/v2/authorization/divisionspermitted"
DETAIL = {"permission": "analytics:conversationDetail:view"}


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(small_sandbox())


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


def test_a_client_is_no_user(api):
    refused = api.get("/api/v2/users/me")
    assert (refused.status_code, refused.json()["code"]) == (400, "not.a.user")


def test_the_permitted_divisions_are_those_of_a_permission(api):
    assert len(api.get(f"{PERMITTED}/me", params=DETAIL).json()) == 4
    page = api.get(f"{PERMITTED}/paged/me", params=DETAIL | {"pageSize": 3}).json()
    assert (len(page["entities"]), page["total"], page["allDivsPermitted"]) == (3, 4, True)
    assert "permission=analytics" in page["nextUri"]


@pytest.mark.parametrize("path", ["me", "paged/me"])
def test_the_permitted_divisions_are_not_told_without_a_permission(api, path):
    assert api.get(f"{PERMITTED}/{path}").status_code == 400


def test_no_division_is_permitted_by_a_permission_that_is_not_granted():
    api = Api(small_sandbox(permissions={"routing:queue:view"}))
    assert api.get(f"{PERMITTED}/me", params=DETAIL).json() == []
    assert api.get(f"{PERMITTED}/paged/me", params=DETAIL).json()["allDivsPermitted"] is False
