"""The wire: frames that fit, follow protocol.cddl, and are believed only with the right key."""

import hmac
import re

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.core.alarm import kinds
from badge.core.codec import place, wire
from badge.core.codec.hmac import hmac_sha256
from badge.core.codec.wire import WireError
from tests.core.codec.wire_cases import (
    ALARM,
    ALARMS,
    CDDL,
    CELLS,
    FRAME,
    HELLO,
    HELLOS,
    KEY,
    ONE,
    POSITIONS,
    STATUS,
    STATUSES,
    U32,
    WAYS,
    code_of,
    conforms,
    sealed,
    status_frame,
)


@given(ALARMS)
def test_an_alarm_follows_the_cddl_and_comes_back_as_it_was(fields):
    frame = wire.encode_alarm(KEY, **fields)
    assert conforms(FRAME, frame)
    payload, mac = cbor2.loads(frame)
    assert conforms(ALARM, payload)
    assert mac == hmac_sha256(KEY, b"nabij/up/1" + payload)[:16]
    alarm = wire.decode_alarm(frame, {fields["badge"]: KEY}.get)
    assert alarm._asdict() == fields


@given(STATUSES)
def test_a_status_follows_the_cddl_and_comes_back_as_it_was(fields):
    frame = wire.encode_status(KEY, **fields)
    assert conforms(STATUS, cbor2.loads(frame)[0])
    assert len(frame) <= wire.MAX_FRAME
    assert wire.decode_status(frame, KEY, fields["badge"])._asdict() == fields


@given(HELLOS)
def test_a_hello_follows_the_cddl_and_comes_back_as_it_was(hello):
    frame = wire.encode_hello(KEY, hello)
    assert len(frame) <= wire.MAX_FRAME
    assert conforms(HELLO, cbor2.loads(frame)[0])
    assert wire.decode_up(frame, {hello.badge: KEY}.get) == hello
    assert code_of(wire.decode_alarm, frame, {hello.badge: KEY}.get) == "wire.shape"


MOST = wire.Standing(U32, U32, U32, 4, U32)
OUTAGES = st.lists(st.integers(0, 1_000_000), max_size=2).flatmap(
    lambda seconds: st.tuples(st.integers(1, 255), st.integers(0, 255)).map(
        lambda first: [*first, 5, *seconds[:1]]
    )
)


@given(HELLOS, st.none() | POSITIONS, st.none() | CELLS, OUTAGES)
def test_a_hello_tells_of_an_outage_and_is_the_same_without_it(hello, position, cell, outage):
    """Who does not know the field reads the rest as ever; a place goes before the outage does."""
    there = hello._replace(position=position, cell=cell)
    frame = wire.encode_hello(KEY, there, outage)
    assert len(frame) <= wire.MAX_FRAME
    assert conforms(HELLO, cbor2.loads(frame)[0])
    told = wire.decode_up(frame, {hello.badge: KEY}.get)
    assert told.position in (position, None)
    assert told.cell in (cell, None)
    assert told._replace(position=None, cell=None) == hello
    if len(wire.encode_hello(KEY, hello)) + 18 <= wire.MAX_FRAME:
        assert cbor2.loads(cbor2.loads(frame)[0])[16] == outage
    assert 16 not in cbor2.loads(cbor2.loads(wire.encode_hello(KEY, there))[0])


def test_a_hello_that_would_be_too_long_leaves_its_position_out_before_its_outage():
    """A receiver takes an outage that is not told of any more for over."""
    hello = wire.Hello("W" * 32, U32, U32, "0.10.10-rc1", 65535, 100, (MOST,) * 3, *wire.NOWHERE)
    there = hello._replace(position=place.Position(-900_000_000, 0, 65535, 65535, place.TAG))
    outage = [5, 255, 1_000_000, 3_600]
    assert wire.decode_up(wire.encode_hello(KEY, there), {hello.badge: KEY}.get) == there
    frame = wire.encode_hello(KEY, there, outage)
    assert wire.decode_up(frame, {hello.badge: KEY}.get) == hello
    assert cbor2.loads(cbor2.loads(frame)[0])[16] == outage


