"""Listings of entities, all of their pages, however the pages tell of one another."""

import pytest

from genesys_assets.genesys import IncompleteError, entities
from genesys_assets.genesys.errors import InvalidPageError
from genesys_assets.sandbox import organisation
from genesys_assets_tests.genesys.support import Script, answer, run

PATH = "/api/v2/routing/queues"


def listed(*pages):
    """The ids that a listing of these pages comes to, and the requests it took."""
    script = Script(*[answer(200, page) for page in pages])
    found = run(script, lambda cloud: entities(cloud, PATH))
    return [entity["id"] for entity in found], script.requests


def page(*names, **told):
    return {"entities": [{"id": name} for name in names], **told}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/api/v2/routing/queues", organisation.QUEUES),
        ("/api/v2/routing/wrapupcodes", organisation.WRAP_UPS),
        ("/api/v2/routing/skills", organisation.SKILLS),
        ("/api/v2/routing/languages", organisation.LANGUAGES),
        ("/api/v2/flows", organisation.FLOWS),
    ],
)
def test_every_listing_of_the_sandbox_comes_whole(here, path, known):
    found = here.do(lambda cloud: entities(cloud, path))
    assert {entity["id"]: entity["name"] for entity in found} == {entity.id: entity.name for entity in known}


def test_parameters_go_with_every_page(here):
    assert len(here.do(lambda cloud: entities(cloud, "/api/v2/users", {"state": "any"}))) == len(organisation.USERS)


def test_next_uri_is_followed():
    following = f"{PATH}?pageSize=2&pageNumber=2&name=a%26b"
    found, requests = listed(page("a", "b", nextUri=following, total=3), page("c", total=3))
    assert found == ["a", "b", "c"]
    assert requests[1].url.params["name"] == "a&b"


def test_pages_are_numbered_up_to_the_page_count():
    found, requests = listed(page("a", pageCount=2), page("b", pageCount=2))
    assert found == ["a", "b"]
    assert requests[1].url.params["pageNumber"] == "2"


def test_a_listing_without_entities_is_empty():
    assert listed({"total": 0, "pageCount": 0})[0] == []


def test_an_entity_that_comes_twice_counts_once():
    assert listed(page("a", "b", pageCount=2), page("b", "c", pageCount=2))[0] == ["a", "b", "c"]


def test_fewer_entities_than_announced_are_an_error():
    with pytest.raises(IncompleteError, match="announced 3 entities and gave 1"):
        listed(page("a", total=3))


def test_a_listing_that_never_ends_is_an_error():
    with pytest.raises(IncompleteError, match="does not end"):
        listed(page("a", total=1, nextUri=f"{PATH}?pageNumber=1"))


@pytest.mark.parametrize(
    "body",
    [[], {}, {"message": "no"}, {"entities": ["a"]}, {"entities": [{"name": "no id"}]}, {"entities": {}}, "text"],
)
def test_a_page_that_is_no_listing_is_an_error(body):
    with pytest.raises(InvalidPageError):
        listed(body)
