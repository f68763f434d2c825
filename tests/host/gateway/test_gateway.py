"""A live badge out of reach of every network, a real receiver, and gateways that hear it."""

import time
from pathlib import Path

import pytest

from badge.core.codec import beacon, veil, wire
from nabij.centre.register.revoke import revoke
from tests.host.gateway.house import AFTER_S, BADGE, House, Running, felt, heard
from tests.host.gateway.strangers import Stranger
from tests.waiting import wait_until

# In virtual time it is 2 s (tests/sim/test_nearby.py); here other tests have the machine too.
LATE_S = 15


def test_a_squeeze_is_carried_its_receipt_brought_back_and_the_way_shown(
    house: House, tmp_path: Path
) -> None:
    hall = Running(house, "hall")
    with house.badge(tmp_path / "badge") as badge:
        heard(badge, "armed")
        pressed_s = time.monotonic()
        badge.press(1600)
        took_s = heard(badge, "state=RECEIVED") - pressed_s - 1.6
    print(f"squeeze to receipt {took_s:.1f} s with ble_after_s = {AFTER_S}")
    assert AFTER_S < took_s < AFTER_S + LATE_S
    [incident] = house.incidents()
    [carrier] = house.carriers(incident.id)
    assert carrier.carrier == "gw_hall"
    assert "carried by gateway hall" in carrier.sentence()
    hall.end()
    assert hall.gateway.counts["carried"] >= 1
    assert hall.gateway.counts["refused"] == 0


@pytest.mark.parametrize("rounds", [2, pytest.param(100, marks=pytest.mark.soak)])
def test_each_squeeze_is_called_fetched_and_answered(
    house: House, tmp_path: Path, rounds: int
) -> None:
    """By one badge, each an incident of its own; how long each took is printed."""
    hall = Running(house, "hall")
    took_s = []
    with house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(badge, "armed")
        for _ in range(rounds):
            pressed_s = time.monotonic()
            badge.press(1600)
            heard(badge, "alarm.opened")
            took_s.append(heard(badge, "alarm.status") - pressed_s - 1.6)
            time.sleep(1)
    took_s.sort()
    print(f"{len(took_s)} of {rounds}, p50 {took_s[rounds // 2]:.1f} s, worst {took_s[-1]:.1f} s")
    assert len(house.incidents()) == rounds
    assert hall.gateway.counts["carried"] >= rounds
    hall.end()


def test_two_gateways_and_a_colleague_at_once_make_one_incident(
    house: House, tmp_path: Path
) -> None:
    """All three are connected and have brought the alarm before the first may write an answer."""
    colleague = house.colleague(tmp_path / "colleague")
    gateways = [Running(house, name) for name in house.folders]
    with colleague, house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(colleague, "link.up")
        heard(badge, "armed")
        house.air.let_write(may=False)
        badge.press(1600)
        wait_until(lambda: house.brought_by() == {"gw_hall", "gw_attic", "badge-2"})
        assert max(one.visitors for one in house.air.badges) == 3
        [incident] = house.incidents()
        assert "RECEIVED" not in felt(badge)
        house.air.let_write(may=True)
        heard(badge, "state=RECEIVED")
        heard(colleague, "relay.visit brought=1")
        time.sleep(3)
    assert [one.id for one in house.incidents()] == [incident.id]
    assert felt(badge).count("RECEIVED") == 1
    told = [one.sentence().partition(" at ")[0] for one in house.carriers(incident.id)]
    assert sorted(told) == [
        "carried by badge badge-2",
        "carried by gateway attic",
        "carried by gateway hall",
    ]
    assert house.receiver.intake.counts["created"] == 1
    assert house.receiver.intake.counts["air.unknown"] == 0
    for one in gateways:
        one.end()


@pytest.mark.soak
def test_a_colleague_alone_brings_the_receipt_and_is_named(house: House, tmp_path: Path) -> None:
    colleague = house.colleague(tmp_path / "colleague")
    with colleague, house.badge(tmp_path / "badge", ble_after_s=1) as badge:
        heard(colleague, "link.up")
        heard(badge, "armed")
        badge.press(1600)
        heard(badge, "state=RECEIVED")
    [incident] = house.incidents()
    [by] = house.carriers(incident.id)
    assert "carried by badge badge-2 at " in by.sentence()


def test_what_is_forged_foreign_or_played_back_is_refused_and_stops_nobody(
    house: House, tmp_path: Path
) -> None:
    air = house.air
    strangers = [
        # A beacon and nobody behind it, a frame of rubbish, one of another receiver's badge.
        air.run(Stranger.begin(air, bytes((0x1B,)) + bytes(17), None)),
        air.run(Stranger.begin(air, bytes((0x1B,)) + bytes(range(17)), bytes(range(80)))),
        air.run(Stranger.begin(air, *_of_another_house())),
        # Not ours at all.
        air.run(Stranger.begin(air, b"\x02\x15" + bytes(16), b"x")),
    ]
    hall = Running(house, "hall")
    counts = house.receiver.intake.counts
    wait_until(lambda: counts["air.unknown"] >= 2)
    assert house.incidents() == []
    with house.badge(tmp_path / "badge") as badge:
        heard(badge, "armed")
        badge.press(1600)
        heard(badge, "state=RECEIVED")
        overheard = dict(air.badges[0].overheard)
    assert strangers[3].visits == 0
    # What anybody could hear and read then, played back when the badge is gone.
    created, known = counts["created"], counts["duplicate"]
    air.run(Stranger.begin(air, overheard["beacon"], overheard["frame"]))
    wait_until(lambda: counts["duplicate"] > known)
    assert counts["created"] == created
    assert len(house.incidents()) == 1
    hall.end()


def test_a_receiver_that_is_restarted_is_found_again(house: House) -> None:
    hall = Running(house, "hall")
    house.receiver.stop()
    wait_until(lambda: not hall.gateway.is_up)
    house.receiver.start()
    wait_until(lambda: hall.gateway.is_up)
    wait_until(lambda: house.said[-1] == "Connected to the receiver's broker.")
    assert house.said[0] == "Connected to the receiver's broker."
    hall.end()


def test_two_of_one_name_do_not_take_the_line_from_each_other_all_the_time(house: House) -> None:
    """Both say why, once, and each has the line for long enough to carry something."""
    twins = [Running(house, "hall") for _ in range(2)]
    wait_until(lambda: sum("no other machine" in one for one in house.said) == 2)
    count = len(house.said)
    time.sleep(5)
    assert len(house.said) <= count + 1
    assert sum(one.gateway.is_up for one in twins) == 1
    for one in twins:
        one.end()


def test_one_that_is_revoked_is_let_in_no_more(house: House) -> None:
    hall = Running(house, "hall")
    revoke(house.state, "gw_hall")
    wait_until(lambda: not hall.gateway.is_up)
    wait_until(lambda: any("does not let" in one or "ends the" in one for one in house.said))
    assert not hall.gateway.is_up
    hall.end()


def _of_another_house() -> tuple[bytes, bytes]:
    """Beacon and frame of a badge that is real, and not here."""
    key = bytes(32)
    frame = wire.encode_alarm(key, BADGE, 1, 1, 1, 0, rev=1)
    call = beacon.call_of(1, 1, 1, 1)
    return beacon.encode(key, b"1234", call), veil.veil(key, veil.FRAME, b"5678", frame)
