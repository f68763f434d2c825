"""Text messages as the modem keeps them (3GPP TS 23.040), whoever wrote them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from badge.core.codec import sms_pdu, sms_text
from badge.core.codec.cbor import WireError

# From +31641600986, "How are you?": the example that many pages on the format have.
PUBLISHED = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"


def packed(text: str) -> str:
    """The septets of a text, the first in the lowest bits (TS 23.038, 6.1.2.1)."""
    bits = sum(ord(char) << 7 * i for i, char in enumerate(text))
    return bits.to_bytes((7 * len(text) + 7) // 8, "little").hex()


def head(coding: int, count: int, first: int = 0x04) -> str:
    return f"0791132600000000{first:02X}0B911346610089F600{coding:02X}20806291731408{count:02X}"


def test_a_published_example_comes_out_as_it_was_written() -> None:
    # A mark of punctuation is none of ours.
    assert sms_pdu.decode(PUBLISHED) == "How are you?"


@given(st.binary(min_size=1, max_size=98), st.integers(0, 15))
def test_a_frame_comes_out_of_the_modem_as_it_was_sent(frame: bytes, digits: int) -> None:
    text = sms_text.encode(frame)
    number = "11" * ((digits + 1) // 2)
    start = f"0004{digits:02X}91{number}000020806291731408{len(text):02X}"
    pdu = start + packed(text)
    assert sms_pdu.decode(pdu) == text
    assert sms_text.decode(sms_pdu.decode(pdu.upper().encode())) == frame


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        # 8 bits, and of a message class; UCS2 as some gateways send whatever they are given.
        (0x04, b"N1 AB"),
        (0xF5, b"N1 AB"),
        (0x08, "N1 AB".encode("utf-16-be")),
        (0x18, "N1 AB".encode("utf-16-be")),
        # Of a group that wait to be read.
        (0xE0, "N1 AB".encode("utf-16-be")),
        (0xEB, "N1 AB".encode("utf-16-be")),
    ],
)
def test_other_alphabets_give_the_same_text(coding: int, data: bytes) -> None:
    assert sms_pdu.decode(head(coding, len(data)) + data.hex()) == "N1 AB"


def test_what_is_no_letter_digit_or_space_is_a_question_mark() -> None:
    data = "A\n@é€".encode("utf-16-be")
    assert sms_pdu.decode(head(0x08, len(data)) + data.hex()) == "A????"


@pytest.mark.parametrize(
    "pdu",
    [
        "",
        "0",
        "zz",
        "07",
        head(0, 12) + "C8F7",
        # A report of delivery, one with a header (a part of several), a compressed one.
        head(0, 0, first=0x06),
        head(0, 5, first=0x44) + "C8F71D1496",
        head(0x20, 5) + "C8F71D1496",
        # The length of a number that goes past the end.
        "00" + "04FF91",
    ],
)
def test_these_are_no_text_messages(pdu: str) -> None:
    with pytest.raises(WireError) as caught:
        sms_pdu.decode(pdu)
    assert caught.value.code == "wire.shape"


def text_or_code(pdu: str) -> str:
    try:
        return str(sms_pdu.decode(pdu))
    except WireError as error:
        return str(error.code)


@given(st.binary(max_size=180) | st.binary(max_size=150).map(lambda data: b"\x00\x04" + data))
@example(bytes.fromhex(PUBLISHED)[:-1])
def test_any_bytes_are_a_text_or_are_refused(data: bytes) -> None:
    text = text_or_code(data.hex())
    assert text == "wire.shape" or all(char.isascii() and char.isprintable() for char in text)
