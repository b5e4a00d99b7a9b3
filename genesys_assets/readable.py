"""The repair of malformed JSON, so that pages, scrubber, checkpoint, tables and SQL all read the same from it.

Belongs here: repairing a text that is nearly JSON, and the value of one that some reader refuses. Readers first try the
text as it is, since nearly all are valid, and only use this for texts that they refuse.

A repair replaces with `MARK` what no reader accepts, and leaves everything else as it was sent: half an emoji (of a
text that was cut off), bytes that are not UTF-8, invalid escapes, invalid numbers (`NaN`), values that are nested too
deeply. A raw control character in a string is replaced by its escape, which stands for the same character.
"""

import json
import math
import re
from typing import Any

import msgspec

MARK = "\ufffd"
"""What replaces the unreadable: Unicode's replacement character, within a string or as a string."""
DEEPEST = 500
"""A repair replaces what is nested deeper. Python's readers accept less than 1,000 levels, polars 1,024."""
LONGEST_WHOLE = 38
"""The digits of an integer that every reader accepts; a longer one is read as a float."""
BOM = "\ufeff".encode()

# Each of these passes over a text once, whatever it holds. A string that never ends extends to the end of the text.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?(?=[\s,\]}])"
_SOUND = rf'(?:"[^"\\\x00-\x1f]*+"|[^"NI0-9+.-]++|{_NUMBER})*+'
_DOUBTFUL = re.compile(rf"({_SOUND})({_STRING}|[-+]?(?:NaN|Infinity|\.?[0-9][-+.\w]*+))?", re.ASCII | re.DOTALL)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|\\[\"\\/bfnrt]"
    r"|(?P<none>\\u[0-9a-fA-F]{4}|\\.)",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_NESTING = re.compile(rf'(?:{_STRING}|[^"\[\]{{}}]++)*+([\[\]{{}}])?', re.DOTALL)


def readable(text: bytes) -> bytes:
    """Return the text with `MARK` for what no reader accepts; other violations of JSON stay as they are."""
    told = text.removeprefix(BOM).decode("utf-8", "replace")
    return _shallow(_DOUBTFUL.sub(_repaired, told)).encode()


def value_of(document: bytes) -> Any:
    """Return the value of a document, with `MARK` for what cannot be read of it; of equal keys the first counts.

    Raises:
        ValueError: It is not JSON even after repair; the error's text quotes nothing of it.
    """
    text = document if _is_sound(document) else readable(document)
    try:
        return json.loads(text, parse_float=_real, parse_int=_whole, object_pairs_hook=_first_of_equals)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None


def _is_sound(document: bytes) -> bool:
    if document.count(b"[") + document.count(b"{") > DEEPEST:  # it may be nested too deeply for a reader
        return False
    try:
        document.decode()
        msgspec.json.decode(document, type=msgspec.Raw)  # json would accept half an emoji, and NaN
    except (ValueError, RecursionError):
        return False
    return True


def _first_of_equals(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    return told if len(told) == len(pairs) else {**told, **dict(reversed(pairs))}


def _repaired(found: re.Match[str]) -> str:
    sound, doubtful = found.groups()
    if not doubtful or doubtful[0] != '"':
        return f'{sound}"{MARK}"' if doubtful else sound
    text = _ESCAPE.sub(lambda escape: MARK if escape["none"] else escape[0], doubtful)
    return sound + _CONTROL.sub(lambda control: f"\\u{ord(control[0]):04x}", text)


def _shallow(text: str) -> str:
    """Return the text with `MARK` for what is nested too deeply."""
    kept, depth, done, cut_at = [], 0, 0, 0
    for found in _NESTING.finditer(text):
        if found[1] is None:
            continue
        if found[1] in "[{":
            depth += 1
            cut_at = found.start(1) if depth == DEEPEST + 1 else cut_at
        else:
            depth -= 1
            if depth == DEEPEST:
                kept += [text[done:cut_at], f'"{MARK}"']
                done = found.end()
    return "".join([*kept, text[done:]])


def _real(digits: str) -> Any:
    number = float(digits)
    return number if math.isfinite(number) else MARK


def _whole(digits: str) -> Any:
    return int(digits) if len(digits) <= LONGEST_WHOLE else _real(digits)
