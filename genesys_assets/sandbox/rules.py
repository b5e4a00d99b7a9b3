"""What the sandbox believes of Genesys Cloud: the form of a rule, declared as `RULES` beside the code that it governs.

Belongs here: what is said of every rule, and nothing about any of them. docs/sandbox.md lists them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Certainty = Literal["official", "real payload", "production code", "guess"]
"""Where a rule is from: Genesys's SDK or pages; a record of a real organisation; other people's programs that read the
real API; or nowhere, so that the sandbox chose what is likely."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that the sandbox believes Genesys Cloud does.

    Attributes:
        statement: The rule, in one sentence.
        certainty: What kind of evidence there is.
        source: The evidence, such as "official Python SDK 269, ConversationQuery"; of a guess what speaks for it.
        test: The name of the test of the sandbox that fails when the sandbox no longer does so.
    """

    statement: str
    certainty: Certainty
    source: str
    test: str
