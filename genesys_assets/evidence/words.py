"""Which words of a tenant's records may stand in the evidence, which its owner sends to others.

What belongs here: names of fields, metrics and values of documented sets. Every other text is withheld.
"""

from __future__ import annotations

import re

from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets.tables.values import METRICS

NONE = "none"
WITHHELD = "(withheld)"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z_-]{1,39}[0-9]{0,2}")
"""What Genesys Cloud's new words look like, and no id, number or address."""
_KNOWN = frozenset(METRICS).union(
    *((column.metadata or {}).get("values", ()) for node in CONVERSATION.walk() for column in node.fields.values())
)


def word(text: str | None) -> str:
    """Return a value of a documented set, or a new one that looks like one; withhold anything else.

    Example:
        >>> word("voice"), word("tNew"), word("6d1f3b60-0000-4000-8000-000000000000"), word("tel:+4930123"), word(None)
        ('voice', 'tNew', '(withheld)', '(withheld)', 'none')
    """
    if text is None:
        return NONE
    return text if text in _KNOWN or _PLAIN.fullmatch(text) else WITHHELD


def path(text: str) -> str:
    """Return the path of a field, and its value if there is one, of which each part is a word.

    Example:
        >>> path("participants.sessions.newField"), path("participants.purpose=Jo Smith")
        ('participants.sessions.newField', 'participants.purpose=(withheld)')
    """
    where, equals, value = text.partition("=")
    return ".".join(map(word, where.split("."))) + (f"={word(value)}" if equals else "")
