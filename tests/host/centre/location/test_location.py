"""Where a badge on shift is: sealed, opened for an alarm alone, and off without consent."""

import socket
import threading
import time
from pathlib import Path

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.incidents.whereabouts import Source, Spot
from nabij.centre.keeper.refused import Why
from nabij.centre.location import consent, kept, opening
from nabij.centre.location.location import AWAY
from nabij.centre.people import persons
from tests.host.centre.databases import on_sqlite
from tests.host.centre.location.location_world import AT, SOON_S, LocationWorld, running
from tests.waiting import LONG_S, wait_until

# As it would lie somewhere in the clear.
CLEAR = (b"520907123", AT.lat_e7.to_bytes(4, "big"))


@pytest.mark.requirement("R29")
def test_a_position_is_sealed_and_opened_with_the_alarm(place: LocationWorld) -> None:
    person_id = place.hand_out()
    place.consent()
    place.begin_shift()
    with running(place):
        place.hello()
        place.wait_sealed()
        [row] = place.sealed()
        assert (row["person_id"], row["answer"]) == (person_id, "")
        assert not any(one in bytes(row["sealed"]) for one in CLEAR)
        assert place.position(2) is None
        place.send()
        wait_until(lambda: place.position(2) is not None)
    told_ms = place.world.clock.now().wall_ms
    assert place.position(2) == Spot(
        Source.SATELLITES, told_ms - 3000, told_ms - 3000, AT.lat_e7, AT.lon_e7, AT.accuracy_m
    )
    assert place.told == 1
    what = [what for what, _ in place.audit()]
    assert what == [opening.TRUSTS, opening.OPENED]
    [(_, detail)] = [line for line in place.audit() if line[0] == opening.OPENED]
    log = (place.stand / "keeper" / "log.jsonl").read_text()
    assert detail.startswith("alarm; line 2 of the keeper's log, ")
    assert detail.rpartition(" ")[2] in log
    assert not any(one in (place.stand / "keeper" / "log.jsonl").read_bytes() for one in CLEAR)


