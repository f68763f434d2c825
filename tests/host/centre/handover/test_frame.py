"""Frames as two strangers read them: a strict parser, and the other way round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from siadc09 import account, message

from nabij.centre.handover import frame
from nabij.centre.handover.frame import ADM_CID, LONGEST, NULL, SIA_DCS, Frame, FrameError

NOW_MS = 1_795_980_775_000
KEYS = (b"", bytes(range(16)), bytes(range(24)), bytes(range(32)))
ACCOUNTS = st.text("0123456789ABCDEF", min_size=3, max_size=16)
WORDS = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='[]|"^'), max_size=60
)


@pytest.mark.requirement("R25")
@pytest.mark.parametrize("key", KEYS, ids=("plain", "aes128", "aes192", "aes256"))
@given(account=ACCOUNTS, seq=st.integers(1, 9999), zone=st.integers(1, 999), words=WORDS)
def test_a_strict_parser_reads_what_was_meant(
    key: bytes, account: str, seq: int, zone: int, words: str
) -> None:
    sent = Frame(SIA_DCS, seq, account, f"#{account}|Nri1/HA{zone:03d}", (f"I{words}",), NOW_MS)
    whole = frame.encode(sent, key)
    read = message.parse_frame(whole, key or None)
    assert (read.idtoken, read.seq, read.account.acct) == (SIA_DCS, seq, int(account, 16))
    assert read.encrypted == bool(key)
    assert round(read.timestamp.timestamp() * 1000) == NOW_MS
    assert [(one.prefix, one.value) for one in read.xdata] == [("I", words)]
    assert frame.decode(whole, key) == sent
    # A frame is longer than its text by what hides it, and never says so.
    assert (b"HA" in whole) is not bool(key) or account.encode() in whole


@pytest.mark.parametrize("key", KEYS, ids=("plain", "aes128", "aes192", "aes256"))
def test_contact_id_and_the_pulse_are_read_too(key: bytes) -> None:
    cid = Frame(ADM_CID, 7, "1234", "#1234|1122 01 001", ("H03:40:00,11-22-2026",), NOW_MS)
    read = message.parse_frame(frame.encode(cid, key), key or None)
    assert "New Event" in str(read)
    assert read.xdata[0].value.isoformat() == "2026-11-22T03:40:00+00:00"
    pulse = Frame(NULL, 0, "1234", stamp_ms=NOW_MS)
    read = message.parse_frame(frame.encode(pulse, key), key or None)
    assert (read.idtoken, read.seq, read.data) == (NULL, 0, None)
    assert frame.decode(frame.encode(pulse, key), key) == pulse


@pytest.mark.parametrize("key", KEYS, ids=("plain", "aes128", "aes192", "aes256"))
def test_what_a_stranger_answers_is_read(key: bytes) -> None:
    who = account.Account(acct=0x1234, key=key or None)
    ack = frame.decode(message.AckMessage(who, 42).encode(), key)
    assert (ack.kind, ack.seq, ack.account) == ("ACK", 42, "1234")


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_a_frame_error(noise: bytes) -> None:
    for whole in (noise, b"\n" + noise + b"\r"):
        for key in KEYS[:2]:
            with pytest.raises(FrameError):
                frame.decode(whole, key)


@given(st.integers(0, 200), st.integers(0, 7))
def test_one_flipped_bit_is_never_taken_for_another_message(at: int, bit: int) -> None:
    whole = frame.encode(Frame(SIA_DCS, 42, "1234", "#1234|Nri1/HA001", (), NOW_MS))
    at %= len(whole)
    bad = whole[:at] + bytes((whole[at] ^ 1 << bit,)) + whole[at + 1 :]
    try:
        read = frame.decode(bad)
    except FrameError:
        return
    # The case of a hex digit of the checksum says nothing.
    assert read == frame.decode(whole)


def test_the_wrong_key_is_told_and_so_is_a_text_that_fits_no_frame() -> None:
    whole = frame.encode(Frame(SIA_DCS, 42, "1234", "#1234|Nri1/HA001", (), NOW_MS), KEYS[1])
    for key in (b"", KEYS[3]):
        with pytest.raises(FrameError):
            frame.decode(whole, key)
    for bad in ({"data": "é"}, {"data": "a\rb"}, {"extended": ("I" + "x" * LONGEST,)}):
        with pytest.raises(FrameError):
            frame.encode(Frame(SIA_DCS, 1, "1234", stamp_ms=NOW_MS, **bad))
    with pytest.raises(FrameError, match="time of sending"):
        frame.encode(Frame(NULL, 0, "1234"), KEYS[1])