def test_the_largest_hello_fits_one_ble_notification():
    hello = wire.Hello("W" * 32, U32, U32, "0.10.10-rc1", 65535, 100, (MOST,) * 4, *wire.NOWHERE)
    assert len(wire.encode_hello(KEY, hello)) <= 180


@pytest.mark.parametrize("version", ["", "0.10.10-rc1x"])
def test_a_hello_with_a_version_of_another_length_is_not_encoded(version):
    hello = wire.Hello("b1", 1, 1, version, 90, 100, (), *wire.NOWHERE)
    assert code_of(wire.encode_hello, KEY, hello) == "wire.shape"


@given(
    st.dictionaries(
        st.integers(0, 10),
        st.one_of(
            st.integers(-1, 9),
            st.just("b1"),
            st.lists(st.lists(st.integers(-1, 6), min_size=4, max_size=6), max_size=5),
        ),
    )
)
def test_a_hello_of_a_foreign_host_is_accepted_exactly_when_the_cddl_allows_it(changes):
    message = {0: 3, 1: "b1", 2: 3, 3: 4, 4: "0.1.0", 5: 60, **changes}
    frame = sealed(message, b"nabij/up/1")
    # pycddl takes a number for a text of a size in its range.
    if isinstance(message[4], str) and conforms(HELLO, cbor2.dumps(message)):
        wire.decode_up(frame, {"b1": KEY}.get)
    else:
        assert code_of(wire.decode_up, frame, {"b1": KEY}.get) == "wire.shape"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_client_id_tells_the_badge_and_is_as_secret_as_its_key(key, other):
    badge = "b" * 32
    expected = hmac.new(key, b"nabij/client/1", "sha256").hexdigest()[:16]
    assert wire.client_id(badge, key) == f"{badge}-{expected}"
    assert (wire.client_id(badge, key) == wire.client_id(badge, other)) == (key == other)


def test_numbers_that_are_kept_for_later_are_not_in_use():
    kept = CDDL.partition("Numbers that are kept")[2].partition("\nframe = ")[0]
    rows = dict(re.findall(r"^;   (\w+) +((?:.+\n;    {9}.*\n)*.+)", kept, re.MULTILINE))
    used = {
        "kind": {kind.number for kind in kinds.TABLE},
        "hello": {*range(8), *range(12, 15)},
    }
    for what, numbers in used.items():
        named = re.sub(r"[(\[].*?[)\]]", "", rows[what], flags=re.DOTALL)
        found = {int(number) for number in re.findall(r"(?:^|, |\s)(\d+) [a-zA-Z]", named)}
        assert found
        assert not found & numbers, what


@given(ALARMS, st.sampled_from([wire.FLAG_CANCELLED, wire.FLAG_FALSE_ALARM, 0]), st.booleans())
def test_duress_cannot_be_told_from_the_length_of_a_frame(fields, asks, age_at_least):
    if not asks:
        # A check-in goes on under duress: a deadline without any other flag.
        fields["due_s"] = 600
    fields["flags"] = asks | (wire.FLAG_AGE_AT_LEAST if age_at_least else 0)
    plain = wire.encode_alarm(KEY, **fields)
    fields["flags"] |= wire.FLAG_DURESS
    forced = wire.encode_alarm(KEY, **fields)
    assert len(plain) == len(forced)
    heard = wire.decode_alarm(forced, lambda _: KEY)
    assert heard.flags & wire.FLAG_DURESS
    # What is left out to fit is the same too.
    unforced = wire.decode_alarm(plain, lambda _: KEY)
    assert heard._replace(flags=unforced.flags) == unforced


def test_a_badge_of_the_first_release_and_this_receiver_understand_each_other():
    alarm = wire.decode_alarm(wire.encode_alarm(KEY, **ONE), lambda _: KEY)
    assert (alarm.rev, alarm.due_s, alarm.battery_percent) == (None, None, None)
    assert alarm.watch_s is None
    status = wire.encode_status(KEY, "b1", 3, 4, 1, 9, rev=alarm.rev)
    assert set(cbor2.loads(cbor2.loads(status)[0])) == {0, 1, 2, 3, 4, 5}


