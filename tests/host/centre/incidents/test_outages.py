"""Why a badge had no network: with its shift, at the incident of that silence, and in words."""

import re

import cbor2
import pytest
import sqlalchemy as sa

from badge.core import outage as codes
from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from badge.core.codec.hmac import hmac_sha256
from nabij.centre.database import schema
from nabij.centre.incidents import outages, remarks
from nabij.centre.incidents.incident import OWN_BOOT
from nabij.centre.incidents.outages import Outage
from nabij.centre.incidents.words import local_time
from tests.host.centre.deadline_world import KEY, START_MS, World, message
from tests.places import DOCS

DENIED = Outage(START_MS + 60_000, START_MS + 1_800_000, codes.DENIED, 8)
HEARD_MS = START_MS + 1_801_000


def keep(world: World, told: Outage | None, heard_ms: int = HEARD_MS) -> None:
    world.store.write(lambda one: outages.keep(one, "anna", told, heard_ms))


def kept(world: World) -> Outage | None:
    row = world.store.read(lambda one: one.execute(sa.select(schema.watch)).mappings().one())
    return outages.of_row(row)


def on_shift(world: World) -> None:
    world.take(message(1, 1, kind=SOS, flags=wire.FLAG_TEST, watch_s=7200))


def notes(world: World) -> list[str]:
    quiet = world.incident(OWN_BOOT, 1)
    assert quiet is not None
    found = world.store.read(lambda one: remarks.of(one, [quiet.id]))
    return [one.text for one in found]


@pytest.mark.requirement("R10")
def test_the_incident_of_a_silence_says_once_why_there_was_no_network(world: World) -> None:
    on_shift(world)
    world.store.note_lost({"anna": START_MS + 60_000})
    world.clock.wait(1000)
    assert world.store.gone_quiet("anna", world.clock.now()) is not None
    # It is told in several hellos, with seconds that were cut off.
    keep(world, DENIED)
    keep(world, Outage(DENIED.since_ms - 900, DENIED.until_ms, codes.DENIED, 8), HEARD_MS + 30_000)
    [note] = notes(world)
    assert "the network refuses its SIM (cause 8)" in note
    assert local_time(START_MS + 60_000) in note
    assert local_time(START_MS + 1_800_000) in note
    # A later one, in which nobody missed the badge.
    world.clock.wait(1000)
    world.store.heard_again("anna", world.clock.now())
    later_ms = world.clock.now().wall_ms + 3_600_000
    keep(world, Outage(later_ms, later_ms + 60_000, codes.NO_NETWORK, 0), later_ms + 61_000)
    assert len(notes(world)) == 1


def test_a_badge_that_tells_of_ever_other_ones_does_not_fill_an_incident(world: World) -> None:
    on_shift(world)
    world.store.note_lost({"anna": START_MS + 60_000})
    world.clock.wait(1000)
    assert world.store.gone_quiet("anna", world.clock.now()) is not None
    for number in range(20):
        until_ms = DENIED.since_ms + 120_000 * (number + 1)
        keep(world, Outage(DENIED.since_ms, until_ms, codes.DENIED, 8), until_ms + 1_000)
    assert len(notes(world)) == 5
    # The last one is what stands with its shift all the same.
    assert kept(world) == Outage(DENIED.since_ms, until_ms, codes.DENIED, 8)


def test_one_that_goes_on_ends_with_its_end_or_with_a_hello_that_tells_of_none(
    world: World,
) -> None:
    on_shift(world)
    goes_on = Outage(DENIED.since_ms, None, codes.DENIED, 8)
    keep(world, goes_on)
    assert kept(world) == goes_on
    assert "anna: the network refuses its SIM (cause 8)" in world.store.read(outages.sentence)
    keep(world, DENIED)
    assert kept(world) == DENIED
    assert world.store.read(outages.sentence) == ""
    # A badge that was reset knows nothing of it any more.
    keep(world, goes_on)
    keep(world, None)
    assert kept(world) == Outage(DENIED.since_ms, HEARD_MS, codes.DENIED, 8)
    keep(world, None, HEARD_MS + 99_000)
    assert kept(world) == Outage(DENIED.since_ms, HEARD_MS, codes.DENIED, 8)


def test_of_a_badge_that_never_had_a_shift_nothing_is_kept(world: World) -> None:
    keep(world, DENIED)
    rows = world.store.read(lambda one: one.execute(sa.select(schema.watch)).all())
    assert rows == []


def test_a_shift_that_begins_leaves_it_as_it_is(world: World) -> None:
    on_shift(world)
    keep(world, DENIED)
    world.take(message(1, 2, kind=SOS, flags=wire.FLAG_TEST, watch_s=7200))
    assert kept(world) == DENIED
    [shift] = world.store.shifts()
    assert shift.seq == 2


def test_each_reason_that_a_badge_can_give_has_words() -> None:
    numbers = set(range(codes.SIM, codes.NO_WLAN + 1))
    assert set(outages.WORDS) == numbers
    cddl = (DOCS / "protocol.cddl").read_text()
    assert {int(one) for one in re.findall(r"^why-[a-z-]+ = (\d+)", cddl, re.MULTILINE)} == numbers
    assert "99" in Outage(0, 60_000, 99, 0).sentence()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([3, 8, 60], Outage(HEARD_MS - 60_000, None, 3, 8)),
        ([3, 8, 60, 5], Outage(HEARD_MS - 65_000, HEARD_MS - 5_000, 3, 8)),
        # A reason of a later release.
        ([99, 0, 60, 5], Outage(HEARD_MS - 65_000, HEARD_MS - 5_000, 99, 0)),
        (7, None),
        ("no", None),
        ([3, 8], None),
        ([3, 8, 60, 0, 0], None),
        ([0, 8, 60, 0], None),
        ([3, 256, 60, 0], None),
        ([3, 8, -1, 0], None),
        ([3, 8, 60, 1_000_001], None),
        ([3, "8", 60], None),
        ([3, True, 60], None),
        ([[3], 8, 60], None),
    ],
)
def test_it_is_dated_by_when_it_was_heard_and_an_odd_one_leaves_a_hello_a_hello(
    found: object, told: Outage | None
) -> None:
    payload = cbor2.dumps({0: 3, 1: "anna", 2: 1, 3: 1, 4: "0.1.0", 5: 60, 16: found})
    frame = cbor2.dumps([payload, hmac_sha256(KEY, b"nabij/up/1" + payload)[:16]])
    assert wire.decode_up(frame, {"anna": KEY}.get).count == 1
    assert Outage.told(frame, HEARD_MS) == told


def test_an_older_badge_tells_of_none() -> None:
    hello = wire.Hello("anna", 1, 1, "0.1.0", 60, 80, (), *wire.NOWHERE)
    assert Outage.told(wire.encode_hello(KEY, hello), HEARD_MS) is None
