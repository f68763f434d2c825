"""CBOR: what we write cbor2 reads, what cbor2 writes we read, and garbage is a WireError."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.codec import cbor
from badge.core.codec.cbor import WireError
from badge.core.codec.hmac import hmac_sha256, same

U32 = 2**32 - 1
LEAVES = st.one_of(
    st.integers(-U32 - 1, U32),
    st.binary(max_size=300),
    st.text(max_size=80),
    st.none(),
    st.booleans(),
)
VALUES = st.one_of(
    LEAVES,
    st.lists(LEAVES, max_size=30),
    st.dictionaries(st.integers(-U32 - 1, U32), st.one_of(LEAVES, st.lists(LEAVES, max_size=3))),
)


@given(VALUES)
def test_cbor2_reads_what_we_write(value):
    assert cbor2.loads(cbor.encode(value)) == value


@given(VALUES)
def test_we_read_what_cbor2_writes(value):
    data = cbor2.dumps(value)
    assert cbor.decode(data) == value
    assert cbor.encode(value) == data


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_what_cbor2_says_or_to_a_wire_error(data):
    try:
        value = cbor.decode(data)
    except WireError:
        return
    assert cbor2.loads(data) == value


@given(VALUES, st.data())
def test_truncated_cbor_is_refused(value, data):
    whole = cbor.encode(value)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(WireError):
        cbor.decode(whole[:cut])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty", b""),
        ("trailing byte", b"\x00\x00"),
        ("64-bit number", b"\x1b" + bytes(7) + b"\x01"),
        ("number not in its shortest form", b"\x18\x05"),
        ("length not in its shortest form", b"\x58\x01a"),
        ("indefinite list", b"\x9f\x01\xff"),
        ("indefinite bytes", b"\x5f\x41a\xff"),
        ("reserved length", b"\x1c"),
        ("tag", b"\xc1\x01"),
        ("float", b"\xf9\x3c\x00"),
        ("undefined", b"\xf7"),
        ("text that is not UTF-8", b"\x61\xff"),
        ("map key twice", b"\xa2\x01\x01\x01\x02"),
        ("map key that is text", b"\xa1\x61a\x01"),
        ("list longer than the data", b"\x9a\xff\xff\xff\xff"),
        ("map longer than the data", b"\xba\x7f\xff\xff\xff"),
        ("bytes longer than the data", b"\x5a\xff\xff\xff\xff"),
        ("five levels", b"\x81\x81\x81\x81\x01"),
        ("maps as keys without end", b"\xa1" * 3000),
    ],
)
def test_refused(name, data):
    with pytest.raises(WireError) as caught:
        cbor.decode(data)
    assert caught.value.code == "wire.cbor"


@pytest.mark.parametrize("value", [2**32, -(2**32) - 1, 1.5, object(), [[[[1]]]], {1: {1, 2}}])
def test_what_has_no_form_on_the_wire_is_not_written(value):
    with pytest.raises(WireError):
        cbor.encode(value)


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_hmac_is_that_of_the_standard_library(key, data):
    import hmac

    assert hmac_sha256(key, data) == hmac.digest(key, data, "sha256")


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_same_compares(a, b):
    assert same(a, b) == (a == b)
    assert same(a, bytes(a))


def nested(kind, depth):
    if not depth:
        return 0
    inner = nested(kind, depth - 1)
    return {0: inner} if kind is dict else [inner]


@pytest.mark.parametrize("kind", [list, dict])
def test_what_is_nested_too_deep_is_neither_written_nor_read(kind):
    deepest, deeper = nested(kind, cbor.MAX_DEPTH - 1), nested(kind, cbor.MAX_DEPTH)
    assert cbor.decode(cbor.encode(deepest)) == deepest
    with pytest.raises(WireError, match="deep"):
        cbor.encode(deeper)
    with pytest.raises(WireError, match="deep"):
        cbor.decode(cbor2.dumps(deeper))
