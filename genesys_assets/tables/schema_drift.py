"""Where a day's documents differ from the tables' schemas: names and counts, never a value of free text."""

import re
from collections import Counter
from dataclasses import dataclass, field

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


@dataclass
class SchemaDrift:
    """How the documents of one partition differ from the schemas.

    Attributes:
        documents: How many were decoded.
        unknown_fields: Fields without a column, by path: {'participants.sessions.newField': 3}. They are in raw only.
        unknown_values: Values outside a documented set, by path and value: {'participants.purpose=robot': 1}. They are
            stored.
        unreadable_values: By path, values that do not fit their column's type (the column is null, the value is in
            raw), and values in which U+FFFD stands for what could not be read.
    """

    documents: int = 0
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unknown_values: Counter[str] = field(default_factory=Counter)
    unreadable_values: Counter[str] = field(default_factory=Counter)

    def add(self, other: "SchemaDrift") -> None:
        """Add the drift of another batch of the same partition."""
        self.documents += other.documents
        self.unknown_fields += other.unknown_fields
        self.unknown_values += other.unknown_values
        self.unreadable_values += other.unreadable_values


def shown(name: str) -> str:
    """Return a name as metadata may show it. Anything but a plain name is withheld, because it may be personal."""
    return name if _PLAIN.fullmatch(name) else "(withheld: no plain name)"
