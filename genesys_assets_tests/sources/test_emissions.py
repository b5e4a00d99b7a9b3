"""The instants of a document's metrics and outcomes, whatever shape the document has."""

from datetime import UTC, datetime

import msgspec
import pytest

from genesys_assets.sources.emissions import emissions

AT = "2026-11-20T00:00:00.003Z"
MOMENT = datetime(2026, 11, 20, 0, 0, 0, 3000, tzinfo=UTC)


def found(*sessions: object) -> list[datetime]:
    return list(emissions(msgspec.json.encode({"participants": [{"sessions": list(sessions)}]})))


@pytest.mark.parametrize(
    ("session", "instants"),
    [
        ({"metrics": [{"name": "tFlow", "emitDate": AT}]}, [MOMENT]),
        ({"metrics": [{"emitDate": "2026-11-20T01:00:00.003+01:00"}, {"emitDate": AT}]}, [MOMENT, MOMENT]),
        ({"flow": {"outcomes": [{"flowOutcomeStartTimestamp": AT, "flowOutcomeEndTimestamp": "later"}]}}, [MOMENT]),
        ({"flow": {"outcomes": [{"flowOutcomeEndTimestamp": AT}]}}, [MOMENT]),
        ({"metrics": [{"emitDate": "2026-11-2T9:00:00.5z"}]}, [datetime(2026, 11, 2, 9, 0, 0, 500_000, tzinfo=UTC)]),
        (
            {"metrics": [{"emitDate": "2026-11-19T23:59:59.9999999Z"}]},
            [datetime(2026, 11, 19, 23, 59, 59, 999_999, tzinfo=UTC)],
        ),
        ({"metrics": [{"emitDate": ""}, {"emitDate": "soon"}, {"emitDate": 5}, {}, None, "x"]}, []),
        ({"metrics": [{"emitDate": "2026-11-20T00:00:00.003"}]}, []),
        ({"metrics": None, "flow": None}, []),
        ({"metrics": {}, "flow": {"outcomes": 5}}, []),
        (None, []),
    ],
)
def test_what_can_be_read_as_an_instant_is_one(session: object, instants: list[datetime]) -> None:
    assert found(session) == instants


@pytest.mark.parametrize("document", [b"{", b"[]", b"null", b'{"participants": 5}', b"[" * 100_000])
def test_a_document_of_another_shape_has_none(document: bytes) -> None:
    assert list(emissions(document)) == []


@pytest.mark.parametrize("value", ["1e999", '"\\ud83d"', "NaN"])
def test_a_value_elsewhere_that_some_reader_refuses_hides_no_instant(value: str) -> None:
    metrics = f'{{"x": {value}, "participants": [{{"sessions": [{{"metrics": [{{"emitDate": "{AT}"}}]}}]}}]}}'
    assert list(emissions(metrics.encode())) == [MOMENT]