def test_only_the_newest_is_kept_and_one_alarm_opens_one(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        before = place.sealed()[0]["sealed"]
        place.hello(AT._replace(lat_e7=1))
        wait_until(lambda: place.sealed()[0]["sealed"] != before)
        assert len(place.sealed()) == 1
        place.send()
        wait_until(lambda: place.position(2) is not None)
        # What the badge tells later is for the next alarm.
        place.hello(AT._replace(lat_e7=2))
        wait_until(lambda: place.location.sealed == 3)
        time.sleep(SOON_S)
        found = place.position(2)
        assert found is not None
        assert found.lat_e7 == 1
        place.send(kinds.MAN_DOWN)
        wait_until(lambda: place.position(3) is not None)


@on_sqlite
@pytest.mark.requirement("R29")
@pytest.mark.parametrize(
    ("why", "step"),
    [
        (kept.OFF, "consent"),
        (kept.NO_SHIFT, "begin_shift"),
        (kept.NOBODY, "hand_out"),
        (AWAY, "open_keeper"),
    ],
)
def test_with_one_thing_missing_it_is_dropped_and_counted(
    place: LocationWorld, why: str, step: str
) -> None:
    for one in ("hand_out", "consent", "begin_shift", "open_keeper"):
        if one != step:
            getattr(place, one)()
    place.start()
    place.hello()
    wait_until(lambda: place.location.dropped[why] == 1)
    if step != "consent":
        assert (
            f"0 sealed since the start, 1 dropped (1 because {why})" in place.location.sentence()
        )
    assert place.sealed() == []
    # It is not kept for when the rest is there either.
    getattr(place, step)()
    time.sleep(SOON_S)
    assert place.sealed() == []
    place.stop()
    place.close_keeper()


@on_sqlite
def test_only_those_whom_the_consent_covers_are_kept(place: LocationWorld) -> None:
    north, south = place.store.write(
        lambda one: [persons.add_team(one, name).id for name in ("North", "South")]
    )
    place.consent(teams=("North",))
    place.hand_out(team_id=south)
    place.begin_shift()
    with running(place):
        place.hello()
        wait_until(lambda: place.location.dropped[kept.NO_CONSENT] == 1)
        place.world.clock.wait(60)
        place.hand_out("Bert", team_id=north)
        place.begin_shift()
        place.hello()
        place.wait_sealed()


@on_sqlite
def test_who_takes_a_badge_over_is_not_known_by_the_shift_before(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.world.clock.wait(60)
        place.hand_out("Bert")
        # Of Bert's alarm the position of Anna is none.
        place.send()
        time.sleep(SOON_S)
        assert place.position(2) is None
        # Nor has Bert begun a shift.
        place.hello()
        wait_until(lambda: sum(place.location.dropped.values()) == 1)
        place.location.wake()
        wait_until(lambda: place.keeper.held() == [])
        assert place.sealed() == []
        place.begin_shift()
        place.hello()
        place.wait_sealed()


@pytest.mark.requirement("R29")
def test_a_withdrawn_consent_takes_text_and_keys_with_it(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        now_ms = place.world.clock.now().wall_ms
        place.store.write(lambda one: consent.withdraw(one, now_ms, "desk"))
        assert place.sealed() == []
        place.location.wake()
        wait_until(lambda: place.keeper.held() == [])
        place.hello()
        wait_until(lambda: place.location.dropped[kept.OFF] == 1)
    assert place.sealed() == []
    assert (consent.WITHDREW, "OR-1") in place.audit("desk")


@on_sqlite
def test_the_last_day_of_a_consent_is_the_last(place: LocationWorld) -> None:
    place.hand_out()
    place.consent(days=0)
    place.begin_shift(hours=40)
    with running(place):
        place.hello()
        place.wait_sealed()
        place.world.clock.wait(86_400)
        place.location.wake()
        place.wait_sealed(0)
        wait_until(lambda: place.keeper.held() == [])


@on_sqlite
@pytest.mark.requirement("R29")
def test_a_shift_that_is_over_is_over_at_the_keeper(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.send(flags=wire.FLAG_TEST, watch_s=0)
        place.hello()
        wait_until(lambda: place.location.dropped[kept.NO_SHIFT] == 1)
        place.location.wake()
        time.sleep(SOON_S)
        # For a deadline that is missed now it is still there, and then no more.
        assert len(place.sealed()) == 1
        place.world.clock.wait(4 * 3600 + 1)
        place.location.wake()
        place.wait_sealed(0)
    assert list((place.stand / "keeper" / "keys").iterdir()) == []


def test_a_missed_deadline_opens_it(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.send(kinds.AMBER, due_s=1800)
        place.world.wait(1700)
        time.sleep(SOON_S)
        assert "opened" not in str(place.sealed())
        place.world.wait(200)
        wait_until(lambda: place.position(2) is not None)
    assert "deadline; line" in str(place.audit())


@on_sqlite
def test_a_badge_that_fell_silent_is_found_by_the_receivers_word(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.world.clock.wait(1200)
        place.store.gone_quiet("anna", place.world.clock.now())
        wait_until(lambda: place.position(2) is not None)
    assert "claim; line" in str(place.audit())


@on_sqlite
def test_of_whoever_had_the_badge_before_nothing_is_asked_for(place: LocationWorld) -> None:
    """Also before what was theirs is let go of, which takes seconds."""
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
    place.world.clock.wait(60)
    place.hand_out("Bert")
    place.send()
    assert place.store.read(kept.wishes) == []


@on_sqlite
def test_nothing_is_opened_for_a_test_or_a_flat_battery(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.send(flags=wire.FLAG_TEST)
        place.send(kinds.BATTERY)
        place.send(kinds.MAN_DOWN, flags=wire.FLAG_CANCELLED)
        time.sleep(SOON_S)
        assert place.sealed()[0]["answer"] == ""
    assert [what for what, _ in place.audit()] == [opening.TRUSTS]


@on_sqlite
def test_what_is_refused_is_in_the_audit_once(place: LocationWorld) -> None:
    """As for an alarm of before the shift: the keeper finds it old."""
    place.hand_out()
    place.consent()
    place.send()
    place.begin_shift()
    with running(place):
        place.hello()
        place.wait_sealed()
        wait_until(lambda: place.sealed()[0]["answer"] == Why.OLD.name)
        time.sleep(SOON_S)
    assert place.audit()[1:] == [(opening.REFUSED, Why.OLD.value)]


@on_sqlite
def test_a_keeper_that_came_back_opens_what_was_sealed_before(place: LocationWorld) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.close_keeper()
        place.send()
        wait_until(lambda: "AWAY" in trouble(place))
        place.hello()
        wait_until(lambda: place.location.dropped[AWAY] == 1)
        place.open_keeper()
        wait_until(lambda: place.position(2) is not None)
        wait_until(lambda: trouble(place) == "")


@on_sqlite
def test_another_keeper_is_handed_nothing(place: LocationWorld, tmp_path: Path) -> None:
    place.agree()
    with running(place):
        place.hello()
        place.wait_sealed()
        place.close_keeper()
        real, place.stand = place.stand, tmp_path / "false"
        place.open_keeper()
        place.hello()
        wait_until(lambda: "ANOTHER KEEPER" in trouble(place))
        assert place.keeper.held() == []
        now_ms = place.world.clock.now().wall_ms
        place.store.write(lambda one: opening.forget(one, now_ms, "desk"))
        wait_until(lambda: trouble(place) == "")
        assert place.stand != real


@on_sqlite
def test_a_keeper_that_hangs_holds_up_nothing(place: LocationWorld) -> None:
    """A socket that listens and never answers, as of a process that is stopped."""
    place.agree()
    frozen = socket.socket(socket.AF_UNIX)
    frozen.bind(str(place.socket))
    frozen.listen()
    place.start()
    began_s = time.monotonic()
    for _ in range(1000):
        place.hello()
    place.send()
    # Each that waits for an answer waits for seconds.
    assert time.monotonic() - began_s < LONG_S
    wait_until(lambda: "AWAY" in trouble(place))
    wait_until(lambda: place.location.dropped[AWAY] >= 1)
    assert place.sealed() == []
    frozen.close()
    place.stop()


@on_sqlite
def test_a_receiver_without_a_keeper_says_so_when_it_is_switched_on(place: LocationWorld) -> None:
    place.socket.parent.mkdir(exist_ok=True)
    one = type(place.location)(None, place.world.clock)
    place.location = one
    place.hand_out()
    place.start()
    time.sleep(SOON_S)
    assert trouble(place) == ""
    place.consent()
    place.hello()
    wait_until(lambda: "has no keeper" in trouble(place))
    assert one.dropped[AWAY] == 1
    place.stop()


def trouble(place: LocationWorld) -> str:
    return place.location.trouble


def test_no_thread_is_left() -> None:
    assert "nabij-location" not in {one.name for one in threading.enumerate()}
