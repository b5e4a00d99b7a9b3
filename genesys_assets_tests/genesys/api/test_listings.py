"""Listings of entities, all of their pages, however the pages tell of one another."""

from itertools import combinations, count, islice

import pytest

from genesys_assets.genesys import IncompleteError, entities
from genesys_assets.genesys.api.errors import InvalidPageError
from genesys_assets.sandbox import on, organisation
from genesys_assets_tests.genesys.support import Listing, Script, answer, run

PATH = "/api/v2/routing/queues"


def listed(*pages):
    """The ids that a listing of these pages comes to, and the requests it took."""
    script = Script(*[answer(200, page) for page in pages])
    found = run(script, lambda cloud: entities(cloud, Listing(PATH)))
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
    found = here.do(lambda cloud: entities(cloud, Listing(path)))
    assert {entity["id"]: entity["name"] for entity in found} == {entity.id: entity.name for entity in known}


def test_parameters_go_with_every_page(here):
    assert len(here.do(lambda cloud: entities(cloud, Listing("/api/v2/users", {"state": "any"})))) == len(
        organisation.USERS
    )


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


MANY = [f"q-{number:03}" for number in range(260)]
KEYS = ("nextUri", "pageCount", "total")


def clamped(names, told, largest=25):
    """A listing that gives smaller pages than were asked for, and tells of its pages what is asked for here."""

    def respond(request):
        number = int(request.url.params["pageNumber"])
        facts = {"nextUri": f"{PATH}?pageNumber={number + 1}", "pageCount": -(-len(names) // largest)}
        if number >= facts["pageCount"]:
            del facts["nextUri"]
        facts = {name: value for name, value in {**facts, "total": len(names)}.items() if name in told}
        return answer(200, page(*names[(number - 1) * largest : number * largest], **facts))

    return respond


@pytest.mark.parametrize("told", [told for size in range(4) for told in combinations(KEYS, size)], ids="-".join)
@pytest.mark.parametrize("names", [MANY, MANY[:250], MANY[:25], MANY[:1]], ids=len)
def test_a_listing_with_smaller_pages_than_were_asked_for_comes_whole_whatever_it_tells(names, told):
    found = run(Script(clamped(names, told)), lambda cloud: entities(cloud, Listing(PATH)))
    assert [entity["id"] for entity in found] == names


def test_a_number_of_pages_of_the_size_that_was_asked_for_is_not_the_end():
    def respond(request):
        first = 25 * (int(request.url.params["pageNumber"]) - 1)
        return answer(200, page(*MANY[first : first + 25], pageCount=1))

    assert [entity["id"] for entity in run(Script(respond), lambda cloud: entities(cloud, Listing(PATH)))] == MANY


@pytest.mark.parametrize("path", ["/api/v2/routing/queues", "/api/v2/routing/skills", "/api/v2/routing/languages"])
@pytest.mark.parametrize("untold", [(), ("nextUri", "pageCount"), ("nextUri", "total"), KEYS], ids="-".join)
def test_a_listing_of_the_sandbox_that_clamps_comes_whole(here, path, untold):
    whole = here.do(lambda cloud: entities(cloud, Listing(path)))
    here.sandbox.faults.add(on(path, clamp=2), on(path, leave_out=untold))
    assert here.do(lambda cloud: entities(cloud, Listing(path))) == whole


def test_an_empty_page_in_the_middle_is_not_the_end():
    found, _ = listed(page("a", total=2), page(total=2), page("b", total=2))
    assert found == ["a", "b"]


def test_a_total_that_falls_while_it_is_read_does_not_hide_what_is_missing():
    with pytest.raises(IncompleteError, match="announced 300 entities and gave 100"):
        listed(page(*MANY[:50], total=300), page(*MANY[50:100], total=100), page(total=100))


@pytest.mark.parametrize("total", ["2", 2.0, "2.0"])
def test_a_number_may_come_as_a_text(total):
    assert listed(page("a", total=total), page("b", total=total))[0] == ["a", "b"]


@pytest.mark.parametrize("told", [{"total": "many"}, {"total": -1}, {"pageCount": True}, {"pageCount": 1.5}])
def test_a_number_that_is_none_is_an_error(told):
    with pytest.raises(InvalidPageError, match="not as documented"):
        listed(page("a", **told))


@pytest.mark.parametrize("told", [{"total": 1e12}, {"pageCount": 1e12}])
@pytest.mark.parametrize("last", [(), ("a",)])
def test_a_listing_that_announces_far_more_than_it_has_is_an_error_before_long(told, last):
    script = Script(answer(200, page("a", **told)), answer(200, page(*last, **told)))
    with pytest.raises(IncompleteError):
        run(script, lambda cloud: entities(cloud, Listing(PATH)))
    assert len(script.requests) < 20


def test_a_listing_of_ever_new_entities_is_an_error():
    names = (f"q-{number}" for number in count())
    script = Script(lambda _request: answer(200, page(*islice(names, 100), total=150)))
    assert len(run(script, _queues)) == 200
    with pytest.raises(IncompleteError, match="does not end"):
        run(Script(lambda _request: answer(200, page(next(names), total=5, nextUri=PATH))), _queues)


def test_a_listing_that_gives_the_same_page_for_every_number_and_tells_nothing_is_an_error():
    with pytest.raises(IncompleteError, match="does not end"):
        listed(page("a", "b"))


async def _queues(cloud):
    return await entities(cloud, Listing(PATH))


@pytest.mark.parametrize(
    "link", ["evil.example/x", "@evil.example/x", ":80@evil.example/", ".evil.example", "?pageNumber=2", "http://[::1"]
)
def test_a_link_that_would_carry_the_token_to_another_host_is_refused(link):
    script = Script(answer(200, page("a", nextUri=link)))
    with pytest.raises(InvalidPageError, match="no path of the API"):
        run(script, _queues)
    assert len(script.requests) == 1


@pytest.mark.parametrize("link", [f"https://evil.example{PATH}?pageNumber=2", f"//evil.example{PATH}?pageNumber=2"])
def test_of_a_link_with_a_host_only_the_path_is_followed(link):
    found, requests = listed(page("a", nextUri=link), page("b"))
    assert found == ["a", "b"]
    assert {request.url.host for request in requests} == {"api.test"}


@pytest.mark.parametrize("body", [{"pageCount": 3}, {"total": 7}, {"total": None}])
def test_a_first_page_without_entities_is_not_taken_for_an_empty_listing(body):
    with pytest.raises(InvalidPageError, match="no listing"):
        listed(body)
