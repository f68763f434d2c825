"""Whose it is what a gateway or a colleague's badge carried, and what who carried it is told."""

import time

import pytest

from badge.core.codec import beacon, veil, wire
from badge.core.codec.carried import Brought, Carried, decode_brought, encode_carried
from badge.core.codec.cbor import WireError
from nabij.centre.incidents.carriers import Via
from nabij.centre.link.carriers import Carriers, UnknownError, answered
from nabij.centre.link.incoming import Outcome
from nabij.centre.store import BadgeRecord

GATEWAY = BadgeRecord("gw_hall", b"g" * 32, "CN=gw_hall", "", 1)
BADGES = [BadgeRecord(f"b-{n}", bytes((n,)) * 32, f"CN=b-{n}", "", 1) for n in range(20)]
CAME_MS = 1_800_000_000_500
RECORDS = {one.badge: one for one in (GATEWAY, *BADGES)}


def carried(
    record: BadgeRecord,
    *,
    by: BadgeRecord = GATEWAY,
    name: str = "gw_hall",
    said_s: int | None = 1_800_000_000,
) -> bytes:
    inner = wire.encode_alarm(record.hmac_key, record.badge, 1, 1, 1, 0, rev=1)
    call = beacon.encode(record.hmac_key, b"1234", beacon.call_of(1, 1, 1, 1))
    frame = veil.veil(record.hmac_key, veil.FRAME, b"5678", inner)
    return bytes(encode_carried(by.hmac_key, Carried(name, 9, call, frame, -61, said_s)))


def test_the_badge_is_found_by_its_key_alone() -> None:
    carriers = Carriers()
    for one in (BADGES[3], BADGES[17], BADGES[3]):
        opened = carriers.open("gw_hall", carried(one), RECORDS, CAME_MS)
        assert opened.badge is one
        assert opened.topic == f"nabij/{one.badge}/up"
        assert wire.decode_alarm(opened.frame, {one.badge: one.hmac_key}.get).badge == one.badge
        assert opened.via == Via("gw_hall", -61, 1_800_000_000, -500)
        assert opened.was_called


@pytest.mark.parametrize("said_s", [None, 1, 1_800_000_000, 2**32 - 1])
def test_what_the_carrier_says_of_the_time_is_kept_beside_what_it_is_off(
    said_s: int | None,
) -> None:
    """From 1970 to 2106, whatever it says: the alarm goes by none of it."""
    opened = Carriers().open("gw_hall", carried(BADGES[1], said_s=said_s), RECORDS, CAME_MS)
    off_ms = None if said_s is None else said_s * 1000 - CAME_MS
    assert opened.via == Via("gw_hall", -61, said_s, off_ms)


def test_what_nobody_veiled_is_told_to_the_gateway() -> None:
    stranger = BadgeRecord("b-1", b"x" * 32, "", "", 1)
    with pytest.raises(UnknownError) as caught:
        Carriers().open("gw_hall", carried(stranger), RECORDS, CAME_MS)
    topic, frame = caught.value.answer
    assert topic == "nabij/gw_hall/down"
    assert decode_brought(GATEWAY.hmac_key, frame) == Brought("gw_hall", 9, b"")


def test_a_gateway_cannot_speak_as_a_badge_or_as_another() -> None:
    """What it veiled under its own key is nobody's, and under its own name alone it speaks."""
    with pytest.raises(UnknownError):
        Carriers().open("gw_hall", carried(GATEWAY), RECORDS, CAME_MS)
    with pytest.raises(WireError, match="topic"):
        Carriers().open("gw_hall", carried(BADGES[0], name="gw_attic"), RECORDS, CAME_MS)
    with pytest.raises(WireError, match=r"wire\.mac"):
        Carriers().open("gw_hall", carried(BADGES[0], by=BADGES[0]), RECORDS, CAME_MS)
    with pytest.raises(WireError, match=r"wire\.other_badge"):
        Carriers().open("gw_attic", carried(BADGES[0]), RECORDS, CAME_MS)


def test_a_colleagues_badge_carries_as_a_gateway_does_and_never_itself() -> None:
    colleague, one = BADGES[2], BADGES[5]
    frame = carried(one, by=colleague, name="b-2")
    opened = Carriers().open("b-2", frame, RECORDS, CAME_MS)
    assert opened.badge is one
    assert opened.via.carrier == "b-2"
    outcome = answered(opened, Outcome(done=True, replies=(("nabij/b-5/down", b"x"),)))
    topic, brought = outcome.replies[1]
    assert topic == "nabij/b-2/down"
    status = decode_brought(colleague.hmac_key, brought).status
    assert veil.unveil(one.hmac_key, veil.STATUS, status) == b"x"
    with pytest.raises(UnknownError):
        Carriers().open("b-2", carried(colleague, by=colleague, name="b-2"), RECORDS, CAME_MS)
    # Under the name of another it says nothing.
    with pytest.raises(WireError, match=r"wire\.mac"):
        Carriers().open("b-3", frame, RECORDS, CAME_MS)
    with pytest.raises(WireError, match="topic"):
        Carriers().open("b-2", carried(one, by=colleague, name="b-3"), RECORDS, CAME_MS)


def test_what_the_badge_is_told_goes_back_the_way_it_came_for_it_alone() -> None:
    one = BADGES[5]
    opened = Carriers().open("gw_hall", carried(one), RECORDS, CAME_MS)
    status = wire.encode_status(one.hmac_key, one.badge, 1, 1, 1, 1_800_000_000, rev=1)
    own = (wire.down_topic(one.badge), status)
    outcome = answered(opened, Outcome(done=True, replies=(own,), kept=True))
    assert outcome.replies[0] == own
    topic, frame = outcome.replies[1]
    assert topic == "nabij/gw_hall/down"
    brought = decode_brought(GATEWAY.hmac_key, frame)
    assert brought.call == 9
    assert veil.unveil(one.hmac_key, veil.STATUS, brought.status) == status
    assert not outcome.kept


def test_a_thousand_badges_are_tried_in_no_time() -> None:
    many = [BadgeRecord(f"m-{n}", n.to_bytes(32, "big"), "", "", 1) for n in range(1_000)]
    records = {one.badge: one for one in (GATEWAY, *many)}
    carriers = Carriers()
    began_s = time.perf_counter()
    assert carriers.open("gw_hall", carried(many[-1]), records, CAME_MS).badge is many[-1]
    took_ms = 1_000 * (time.perf_counter() - began_s)
    print(f"the last of 1,000 keys: {took_ms:.1f} ms")
    assert took_ms < 500