@given(
    st.dictionaries(
        st.integers(0, 11),
        # No bytes: pycddl 0.6 takes their length for a number in a range.
        st.one_of(st.integers(-1, 6), st.just("b1"), st.booleans(), st.none()),
    )
)
def test_a_status_of_a_foreign_host_is_accepted_exactly_when_the_cddl_allows_it(changes):
    message = {0: 2, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 1_800_000_000, **changes}
    if conforms(STATUS, cbor2.dumps(message)):
        wire.decode_status(status_frame(message), KEY, "b1")
    else:
        assert code_of(wire.decode_status, status_frame(message), KEY, "b1") == "wire.shape"


@given(
    st.dictionaries(
        st.integers(15, U32), st.one_of(st.integers(0, 9), st.text(max_size=3)), max_size=3
    )
)
def test_fields_of_a_later_version_are_ignored(later):
    message = {0: 2, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 9, **later}
    assert wire.decode_status(status_frame(message), KEY, "b1").seq == 4


@pytest.mark.parametrize("field", [0, 1, 2, 3, 4, 5])
def test_bytes_where_a_number_or_text_belongs_are_refused(field):
    message = {0: 2, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 9, field: b"\x01"}
    assert code_of(wire.decode_status, status_frame(message), KEY, "b1") == "wire.shape"


@pytest.mark.parametrize("missing", [0, 1, 2, 3, 4, 5])
def test_a_status_without_a_field_is_refused(missing):
    message = {0: 2, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 9}
    del message[missing]
    assert code_of(wire.decode_status, status_frame(message), KEY, "b1") == "wire.shape"


def test_a_receipt_with_a_wrong_key_is_refused():
    frame = wire.encode_status(bytes(32), "b1", 1, 1, 1, 9)
    assert code_of(wire.decode_status, frame, KEY, "b1") == "wire.mac"


@given(st.data())
def test_a_receipt_with_any_bit_changed_is_refused(data):
    frame = bytearray(wire.encode_status(KEY, "b1", 1, 1, 1, 9))
    bit = data.draw(st.integers(0, 8 * len(frame) - 1))
    frame[bit // 8] ^= 1 << bit % 8
    code_of(wire.decode_status, bytes(frame), KEY, "b1")


@given(st.data())
def test_a_receipt_cut_anywhere_is_refused(data):
    frame = wire.encode_status(KEY, "b1", 1, 1, 1, 9)
    cut = frame[: data.draw(st.integers(0, len(frame) - 1))]
    assert code_of(wire.decode_status, cut, KEY, "b1") == "wire.cbor"


def test_a_receipt_for_another_badge_is_refused():
    frame = wire.encode_status(KEY, "b2", 1, 1, 1, 9)
    assert code_of(wire.decode_status, frame, KEY, "b1") == "wire.other_badge"


def test_an_alarm_sent_back_is_no_receipt():
    frame = wire.encode_alarm(KEY, **ONE)
    assert code_of(wire.decode_status, frame, KEY, "b1") == "wire.shape"
    message = {0: 2, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 9}
    up = sealed(message, b"nabij/up/1")
    assert code_of(wire.decode_status, up, KEY, "b1") == "wire.mac"


@pytest.mark.parametrize("missing", [0, 1, 2, 3, 4, 5, 7])
def test_an_alarm_without_a_field_that_all_have_is_refused(missing):
    message = {0: 1, 1: "b1", 2: 3, 3: 4, 4: 1, 5: 9, 7: 1}
    assert wire.decode_alarm(sealed(message, b"nabij/up/1"), lambda _: KEY)
    del message[missing]
    frame = sealed(message, b"nabij/up/1")
    assert code_of(wire.decode_alarm, frame, lambda _: KEY) == "wire.shape"


@pytest.mark.parametrize("numbers", [[1, 1, 1, 1], [1, 1, 1, 1, 1, 1], 5, []])
def test_how_an_alarm_stands_has_five_numbers(numbers):
    message = {0: 3, 1: "b1", 2: 3, 3: 4, 4: "1.0", 5: 60, 7: [numbers]}
    frame = sealed(message, b"nabij/up/1")
    with pytest.raises(WireError, match=r"how an alarm stands has 5 numbers$"):
        wire.decode_up(frame, lambda _: KEY)


def test_an_alarm_of_an_unknown_badge_or_with_a_wrong_key_is_refused():
    frame = wire.encode_alarm(KEY, **ONE)
    assert code_of(wire.decode_alarm, frame, {}.get) == "wire.other_badge"
    assert code_of(wire.decode_alarm, frame, {"b1": bytes(32)}.get) == "wire.mac"


@given(
    st.one_of(st.binary(max_size=200), st.builds(cbor2.dumps, st.tuples(st.binary(), st.binary())))
)
def test_any_bytes_are_a_wire_error(frame):
    codes = {code_of(wire.decode_status, frame, KEY, "b1")}
    codes.add(code_of(wire.decode_alarm, frame, lambda _: KEY))
    assert codes <= {"wire.cbor", "wire.shape"}


@given(
    st.recursive(
        st.one_of(st.integers(-5, 5), st.booleans(), st.none(), st.text(max_size=3)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.integers(0, 12), inner, max_size=12)
        ),
    )
)
def test_any_message_under_the_right_key_is_a_status_or_a_wire_error(message):
    try:
        status = wire.decode_status(status_frame(message), KEY, "b1")
    except WireError:
        return
    assert status.badge == "b1"


