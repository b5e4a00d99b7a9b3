"""Values as JSON text that some reader refuses, by what is wrong with them; tests put them into a document's places."""

NASTY = {
    "half an emoji at its end": r'"hi\ud83d"',
    "the other half of one": r'"\udc00 hi"',
    "halves in reverse": r'"\udc00\ud83d"',
    "a half before a whole": r'"\ud83d\ud83d\ude00"',
    "an escape that there is not": r'"\x41\u12g4"',
    "bytes that are not UTF-8": b'"caf\xe9 \xed\xa0\xbd"',
    "control characters as they are": b'"a\x01b\tc\nd"',
    "an escaped zero": r'"a\u0000b"',
    "a float beyond all floats": "1e999",
    "the same below zero": "-1e999",
    "no number": "NaN",
    "infinity": "-Infinity",
    "a leading zero": "007",
    "a number of 300 digits": "9" * 300,
    "a number of 5,000 digits": "9" * 5_000,
    "a fraction of 5,000 digits": "0." + "3" * 5_000,
    "a number beyond 64 bits": "99999999999999999999",
    "lists nested 2,000 deep": "[" * 2_000 + "]" * 2_000,
    "objects nested 2,000 deep": '{"a":' * 2_000 + "1" + "}" * 2_000,
    "lists nested 700 deep": "[" * 700 + "]" * 700,
    "a text of a million characters": '"' + "x" * 1_000_000 + '"',
    "equal keys": '{"a":1,"a":2}',
}


def text_of(value: str | bytes) -> bytes:
    """The value as it stands in a body."""
    return value if isinstance(value, bytes) else value.encode()
