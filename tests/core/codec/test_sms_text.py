"""A frame as a text message: one text a frame, and nothing else is taken for one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import sms_text
from badge.core.codec.cbor import WireError

# The basic characters of 3GPP TS 23.038 that every phone and code page has in the same place.
PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")
FRAMES = st.binary(min_size=1, max_size=sms_text.FRAME_MAX)


def frame_or_refusal(text):
    """The frame in a text, or the code of why there is none."""
    try:
        return sms_text.decode(text)
    except WireError as error:
        return error.code


@given(FRAMES)
def test_a_frame_comes_out_as_it_went_in_and_fits_one_message(frame):
    text = sms_text.encode(frame)
    assert text == "N1 " + base64.b32encode(frame).decode().rstrip("=")
    assert len(text) <= sms_text.TEXT_MAX == 160
    assert set(text) <= PLAIN
    assert sms_text.is_ours(text)
    assert sms_text.decode(text) == frame


def test_the_longest_frame_fills_one_message_and_a_byte_more_is_refused():
    assert len(sms_text.encode(bytes(98))) == 160
    for size in (0, 99):
        with pytest.raises(WireError) as caught:
            sms_text.encode(bytes(size))
        assert caught.value.code == "wire.shape"


@given(FRAMES)
def test_what_gateways_do_to_a_text_does_no_harm(frame):
    text = sms_text.encode(frame)
    assert sms_text.decode(" " + text.lower() + "\r\n") == frame


@given(FRAMES, st.data())
def test_a_text_with_a_character_lost_or_added_never_gives_the_frame(frame, data):
    text = sms_text.encode(frame)
    at = data.draw(st.integers(3, len(text) - 1))
    char = data.draw(st.sampled_from("AZ27"))
    for other in (text[:at] + text[at + 1 :], text[:at] + char + text[at:]):
        assert frame_or_refusal(other) != frame


@given(st.text(max_size=200) | st.text(max_size=170).map("N1 ".__add__))
def test_any_other_text_is_refused_and_nothing_else_happens(text):
    found = frame_or_refusal(text)
    assert found == "wire.shape" or sms_text.encode(found) == text.strip().upper()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "N1",
        "N1 ",
        "N1 A",
        "N2 ABCDEFGH",
        "N1 ABC1",
        "N1 ABCD====",
        "N1 AB CD",
        # Bits left that no byte of the frame has.
        "N1 AB",
        "Hello, your bundle is nearly used up.",
        # Upper case makes two characters of one.
        "N1 \xdf\xdf",
        "N1 " + "A" * 158,
    ],
)
def test_these_are_no_frames(text):
    with pytest.raises(WireError) as caught:
        sms_text.decode(text)
    assert caught.value.code == "wire.shape"
