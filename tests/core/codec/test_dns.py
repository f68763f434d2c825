"""Questions for the address of a host, and what answers to them say."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import dns

NUMBER = 0x1234


def reply(question, records, *, flags=0x8180, number=NUMBER):
    head = struct.pack(">HHHH", number, flags, 1, len(records)) + bytes(4)
    return head + question[12:] + b"".join(records)


def record(data, *, form=1, name=b"\xc0\x0c"):
    return name + struct.pack(">HHIH", form, 1, 60, len(data)) + data


def test_a_question_is_as_the_standard_has_it():
    """RFC 1035, 4.1: recursion desired, one question, type A, class IN."""
    asked = dns.query(NUMBER, "a.example")
    assert asked == b"\x12\x34\x01\x00\x00\x01\0\0\0\0\0\0\x01a\x07example\x00\x00\x01\x00\x01"


@pytest.mark.parametrize("host", ["", "a..b", "x" * 64 + ".nl", "."])
def test_what_is_no_name_is_refused(host):
    with pytest.raises(ValueError, match="no name of a host"):
        dns.query(NUMBER, host)


def test_the_first_address_is_found_behind_other_records():
    asked = dns.query(NUMBER, "a.example")
    alias = record(b"\x01b\xc0\x0e", form=5)
    first, second = record(b"\xc0\0\2\7"), record(b"\xc0\0\2\x08")
    assert dns.address(NUMBER, reply(asked, [alias, first, second])) == "192.0.2.7"
    plain = record(b"\x7f\0\0\1", name=b"\x01a\x07example\x00")
    assert dns.address(NUMBER, reply(asked, [plain])) == "127.0.0.1"


def test_an_address_that_is_cut_off_is_none():
    asked = dns.query(NUMBER, "a.example")
    whole = reply(asked, [record(b"\xc0\0\2\7")])
    assert [dns.address(NUMBER, whole[:-n]) for n in range(1, 5)] == [""] * 4


def test_no_such_host_is_told_from_an_answer_to_somebody_else():
    asked = dns.query(NUMBER, "a.example")
    assert dns.address(NUMBER, reply(asked, [], flags=0x8183)) == ""
    assert dns.address(NUMBER, reply(asked, [record(b"\xc0\0\2\7")], number=1)) is None
    assert dns.address(NUMBER, asked) is None


@given(st.binary(max_size=80), st.booleans())
def test_no_packet_breaks_it(rubbish, begins_well):
    packet = struct.pack(">HH", NUMBER, 0x8180) + rubbish if begins_well else rubbish
    told = dns.address(NUMBER, packet)
    assert told in (None, "") or dns.is_address(told)


def test_an_answer_that_claims_questions_without_end_is_read_no_further_than_it_goes():
    """On the badge 65,535 rounds for a short packet would hold the buttons for a second."""
    looks = []

    class Packet(bytes):
        def __len__(self):
            looks.append(self)
            return super().__len__()

    head = struct.pack(">HHHH", NUMBER, 0x8180, 0xFFFF, 0xFFFF)
    assert dns.address(NUMBER, Packet(head + bytes(8))) == ""
    assert len(looks) < 40


@pytest.mark.parametrize(
    ("host", "is_one"),
    [("192.0.2.7", True), ("192.0.2.256", False), ("192.0.2", False), ("a.b.c.d", False)],
)
def test_numbers_need_no_question(host, is_one):
    assert dns.is_address(host) == is_one


def test_the_longest_label_is_taken():
    label = "x" * 63
    assert dns.query(NUMBER, f"{label}.nl")[12:76] == b"\x3f" + label.encode()
