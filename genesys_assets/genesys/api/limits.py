"""How much is taken of what comes from outside: every limit of the client, each with its reason.

Belongs here: numbers, and how they are counted. Where one is kept to, its module imports it; docs/limits.md, made by
`reference`, lists them all.
How often a request is sent again stands in `retrying.RetryPolicy`; how a day is read, in `slices.ExtractionSettings`.
"""

from __future__ import annotations

MB = 1_000_000

RESPONSE_BYTES = 24 * MB
"""An answer, on the wire and decompressed. A page of 1,000 calls is 6 MB; a larger one is asked for in halves."""
SMALL_BYTES = MB
"""An error's body, and the login's answers: a few hundred bytes. What an error has beyond is not read."""

MOST_VALUES = 2_000_000
"""Values in JSON that is decoded whole: each takes some 100 bytes of memory, however few it has on the wire."""
MOST_ENTRIES = 20_000
"""Conversations, or entities, on a page; 1,000 are the most that are asked for."""
MOST_REPAIRED_BYTES = 8 * MB
"""A page that is no JSON as it stands: its repair takes many times its size. A larger one is asked for in halves."""
LONGEST_ID = 200
"""Characters of an id of a conversation, an entity or a job; Genesys Cloud's have 36."""
LONGEST_CURSOR = 8_000
"""Characters of a cursor or a link, which the next request has to carry."""
LONGEST_TOKEN = 8_000
"""Characters of an access token, of those that a header may have; Genesys Cloud's have 86."""
SHORTEST_TOKEN_SECONDS = 10.0
LONGEST_TOKEN_SECONDS = 172_800.0
"""A token that is said to last for less or longer is taken to last so long: two days are the most that can be set."""
MOST_MEMBERS = 100
"""Parts that are compressed one by one in a gzip body; servers send one."""
THREAD_BYTES = 4_000
"""Answers larger than this on the wire are decompressed and read in a thread: zlib releases the GIL."""

SPARE_PAGES = 10
"""Pages in a row that bring nothing new before the paging counts as one without an end."""
SPARE_ENTRIES = 1_000
"""Entries that may come beyond twice what was announced, and beyond the most that a listing or a slice can have."""
MOST_ENTITIES = 500_000
"""Entities of a listing, whatever it announces; large organisations have tens of thousands of users."""
MOST_LISTED_VALUES = 5_000_000
MOST_LISTED_BYTES = 256 * MB
"""A listing altogether, which is held in memory: 100,000 users of 30 values each are 3,000,000 and some 150 MB."""

RESPONSE_SECONDS = 300.0
"""From a request to the last byte of its answer: 24 MB come in this time over 1 Mbit/s. More counts as a timeout."""
REQUEST_SECONDS = 1_800.0
"""A request with all its repetitions and waits: then its next error is final, or it gives up its wait for its turn."""
LISTING_SECONDS = 3_600.0
"""A listing altogether, whatever the pages bring: 18,000 pages at 300 requests a minute."""
LONGEST_WINDOW_SECONDS = 900.0
"""A rate window that is said to last longer is none: an instant in the place of seconds, say. Windows last a minute."""


def most_values(text: bytes) -> int:
    """Return how many values JSON has at the most: one for each comma and bracket in it."""
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def is_overfull(text: bytes) -> bool:
    """Tell whether JSON may have more than `MOST_VALUES` values."""
    return len(text) > MOST_VALUES and most_values(text) > MOST_VALUES
