"""Texts from outside (names of queues and agents, what a server says), cleaned for where they are shown.

What belongs here: which characters a picture, a page, a chat, a terminal or a log cannot show, and what replaces them;
and how a table is written in Markdown. HTML is escaped by the page's template. Imports of the project only `secrecy`,
so that every package can import it.
"""

import re
from collections.abc import Iterable, Sequence

from genesys_assets.secrecy import without_own

LONGEST_NAME = 120
LONGEST_SENTENCE = 300

_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
"""Line breaks, tabs, and spaces of unusual width."""
_UNSEEN = re.compile("[\xad\u200b\u2060\ufeff]")
"""Soft hyphens, and zero-width characters; but U+200C and U+200D stay, since emoji and Persian words need them."""
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"
)
"""Control characters, unpaired surrogates, what XML 1.0 forbids, and what changes the direction of text."""
_OTHER_PLANES = re.compile(
    f"[{''.join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))}]"
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def line(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Return the text as one line that can be drawn, printed and logged anywhere, of at most `longest` characters.

    A line break, tab or space of any width becomes a space, any other unsafe character U+FFFD. A longer text ends in an
    ellipsis.

    Example:
        >>> line("Billing\x0bNorth\x1b[31m")
        'Billing North�[31m'
    """
    fit = _UNFIT.sub(_REPLACEMENT, _BREAKS.sub(" ", _UNSEEN.sub("", without_own(text))))
    fit = _OTHER_PLANES.sub(_REPLACEMENT, fit)
    return fit if len(fit) <= longest else f"{fit[: longest - 1]}…"


def for_chat(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """Return the text as a line of a message to Slack and similar chats, without links and mentions.

    Example:
        >>> for_chat("<!channel> R&D, @here")
        '&lt;!channel&gt; R&amp;D, @ here'
    """
    escaped = line(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=here|channel|everyone|all\b)", "@ ", escaped)


def for_table(text: str) -> str:
    r"""Return the text as a cell of a table whose columns are separated by bars, as in Markdown.

    Example:
        >>> for_table("Sales | North")
        'Sales \\| North'
    """
    return line(text).replace("\\", "\\\\").replace("|", "\\|")


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table in Markdown, a line for each row; the cells are Markdown already, see `for_table`.

    Example:
        >>> markdown_table(["place", "holds"], [["`raw`", "documents"]])
        '| place | holds |\n| --- | --- |\n| `raw` | documents |\n'
    """
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))
