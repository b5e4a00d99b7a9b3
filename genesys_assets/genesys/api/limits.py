"""How much is accepted from outside: every limit of the client, each with its reason.

Belongs here: numbers, and how they are counted. The modules that enforce them import them; `reference` lists them all
in docs/limits.md. How often a request is sent again stands in `retrying.RetryPolicy`, how a day is read in
`slices.ExtractionSettings`.
"""

from __future__ import annotations

MB = 1_000_000

RESPONSE_BYTES = 24 * MB
"""A response, compressed and decompressed. A page of 1,000 calls has 6 MB; a larger page is requested in halves."""
SMALL_BYTES = MB
"""An error's body, and the responses of the login: they have a few hundred bytes. The rest of an error is not read."""

MOST_VALUES = 2_000_000
"""Values in JSON that is decoded as a whole: each takes some 100 bytes of memory, however short its text."""
MOST_ENTRIES = 20_000
"""Conversations or entities on a page; at most 1,000 are requested."""
MOST_REPAIRED_BYTES = 8 * MB
"""A page that has to be repaired to be JSON, which takes many times its size. A larger one is requested in halves."""
LONGEST_ID = 200
"""Characters of an id of a conversation, an entity or a job; Genesys Cloud's have 36."""
LONGEST_CURSOR = 8_000
"""Characters of a cursor or a link, which the next request has to carry."""
LONGEST_TOKEN = 8_000
"""Characters of an access token, all of them allowed in a header; Genesys Cloud's have 86."""
SHORTEST_TOKEN_SECONDS = 10.0
LONGEST_TOKEN_SECONDS = 172_800.0
"""A token's life is taken to lie between these, whatever the login says; Genesys Cloud allows at most two days."""
MOST_MEMBERS = 100
"""Parts that are compressed one by one in a gzip body; servers send one."""
THREAD_BYTES = 4_000
"""Compressed responses larger than this are decompressed and parsed in a thread, as zlib releases the GIL."""

SPARE_PAGES = 10
"""Pages in a row that bring nothing new, after which the paging counts as endless."""
SPARE_ENTRIES = 1_000
"""Entries that may come beyond twice the announced total, and beyond the most that a listing or a slice can have."""
MOST_ENTITIES = 500_000
"""Entities of a listing, whatever total it announces; large organisations have tens of thousands of users."""
MOST_LISTED_VALUES = 5_000_000
MOST_LISTED_BYTES = 256 * MB
"""All pages of a listing, which are held in memory: 100,000 users have 3,000,000 values and some 150 MB."""

RESPONSE_SECONDS = 300.0
"""From a request to the last byte of its response: enough for 24 MB at 1 Mbit/s. After that it counts as timed out."""
REQUEST_SECONDS = 1_800.0
"""A request with all its attempts and waits: after this its next error is final, and it waits no longer to be sent."""
LISTING_SECONDS = 3_600.0
"""All pages of a listing, whatever they bring: 18,000 pages at 300 requests a minute."""
LONGEST_WINDOW_SECONDS = 900.0
"""A rate window that is said to last longer is ignored: the header may hold an instant. Windows last a minute."""


def most_values(text: bytes) -> int:
    """Return how many values JSON has at the most: one for each comma and bracket in it."""
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def is_overfull(text: bytes) -> bool:
    """Tell whether JSON may have more than `MOST_VALUES` values."""
    return len(text) > MOST_VALUES and most_values(text) > MOST_VALUES
