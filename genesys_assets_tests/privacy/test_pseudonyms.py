"""Which spellings are one contact, and what a pseudonym gives away."""

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.privacy import normalised
from genesys_assets.privacy.pseudonyms import Pseudonyms, weakness

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
        "tel:%2B493012345678",
        "%2b49%2030%2012345678",
        "tel:%252B493012345678",
        "sip:%2B493012345678%40sbc.example.com",
        "sips:+493012345678:pin@sbc.example.com:5061;user=phone",
        "<tel:+49-30-12345678>",
        "tel://+49 30 12345678",
        "sip:tel:+493012345678",
        "whatsapp:+493012345678",
        "\u202a+49\u200b30\u00ad12345678\u202c\ufeff",
        "+49\u00a030\u200912345678\u2060",
        "+49\ufe0f30\u034f123\u316445678\x00",
        "\uff0b\uff14\uff19\uff13\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "+\u0664\u0669\u0663\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        "+49\u201030\u2013123\u201445\u2212678",
        "tel:%EF%BC%8B4930%E2%80%8B12345678",
    ],
)
def test_a_number_is_the_same_however_it_is_written(spelling):
    assert normalised(spelling) == "+493012345678"


@pytest.mark.parametrize(
    "spelling",
    [
        "Ada@Example.com",
        "mailto:ada@example.com?subject=x",
        "Ada L. <ADA@example.com>",
        "mailto:ada%40example.com",
        "ada%40example.com",
        "a\u200bda@example\u00ad.com",
        "\uff21da\uff20example.com",
    ],
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
        ("50%25 off", "50% off"),
        ("a%20b", "a b"),
        ("sip:1001:x@example.com", "sip:1001:x@example.org"),
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


@pytest.mark.parametrize(
    "key",
    [
        "",
        "hunter2",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababab",
        "0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz",
        "9876543210987654",
        "passwordpassword",
        "Password12345678",
        "changeme-changeme-changeme",
        "genesys-privacy-key-12345",
        "x7Kq" * 8,
    ],
)
def test_a_key_that_can_be_guessed_is_weak(key):
    assert weakness(key)


@settings(max_examples=300)
@given(st.binary(min_size=16, max_size=64))
def test_no_key_that_was_drawn_is_weak(drawn):
    digest = sha256(drawn).digest()
    assert weakness(digest.hex()) is None
    assert weakness(b64encode(digest[:16]).decode()) is None


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_what_is_normalised_stays_as_it_is(text):
    assert normalised(normalised(text)) == normalised(text)
