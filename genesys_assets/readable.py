"""What every reader can read of JSON that was sent: one answer for pages, scrubber, checkpoint, tables and SQL alike.

Belongs here: the repair of a text that is nearly JSON, and the value of one that some reader refuses. Readers try the
text as it is first, since nearly every one is sound; only what they refuse comes here. What this refuses is no JSON.

A repair replaces what cannot be read with `MARK` and leaves all else as it was sent: half an emoji (a text that was cut
off), bytes that are not UTF-8, an escape that there is not, a number that is none (`NaN`), what is nested too deeply. A
control character that stands in a text as it is becomes its escape, which is the same character.
"""

import json
import math
import re
from typing import Any

import msgspec

MARK = "\ufffd"
"""Stands for what could not be read: Unicode's replacement character, within a text or as one."""
DEEPEST = 500
"""What is nested deeper is left out by a repair; Python's readers take less than 1,000, polars' 1,024."""
LONGEST_WHOLE = 38
"""Digits of a whole number that every reader takes; a longer one is read as a float."""
BOM = "\ufeff".encode()

# Each of these passes over a text once, whatever stands in it: a string that never ends goes to the end.
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
    """Return the text with all that no JSON reader takes replaced; what is no JSON for other reasons stays none."""
    told = text.removeprefix(BOM).decode("utf-8", "replace")
    return _shallow(_DOUBTFUL.sub(_repaired, told)).encode()


def value_of(document: bytes) -> Any:
    """Return the value of a document, `MARK` in place of what cannot be read of it; of equal keys the first counts.

    Raises:
        ValueError: It is no JSON, whatever is left out; the text holds nothing of it.
    """
    text = document if _is_sound(document) else readable(document)
    try:
        return json.loads(text, parse_float=_real, parse_int=_whole, object_pairs_hook=_first_of_equals)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None


def _is_sound(document: bytes) -> bool:
    if document.count(b"[") + document.count(b"{") > DEEPEST:  # it may be nested too deeply
        return False
    try:
        document.decode()
        msgspec.json.decode(document, type=msgspec.Raw)  # json would take half an emoji, and NaN
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
    """Return the text without what is nested too deeply."""
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
