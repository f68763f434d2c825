"""Orders and answers: what is not from the other end, or was changed on its way, is refused."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import cbor, wire
from badge.core.codec import order as codec
from badge.core.codec.cbor import WireError

KEY = bytes(range(32))
ORDER = codec.Order("nb-1", 7, 3, "update.data", b'{"offset":512}', bytes(512))
ANSWER = codec.Answer("nb-1", 7, 3, "", b'{"have":1024}', 3)
KINDS = {wire.TYPE_ORDER: ORDER, codec.TYPE_ANSWER: ANSWER}
U32 = st.integers(0, wire.U32_MAX)


@given(U32, U32, st.text("abcz.", max_size=32), st.binary(max_size=200), st.binary(max_size=512))
def test_an_order_comes_out_as_it_went_in(boot, number, verb, fields, data):
    order = codec.Order("nb-1", boot, number, verb, fields, data)
    frame = codec.encode(KEY, wire.TYPE_ORDER, order)
    assert codec.decode(KEY, wire.TYPE_ORDER, frame) == order
    assert wire.type_of(frame) == wire.TYPE_ORDER
    assert len(frame) <= codec.ORDER_MAX


@pytest.mark.requirement("R14")
@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_no_byte_of_either_can_be_changed(kind, data):
    frame = codec.encode(KEY, kind, KINDS[kind])
    at = data.draw(st.integers(0, len(frame) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = frame[:at] + bytes([frame[at] ^ 1 << bit]) + frame[at + 1 :]
    with pytest.raises(WireError):
        codec.decode(KEY, kind, changed)


@pytest.mark.requirement("R14")
def test_what_a_badge_said_is_no_order_to_it():
    for kind, other in (
        (wire.TYPE_ORDER, codec.TYPE_ANSWER),
        (codec.TYPE_ANSWER, wire.TYPE_ORDER),
    ):
        with pytest.raises(WireError):
            codec.decode(KEY, kind, codec.encode(KEY, other, KINDS[other]))
    with pytest.raises(WireError, match=r"wire\.mac"):
        codec.decode(bytes(32), wire.TYPE_ORDER, codec.encode(KEY, wire.TYPE_ORDER, ORDER))


@given(st.binary(max_size=100))
def test_garbage_is_no_order(data):
    assert wire.type_of(data) != wire.TYPE_ORDER
    with pytest.raises(WireError):
        codec.decode(KEY, wire.TYPE_ORDER, data)


@pytest.mark.parametrize(
    "change", [{"verb": "x" * 32}, {"boot": wire.U32_MAX}, {"boot": 0, "number": 0}]
)
def test_what_is_just_short_or_small_enough_can_be_said(change):
    order = ORDER._replace(**change)
    frame = codec.encode(KEY, wire.TYPE_ORDER, order)
    assert codec.decode(KEY, wire.TYPE_ORDER, frame) == order


@pytest.mark.parametrize(
    "change",
    [
        {"badge": "no badge"},
        {"boot": -1},
        {"number": wire.U32_MAX + 1},
        {"verb": "x" * 33},
        {"fields": "text"},
        {"data": bytes(codec.ORDER_MAX)},
    ],
)
def test_what_cannot_be_said_is_refused_before_it_is_sent(change):
    with pytest.raises(WireError):
        codec.encode(KEY, wire.TYPE_ORDER, codec.Order(**{**ORDER._asdict(), **change}))


@pytest.mark.parametrize(
    "payload", [wire.U32_MAX, -1, None, [], {}, "text", b"", b"\x05", b"\xa0"]
)
def test_an_envelope_of_something_else_has_no_type_and_takes_no_memory(payload):
    tracemalloc.start()
    assert wire.type_of(cbor.encode([payload, bytes(16)])) is None
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


@pytest.mark.parametrize(("kind", "longest"), [(wire.TYPE_ORDER, 960), (codec.TYPE_ANSWER, 1200)])
def test_either_is_as_long_as_the_protocol_says(kind, longest):
    def frame(size):
        if kind == wire.TYPE_ORDER:
            return codec.encode(KEY, kind, ORDER._replace(data=bytes(size)))
        return codec.encode(KEY, kind, ANSWER._replace(body=bytes(size)))

    fitting = longest - (len(frame(600)) - 600)
    assert len(frame(fitting)) == longest
    with pytest.raises(WireError):
        frame(fitting + 1)


def test_an_alarm_and_a_status_are_no_orders():
    alarm = wire.encode_alarm(KEY, "nb-1", 1, 1, 1, 0)
    status = wire.encode_status(KEY, "nb-1", 1, 1, wire.STATUS_RECEIVED, 1)
    assert [wire.type_of(frame) for frame in (alarm, status)] == [1, 2]
