"""Journal records: found again among padding, garbage and torn writes, never invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.alarm.book import MAX_OPEN, worth_keeping
from badge.core.alarm.life import CLOSED, IDLE, RAISED, RECEIVED
from badge.core.alarm.record import Alarm
from badge.core.codec import journal
from badge.core.codec.journal import REC_ALARM, JournalError, Record

U32 = st.integers(0, 2**32 - 1)
RECORDS = st.tuples(st.integers(0, 255), U32, U32, st.binary(max_size=journal.MAX_PAYLOAD))
NO_MAGIC = st.binary(min_size=1, max_size=40).map(lambda data: data.replace(b"\xa5", b"\x5a"))


@given(st.lists(st.tuples(RECORDS, st.integers(0, 40)), max_size=8))
def test_records_come_back_whatever_the_padding(written):
    data = b"".join(journal.encode(*record) + bytes(padding) for record, padding in written)
    assert journal.scan(data) == ([record for record, _ in written], [])


@given(st.lists(RECORDS, max_size=5), NO_MAGIC, st.integers(0, 5))
def test_garbage_between_records_is_one_error_and_costs_no_record(records, garbage, where):
    where = min(where, len(records))
    garbage = b"\x01" + garbage + b"\x01"
    parts = [journal.encode(*record) for record in records]
    before = b"".join(parts[:where])
    found, errors = journal.scan(before + garbage + b"".join(parts[where:]))
    assert found == records
    assert errors == [(len(before), len(garbage))]


@given(RECORDS, RECORDS, st.data())
def test_a_torn_record_is_an_error_and_the_one_before_stays(first, second, data):
    whole = journal.encode(*first)
    torn = journal.encode(*second)
    torn = torn[: data.draw(st.integers(1, len(torn) - 1))]
    found, errors = journal.scan(whole + torn)
    assert found[0] == first
    assert len(found) == 1
    assert errors == [(len(whole), len(torn))]


@given(RECORDS, st.data())
def test_a_changed_bit_never_makes_another_record(record, data):
    whole = bytearray(journal.encode(*record))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8
    found, errors = journal.scan(whole)
    assert found == []
    assert errors


@given(st.binary(max_size=2000))
def test_random_bytes_never_raise_and_are_all_accounted_for(data):
    found, errors = journal.scan(data)
    assert found == []
    assert sum(length for _, length in errors) <= len(data)
    assert bool(errors) == any(data)


def test_a_payload_that_is_too_long_is_refused():
    with pytest.raises(JournalError) as caught:
        journal.encode(1, 1, 1, bytes(journal.MAX_PAYLOAD + 1))
    assert caught.value.code == "journal.shape"


def record(seq, state, boot=1):
    alarm = Alarm(kinds.SOS, boot, seq, 0)
    alarm.state = state
    return Record(REC_ALARM, boot, seq, alarm.pack(0))


def test_the_last_record_of_each_open_alarm_is_kept():
    records = [record(1, RAISED), record(2, RAISED), record(1, RECEIVED), record(3, RAISED)]
    assert worth_keeping(records) == [record(1, RECEIVED), record(2, RAISED), record(3, RAISED)]


@pytest.mark.parametrize("state", [IDLE, CLOSED])
def test_an_alarm_that_is_over_is_not_kept(state):
    assert worth_keeping([record(1, RAISED), record(1, state)]) == []


def test_all_undelivered_alarms_are_kept_but_few_delivered_ones():
    records = [record(seq, RAISED, 1) for seq in range(1, 31)]
    records += [record(seq, RECEIVED, 2) for seq in range(1, 31)]
    assert worth_keeping(records) == records[:30] + records[-MAX_OPEN:]


@given(st.lists(RECORDS.map(lambda fields: Record(*fields))))
def test_any_records_can_be_weighed(records):
    assert all(kept in records for kept in worth_keeping(records))
