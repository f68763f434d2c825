"""What who carries and the receiver say to each other: whole, under the right key, or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import beacon, carried, cbor
from badge.core.codec.carried import Brought, Carried
from badge.core.codec.cbor import WireError
from badge.core.codec.envelope import sealed

KEY = bytes(range(32))
U32 = st.integers(0, 0xFFFFFFFF)
ONE = Carried("gw_hall", 7, bytes(18), b"frame", -61, 1_800_000_000)


@given(
    st.builds(
        Carried,
        st.sampled_from(["gw_hall", "b1", "W" * 32]),
        U32,
        st.binary(max_size=beacon.SIZE),
        st.binary(min_size=1, max_size=beacon.VALUE_MAX),
        st.integers(-127, 20),
        st.one_of(st.none(), st.integers(1, 0xFFFFFFFF)),
    )
)
def test_what_is_carried_comes_out_as_it_went_in(one: Carried) -> None:
    frame = carried.encode_carried(KEY, one)
    assert len(frame) <= carried.MOST_BYTES
    assert carried.decode_carried(KEY, frame) == one
    with pytest.raises(WireError, match=r"wire\.mac"):
        carried.decode_carried(bytes(32), frame)
    # The other way has a domain of its own.
    with pytest.raises(WireError, match=r"wire\.mac"):
        carried.decode_brought(KEY, frame)


@given(U32, st.binary(max_size=beacon.VALUE_MAX))
def test_what_is_brought_comes_out_as_it_went_in(call: int, status: bytes) -> None:
    one = Brought("gw_hall", call, status)
    assert carried.decode_brought(KEY, carried.encode_brought(KEY, one)) == one


@given(st.binary(max_size=500))
def test_rubbish_is_refused_and_nothing_else(data: bytes) -> None:
    for decode in (carried.decode_carried, carried.decode_brought):
        with pytest.raises(WireError):
            decode(KEY, data)


@pytest.mark.parametrize(
    "change",
    [
        {"by": ""},
        {"by": "gw_" + "x" * 30},
        {"by": "a/b"},
        {"by": 5},
        {"call": -1},
        {"call": 1 << 32},
        {"beacon": bytes(19)},
        {"frame": b""},
        {"frame": bytes(beacon.VALUE_MAX + 1)},
        {"rssi_dbm": 21},
        {"rssi_dbm": -128},
        {"utc_s": 0},
        {"utc_s": True},
    ],
)
def test_what_nobody_can_mean_is_refused_both_ways(change: dict[str, Any]) -> None:
    bad = ONE._replace(**change)
    with pytest.raises(WireError, match=r"wire\.shape"):
        carried.encode_carried(KEY, bad)
    fields = {0: carried.TYPE_CARRIED, **dict(enumerate(bad, start=1))}
    if change.get("call") == 1 << 32:
        return
    frame = sealed(cbor.encode(fields), KEY, b"nabij/carried/1")
    with pytest.raises(WireError, match=r"wire\.shape"):
        carried.decode_carried(KEY, frame)


def test_fields_of_later_versions_are_left_to_them_and_missing_ones_refused() -> None:
    fields = {0: carried.TYPE_CARRIED, **dict(enumerate(ONE, start=1))}
    more = sealed(cbor.encode({**fields, 7: b"later"}), KEY, b"nabij/carried/1")
    assert carried.decode_carried(KEY, more) == ONE
    del fields[5]
    less = sealed(cbor.encode(fields), KEY, b"nabij/carried/1")
    with pytest.raises(WireError, match="field 5 is missing"):
        carried.decode_carried(KEY, less)
