"""Which spellings are one contact, and what a pseudonym gives away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.privacy import normalised
from genesys_assets.privacy.pseudonyms import Pseudonyms

KEY = "a key of the organisation's own"
digits = st.text("0123456789", min_size=7, max_size=15)


@pytest.mark.parametrize(
    "spelling",
    [
        "+493012345678",
        "tel:+493012345678",
        "TEL:+49-30-12345678;phone-context=example.com",
        "+49 (0)30 1234-5678",
        "+49.30/12345678",
        "sip:+493012345678@sbc.example.com:5061;transport=tls",
        '"Ada" <sip:+493012345678@example.com>',
    ],
)
def test_a_number_is_the_same_however_it_is_written(spelling):
    assert normalised(spelling) == "+493012345678"


@pytest.mark.parametrize(
    "spelling", ["Ada@Example.com", "mailto:ada@example.com?subject=x", "Ada L. <ADA@example.com>"]
)
def test_an_address_is_the_same_however_it_is_written(spelling):
    assert normalised(spelling) == "ada@example.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+493012345678", "+493012345679"),
        ("sip:1001@example.com", "sip:1001@example.org"),
        ("ada@example.com", "ada@example.org"),
        ("Ada Lovelace", "AdaLovelace"),
        ("030 12345678", "+49 30 12345678"),
    ],
)
def test_what_may_be_two_contacts_stays_two(one, other):
    assert Pseudonyms(KEY).of(one) != Pseudonyms(KEY).of(other)


@settings(max_examples=50)
@given(digits, st.sampled_from(["tel:+{}", "sip:+{}@host", "+{} ", "(+{})"[1:-1]]))
def test_the_same_contact_has_the_same_pseudonym(number, form):
    assert Pseudonyms(KEY).of(form.format(number)) == Pseudonyms(KEY).of(f"+{number}")


@settings(max_examples=50)
@given(st.text(min_size=5))
def test_a_pseudonym_holds_nothing_of_the_value(text):
    pseudonym = Pseudonyms(KEY).of(text)
    assert len(pseudonym) == len("hmac:") + 32
    assert pseudonym.removeprefix("hmac:").strip("0123456789abcdef") == ""


def test_another_key_gives_other_pseudonyms():
    assert Pseudonyms(KEY).of("+493012345678") != Pseudonyms(KEY + "!").of("+493012345678")


def test_the_key_is_not_shown():
    assert KEY not in repr(Pseudonyms(KEY))
