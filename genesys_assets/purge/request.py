"""What the job `purge` can be asked for: records by their own ids, or all records of a person.

Belongs here: by which columns and fields the records of each source are found, and a request for some of them. Both
follow from what `genesys_assets.sources` declares, so that no source is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genesys_assets.errors import ProjectError
from genesys_assets.sources import SOURCES, columns_of
from genesys_assets.tables.columns import column_name


class PurgeError(ProjectError):
    """Nothing can be removed, or not as it was asked for."""


@dataclass(frozen=True)
class Kind:
    """The records of one source, as a purge finds them.

    Attributes:
        plural: What several are called.
        key: The column with a record's id, which every table that holds something of a record has, and no other.
        person_path: The fields that lead to the id of the person whose record it is; of lists, each element counts.
    """

    plural: str
    key: str
    person_path: Sequence[str]

    @property
    def name(self) -> str:
        """Return what the record of purges says when a record was asked for: 'conversation'."""
        return self.key.removesuffix("_id")

    @property
    def person_column(self) -> str:
        """Return the column that holds the person's id, in a table that has the key too."""
        return column_name(self.person_path[-1])

    @property
    def person(self) -> str:
        """Return what the record of purges says when a person was asked for: 'external_contact'."""
        return self.person_column.removesuffix("_id")

    def persons_in(self, document: Any) -> set[str]:
        """Return the ids of the persons whom a record names."""
        return {each for each in _values(document, self.person_path) if isinstance(each, str)}


KINDS = tuple(
    Kind(source.plural, columns_of(source)["key"], source.person_path.split(".")) for source in SOURCES.values()
)
"""What can be purged: the records of every source."""


def key_among(columns: Iterable[str]) -> str | None:
    """Return that of a table's columns by which its rows are purged; None of a table that holds no single record."""
    present = set(columns)
    return next((kind.key for kind in KINDS if kind.key in present), None)


@dataclass(frozen=True)
class Request:
    """What is to be purged.

    Attributes:
        ids: The ids of each kind of record or person that are asked for, by its name.
        kinds: The kinds of records that there are.
    """

    ids: Mapping[str, frozenset[str]]
    kinds: Sequence[Kind] = KINDS

    @classmethod
    def of(cls, *, kinds: Sequence[Kind] = KINDS, **ids: Iterable[str]) -> Request:
        """Return the request for these ids, without white space around them.

        Args:
            kinds: The kinds of records that there are.
            ids: By what they are the ids of: `conversation_ids`, `external_contact_ids`.

        Raises:
            PurgeError: There is no id, or one is empty.
        """
        names = [name for kind in kinds for name in (kind.name, kind.person)]
        request = cls({name: frozenset(each.strip() for each in ids.get(f"{name}_ids", ())) for name in names}, kinds)
        if not request.every:
            raise PurgeError(f"There is nothing to purge: give some of {', '.join(f'{name}_ids' for name in names)}.")
        if "" in request.every:
            raise PurgeError("One of the ids to purge is empty: take it out, or write the id.")
        return request

    @property
    def every(self) -> frozenset[str]:
        """Return all ids that are asked for."""
        return frozenset[str]().union(*self.ids.values())

    def asked_with(self, requested_id: str) -> tuple[Kind, str]:
        """Return the kind of record for which an id is asked, and as what: a record's name or a person's."""
        names = [(kind, name) for kind in self.kinds for name in (kind.person, kind.name)]
        return next((kind, name) for kind, name in names if requested_id in self.ids[name])


def _values(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield value
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield from _values(each.get(path[0]), path[1:])