@pytest.mark.parametrize(
    "change",
    [
        {"badge": ""},
        {"badge": "W" * 33},
        {"badge": "a/b"},
        {"badge": "a+"},
        {"badge": "é"},
        {"badge": None},
        {"boot": 0},
        {"boot": U32 + 1},
        {"seq": -1},
        {"kind": 256},
        {"age_ms": None},
        {"age_ms": 1.5},
        {"tilt_deg": 181},
        {"peak_mg": True},
        {"due_s": wire.DUE_MAX_S + 1},
        {"rev": 0},
        {"battery_percent": 101},
    ],
    ids=str,
)
def test_an_alarm_with_an_illegal_field_is_not_encoded(change):
    with pytest.raises(WireError) as caught:
        wire.encode_alarm(KEY, **{**ONE, **change})
    assert caught.value.code == "wire.shape"


@pytest.mark.parametrize("name", ["received", "taken", "help-coming", "closed"])
def test_the_states_of_an_incident_have_the_numbers_of_the_cddl(name):
    [said] = re.findall(rf"^{name} = (\d+)", CDDL, re.MULTILINE)
    assert getattr(wire, "STATUS_" + name.replace("-", "_").upper()) == int(said)
    assert (*map(int, re.findall(WAYS, CDDL)),) == (wire.WAY_LINK, wire.WAY_BLE, wire.WAY_SMS)


def test_topics_name_the_badge():
    assert wire.up_topic("b1") == "nabij/b1/up"
    assert wire.down_topic("b1") == "nabij/b1/down"


def test_what_is_said_of_no_attempt_is_the_first():
    alarm = wire.decode_alarm(wire.encode_alarm(KEY, "b1", 1, 1, 1, 0), lambda _: KEY)
    assert alarm.attempt == 1


BOUNDED = {
    "age_ms": 5,
    "utc_s": 6,
    "attempt": 7,
    "peak_mg": 8,
    "tilt_deg": 9,
    "flags": 10,
    "due_s": 11,
    "rev": 12,
    "battery_percent": 13,
    "watch_s": 14,
}


@pytest.mark.parametrize("name", BOUNDED)
def test_a_number_is_taken_as_far_as_the_cddl_lets_it_go_and_no_further(name):
    [said] = re.findall(rf"^  (?:\? )?{BOUNDED[name]} => ([\w.-]+),", CDDL, re.MULTILINE)[:1]
    if ".." not in said:
        [said] = re.findall(rf"^{said} = ([\d.]+)", CDDL, re.MULTILINE)
    least, most = (int(end) for end in said.split(".."))
    for value in (least, most):
        frame = wire.encode_alarm(KEY, **ONE | {name: value})
        assert getattr(wire.decode_alarm(frame, lambda _: KEY), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(WireError, match=r"wire.shape"):
            wire.encode_alarm(KEY, **ONE | {name: value})
