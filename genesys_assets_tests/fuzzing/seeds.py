"""What fuzzing begins with: sound input, and input that once was read wrongly, or nearly.

What belongs here: the seeds, and texts that are a little off one. What fuzzing finds is added to these, so that every
run of the suite tries it again.
"""

from __future__ import annotations

import json

from hypothesis import strategies as st

from genesys_assets_tests.nasty import NASTY, text_of

CONVERSATION = {
    "conversationId": "0b8a4e2c-8b0f-4b57-9d7a-111111111111",
    "conversationStart": "2026-11-20T10:00:00.000Z",
    "conversationEnd": "2026-11-20T10:05:00.5Z",
    "divisionIds": ["0b8a4e2c-8b0f-4b57-9d7a-222222222222"],
    "participants": [
        {
            "participantId": "p",
            "purpose": "customer",
            "attributes": {"language": "de"},
            "sessions": [
                {
                    "sessionId": "s",
                    "mediaType": "voice",
                    "ani": "tel:+493012345678",
                    "segments": [{"segmentStart": "2026-11-20T10:00:00Z", "segmentType": "ivr", "conference": False}],
                    "metrics": [{"name": "tIvr", "value": 5000, "emitDate": "2026-11-20T10:00:05Z"}],
                    "mediaStatsMinConversationMos": 4.5,
                }
            ],
        }
    ],
}
DOCUMENT = json.dumps(CONVERSATION).encode()
PAGE = b'{"conversations":[' + DOCUMENT + b'],"totalHits":1,"cursor":"abc"}'
PAGES = [
    PAGE,
    b'{"conversations":[' + DOCUMENT + b"," + DOCUMENT.replace(b"1111", b"\\u0031222") + b'],"nextPageCursor":"a+/="}',
    b'\xef\xbb\xbf{"conversations":[],"totalHits":0,"dataAvailabilityDate":"2026-11-20T00:00:00Z"}',
    b"{}",
    *(PAGE.replace(b'"de"', text_of(value)) for name, value in NASTY.items() if len(value) < 20_000),
    *(PAGE.replace(b"5000", text_of(value)) for name, value in NASTY.items() if len(value) < 20_000),
]
HEADERS = ["42", "1.5", "Mon, 23 Nov 2026 12:00:30 GMT", "Mon, 23 Nov 2026 12:00:30 -0000", "-1", "nan", "1e400", "٣"]
LINKS = ["/api/v2/users?pageNumber=2", "https://[::1/api", "//host/api/v2", "/api/v2/users?a=b&&c=%ff#x", ""]
INSTANTS = ["2026-11-20T10:00:00.000Z", "2021-04-2T1:2:3Z", "2016-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00"]
NAMES = [
    "raw.calls",
    'a"b',
    "a'b",
    "drop table x; --",
    "\\",
    "$$",
    "é\u0301",
    "\N{RIGHT-TO-LEFT OVERRIDE}x",
    "E'\\x41'",
]
_TOKENS = [
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"\xed\xa0\x80",
    b"\\ud83d",
    b"1e999",
    b"NaN",
    b"\x00",
]


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with a few cuts, insertions and repetitions."""
    text = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        into = draw(st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=4), st.just(text[start:end] * 2)))
        text = text[:start] + into + text[end:]
    return text


def mutated_text(seeds: list[str]) -> st.SearchStrategy[str]:
    """A text of any kind, or a seed with a few changes, as far as it is UTF-8."""
    return st.text() | mutated([seed.encode() for seed in seeds]).map(lambda text: text.decode("utf-8", "replace"))
