"""Texts from outside: whatever they hold, what goes out is one line of characters that every place can take."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.texts import for_chat, for_table, line

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
"""Half surrogate pairs too."""
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(ANY_TEXT)
def test_a_line_is_text_that_xml_utf_8_and_a_terminal_can_take(text: str) -> None:
    shown = line(text)
    shown.encode()
    assert len(shown) <= 120
    assert len(shown.splitlines()) <= 1
    for character in shown:
        assert unicodedata.category(character) not in ("Cc", "Cs"), hex(ord(character))
        assert ord(character) & 0xFFFE != 0xFFFE
        assert unicodedata.bidirectional(character) not in TURNING


@given(ANY_TEXT)
def test_a_line_stays_as_it_is(text: str) -> None:
    assert line(line(text)) == line(text)


@pytest.mark.parametrize(
    "text", ["Ventas, España", "Téchnique", "日本語", "می‌خواهم", "👩‍👩‍👧 Family", "a|b *c* [d]", "2026-11-20"]
)
def test_what_people_write_is_left_alone(text: str) -> None:
    assert line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sales\x0bNorth", "Sales North"),
        ("Sales\r\nNorth", "Sales  North"),
        ("Sales\u2028North", "Sales North"),
        ("\x1b[31mred", "�[31mred"),
        ("\x9b31mred", "�31mred"),
        ("gpj.\u202eexe", "gpj.�exe"),
        ("half \ud83d", "half �"),
        ("\ufeffzero\u200bwidth", "zerowidth"),
        ("x" * 121, "x" * 119 + "…"),
        ("\U0001ffff", "�"),
        ("Night\xadService\xa0North\u3000East", "NightService North East"),
    ],
)
def test_what_cannot_be_shown_is_replaced(text: str, shown: str) -> None:
    assert line(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> now", "&lt;!channel&gt; now"),
        ("<https://evil.example|your bank>", "&lt;https://evil.example|your bank&gt;"),
        ("R&D", "R&amp;D"),
        ("@here @channel @everyone @all", "@ here @ channel @ everyone @ all"),
        ("anna@example.org", "anna@example.org"),
    ],
)
def test_a_chat_is_told_words_that_link_nothing_and_call_nobody(text: str, shown: str) -> None:
    assert for_chat(text) == shown


@given(ANY_TEXT)
def test_no_markup_of_slack_is_left(text: str) -> None:
    assert not {"<", ">"} & set(for_chat(text))


def test_a_bar_ends_no_cell_of_a_table() -> None:
    assert for_table("Sales | North") == "Sales \\| North"
