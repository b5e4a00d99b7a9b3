"""What the documents of a day hold that the tables do not know: names and counts, never a value of free text."""

import re
from collections import Counter
from dataclasses import dataclass, field

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


@dataclass
class Report:
    """What was found while the documents of one partition were decoded.

    Attributes:
        conversations: Documents decoded.
        unknown_fields: Fields without a column, by path: {'participants.sessions.newField': 3}. They are in raw only.
        unknown_values: Values outside a documented set, by path and value: {'participants.purpose=robot': 1}. Stored.
        unreadable_values: Values that do not fit their column's type (the column is null, they are in raw), and those
            in which U+FFFD stands for what could not be read, by path.
    """

    conversations: int = 0
    unknown_fields: Counter[str] = field(default_factory=Counter)
    unknown_values: Counter[str] = field(default_factory=Counter)
    unreadable_values: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Report") -> None:
        """Add what another batch of the same partition held."""
        self.conversations += other.conversations
        self.unknown_fields += other.unknown_fields
        self.unknown_values += other.unknown_values
        self.unreadable_values += other.unreadable_values


def shown(name: str) -> str:
    """Return a name as a report may show it; anything but a plain name is withheld, for it may be personal."""
    return name if _PLAIN.fullmatch(name) else "(withheld: no plain name)"
