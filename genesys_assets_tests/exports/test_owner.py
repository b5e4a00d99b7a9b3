from pathlib import Path

import pytest

from genesys_assets.exports import LATEST_PATH, OWNER_PATH, ExportError, Owner, claim
from genesys_assets.exports.local_folder import LocalFolder

ACME, BETA = Owner("a", "Acme"), Owner("b", "Beta")


def test_a_place_is_of_the_first_who_exports(tmp_path: Path) -> None:
    destination = LocalFolder(tmp_path)
    claim(destination, ACME)
    claim(destination, ACME)
    with pytest.raises(ExportError, match=r'those of "Acme" \(a\), and these are of "Beta" \(b\)'):
        claim(destination, BETA)
    assert b"Acme" in (destination.read(OWNER_PATH) or b"")


def test_a_place_without_an_owner_is_of_the_organisation_of_its_latest_day(tmp_path: Path) -> None:
    destination = LocalFolder(tmp_path)
    destination.write(LATEST_PATH, b'{"organisation": "Acme"}')
    with pytest.raises(ExportError, match='is of "Acme"'):
        claim(destination, BETA)
    assert destination.read(OWNER_PATH) is None
    claim(destination, ACME)


def test_a_place_whose_latest_day_names_nobody_is_of_the_organisation_of_its_queues(tmp_path: Path) -> None:
    destination = LocalFolder(tmp_path)
    destination.write(LATEST_PATH, b'{"queues": [{"queue_id": "acmes"}]}')
    with pytest.raises(ExportError, match="of queues that the database does not know"):
        claim(destination, BETA, queue_ids=lambda: frozenset({"betas"}))
    assert destination.read(OWNER_PATH) is None
    claim(destination, ACME, queue_ids=lambda: frozenset({"acmes", "more"}))


def test_an_organisation_that_is_told_later_keeps_its_place(tmp_path: Path) -> None:
    destination = LocalFolder(tmp_path)
    claim(destination, Owner("oauth-client x", "OAuth client x"))
    claim(destination, ACME, also=frozenset({"oauth-client x"}))
    assert b"Acme" in (destination.read(OWNER_PATH) or b"")
