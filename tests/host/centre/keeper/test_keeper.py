"""What the keeper seals and opens, and what it does not, on a clock that only the test moves."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.keeper import limits
from nabij.centre.keeper.ledger import Ledger
from nabij.centre.keeper.proof import Proof
from nabij.centre.keeper.refused import RefusedError, Why
from nabij.centre.keeper.shift_keys import ShiftKeys
from tests.host.centre.deadline_world import KEY
from tests.host.centre.keeper.keeper_world import BADGE, KEEP_MS, SHIFT_S, TEXT, KeeperWorld

OTHER_KEY = bytes(32)


@pytest.fixture
def world(tmp_path: Path) -> KeeperWorld:
    return KeeperWorld(tmp_path / "keeper")


@contextlib.contextmanager
def refused(why: Why) -> Iterator[None]:
    with pytest.raises(RefusedError) as caught:
        yield
    assert caught.value.why is why


def test_an_alarm_of_the_badge_opens_what_was_sealed_in_its_shift(world: KeeperWorld) -> None:
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    assert TEXT not in sealed
    found = world.open(sealed, world.frame())
    assert (found.text, found.proof) == (TEXT, Proof.ALARM)
    assert '"incident": 7' in world.log()
    assert TEXT.decode() not in world.log()


def test_nothing_is_sealed_without_a_test_that_the_badge_made(world: KeeperWorld) -> None:
    with refused(Why.NO_SHIFT):
        world.keeper.seal(BADGE, 1, TEXT)
    with refused(Why.FORGED):
        world.keeper.begin(BADGE, 1, KEY, world.test(key=OTHER_KEY))
    with refused(Why.FORGED):
        world.keeper.begin(BADGE, 1, KEY, world.test(badge="bert"))
    for no_test in (world.frame(), world.test(watch_s=0), world.frame(flags=wire.FLAG_TEST)):
        with refused(Why.NO_ALARM):
            world.keeper.begin(BADGE, 1, KEY, no_test)


def test_a_test_begins_one_shift_and_no_other(world: KeeperWorld) -> None:
    """Otherwise a receiver could follow a badge after its shift, by what it once sent."""
    frame = world.begin()
    with refused(Why.OLD):
        world.keeper.begin(BADGE, 2, KEY, frame)
    world.keeper.destroy(BADGE, 1)
    world.restart()
    with refused(Why.OLD):
        world.keeper.begin(BADGE, 1, KEY, frame)
    world.begin(number=2)


def test_it_seals_no_longer_than_the_badge_said(world: KeeperWorld) -> None:
    frame = world.test()
    world.clock.wait(3600)
    world.keeper.begin(BADGE, 1, KEY, frame)
    world.clock.wait(SHIFT_S - 3601)
    world.keeper.seal(BADGE, 1, TEXT)
    world.clock.wait(2)
    with refused(Why.OVER):
        world.keeper.seal(BADGE, 1, TEXT)
    world.begin()
    world.keeper.seal(BADGE, 1, TEXT)
    world.keeper.end(BADGE, 1)
    with refused(Why.OVER):
        world.keeper.seal(BADGE, 1, TEXT)


def test_a_key_goes_after_its_shift_and_leaves_no_byte_of_it(world: KeeperWorld) -> None:
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    [file] = (world.folder / "keys").glob("*.key")
    secret = file.read_bytes()[:32]
    with file.open("rb") as still_open:
        world.clock.wait(SHIFT_S + KEEP_MS // 1000 - 1)
        assert world.open(sealed, world.frame()).text == TEXT
        world.clock.wait(2)
        world.keeper.tick()
        assert secret not in still_open.read()
    assert list((world.folder / "keys").iterdir()) == []
    with refused(Why.NO_SHIFT):
        world.open(sealed, world.frame())


@pytest.mark.parametrize("hours", [-72, 72])
def test_a_clock_that_is_set_gives_no_key_more_time_or_less(
    world: KeeperWorld, hours: int
) -> None:
    world.begin()
    world.clock.set_forward(hours * 3600)
    world.clock.wait(SHIFT_S - 1)
    world.keeper.seal(BADGE, 1, TEXT)
    world.clock.wait(2)
    with refused(Why.OVER):
        world.keeper.seal(BADGE, 1, TEXT)


def test_a_machine_that_starts_with_a_clock_of_before_gives_a_key_one_shift_at_most(
    world: KeeperWorld,
) -> None:
    world.begin()
    world.clock.reboot()
    world.clock.set_forward(-365 * 86_400)
    world.restart()
    world.keeper.seal(BADGE, 1, TEXT)
    world.clock.wait(wire.WATCH_MAX_S + KEEP_MS // 1000 + 1)
    world.keeper.tick()
    assert world.keeper.held() == []


def test_what_is_no_alarm_of_this_shift_opens_nothing(world: KeeperWorld) -> None:
    before = world.frame()
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    for frame, why in (
        (before, Why.OLD),
        (world.frame(key=OTHER_KEY), Why.FORGED),
        (world.frame(badge="bert"), Why.FORGED),
        (world.frame()[:-1], Why.FORGED),
        (b"", Why.FORGED),
        (world.test(), Why.NO_ALARM),
        (world.frame(kinds.BATTERY), Why.NO_ALARM),
        (world.frame(kinds.FAULT), Why.NO_ALARM),
        (world.frame(kinds.MAN_DOWN, flags=wire.FLAG_CANCELLED), Why.NO_ALARM),
        (world.frame(kinds.AMBER, due_s=3600), Why.EARLY),
    ):
        with refused(why):
            world.open(sealed, frame)
    assert world.log().count('"refused"') == 4
    assert '"opened"' not in world.log()


def test_a_deadline_opens_once_it_has_passed_by_the_keepers_own_clock(world: KeeperWorld) -> None:
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    frame = world.frame(kinds.AMBER, due_s=3600)
    world.clock.wait(3000)
    with refused(Why.EARLY):
        world.open(sealed, frame)
    world.clock.wait(601)
    assert world.open(sealed, frame).proof is Proof.DEADLINE
    # Of when it was set the badge does not say: then it is the receiver's word.
    unsaid = world.frame(kinds.AMBER, due_s=3600, utc_s=None)
    assert world.open(sealed, unsaid).proof is Proof.CLAIM


def test_a_reason_opens_one_position_and_no_later_one(world: KeeperWorld) -> None:
    """Else one alarm would follow its wearer for the rest of the shift."""
    world.begin()
    first, later = world.keeper.seal(BADGE, 1, TEXT), world.keeper.seal(BADGE, 1, b"later")
    frame = world.frame()
    world.open(first, frame)
    with refused(Why.USED):
        world.open(later, frame)
    # Who was killed before it had the answer asks again.
    world.restart()
    assert world.open(first, frame).text == TEXT
    assert world.log().count('"again": true') == 1
    with refused(Why.USED):
        world.open(later, frame)
    assert world.open(later, world.frame()).text == b"later"


def test_what_was_sealed_in_another_shift_or_changed_is_not_opened(world: KeeperWorld) -> None:
    world.begin()
    old = world.keeper.seal(BADGE, 1, TEXT)
    world.begin(number=2)
    new = world.keeper.seal(BADGE, 2, TEXT)
    changed = bytes([*new[:-1], new[-1] ^ 1])
    for sealed in (old, changed, new[:20], b""):
        with refused(Why.OTHER):
            world.open(sealed, world.frame(), number=2)


def test_a_badge_that_was_heard_just_now_is_not_silent(world: KeeperWorld) -> None:
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    world.clock.wait(59)
    with refused(Why.HEARD):
        world.open(sealed, None)
    world.clock.wait(2)
    assert world.open(sealed, None).proof is Proof.CLAIM


def test_who_asks_for_all_badges_at_once_gets_few(world: KeeperWorld) -> None:
    """The receiver's word opens six an hour; alarms that the badges' keys made open more."""
    world.begin()
    opened = 0
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    world.clock.wait(61)
    for incident in range(100):
        with contextlib.suppress(RefusedError):
            world.open(sealed, None, incident=incident)
            opened += 1
    assert opened == limits.MOST[Proof.CLAIM].count
    assert world.log().count("TOO_MANY") == 1
    assert world.open(sealed, world.frame()).proof is Proof.ALARM
    world.clock.wait(3600)
    assert world.open(sealed, None, incident=1000).proof is Proof.CLAIM


def test_a_keeper_that_takes_no_claims_opens_for_an_alarm_and_never_for_a_silence(
    tmp_path: Path,
) -> None:
    world = KeeperWorld(tmp_path / "keeper", limits.with_claims(0))
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    world.clock.wait(7200)
    with refused(Why.NO_CLAIMS):
        world.open(sealed, None)
    assert world.open(sealed, world.frame()).proof is Proof.ALARM


def test_who_asks_for_the_same_without_end_does_not_fill_the_disk(world: KeeperWorld) -> None:
    world.begin()
    sealed, frame = world.keeper.seal(BADGE, 1, TEXT), world.frame()
    for _ in range(limits.MOST[Proof.ALARM].count):
        world.open(sealed, frame)
    for _ in range(50):
        with refused(Why.TOO_MANY):
            world.open(sealed, frame)
    assert len(world.log().splitlines()) < limits.MOST[Proof.ALARM].count + 4


def test_a_damaged_key_is_destroyed_and_said(world: KeeperWorld) -> None:
    world.begin()
    world.keeper.seal(BADGE, 1, TEXT)
    [file] = (world.folder / "keys").glob("*.key")
    os.truncate(file, 20)
    world.restart()
    assert "cannot be opened any more" in world.said[-1]
    assert world.keeper.held() == []
    assert list((world.folder / "keys").iterdir()) == []


def test_a_key_that_the_disk_does_not_let_go_of_is_dead_and_tried_again(
    world: KeeperWorld,
) -> None:
    """The keeper goes on for all others, and says so once."""
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    [file] = (world.folder / "keys").glob("*.key")
    file.rename(world.folder / "aside")
    # What cannot be written over, for any user.
    file.mkdir()
    with refused(Why.DISK):
        world.keeper.destroy(BADGE, 1)
    for _ in range(3):
        world.keeper.tick()
    assert sum("CANNOT DESTROY" in one for one in world.said) == 1
    with refused(Why.NO_SHIFT):
        world.open(sealed, world.frame())
    # Who has to see that it goes still hears of it.
    assert world.keeper.held() == [(BADGE, 1)]
    file.rmdir()
    (world.folder / "aside").rename(file)
    world.keeper.tick()
    assert world.keeper.held() == []
    assert list((world.folder / "keys").iterdir()) == []


def test_facts_that_are_lost_take_their_key_with_them(world: KeeperWorld) -> None:
    world.begin()
    [facts] = (world.folder / "keys").glob("*.json")
    facts.write_bytes(facts.read_bytes()[:-3])
    world.restart()
    assert world.keeper.held() == []


def test_lost_floors_are_said(world: KeeperWorld) -> None:
    world.begin()
    (world.folder / "floors.json").write_text("{")
    world.restart()
    assert "made anew" in world.said[-1]
    world.begin(number=2)


def test_a_full_disk_opens_nothing_without_its_line(
    world: KeeperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.begin()
    sealed = world.keeper.seal(BADGE, 1, TEXT)
    with full_disk(monkeypatch):
        with refused(Why.DISK):
            world.open(sealed, world.frame())
        with refused(Why.DISK):
            world.begin(number=2)
    assert world.open(sealed, world.frame()).text == TEXT
    assert world.keeper.held() == [(BADGE, 1)]


@contextlib.contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is synced any more: the system's own answer of a full disk."""

    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        yield


STEPS: list[Callable[[pytest.MonkeyPatch, Callable[..., None]], None]] = [
    lambda patch, die: patch.setattr(Ledger, "add", die),
    lambda patch, die: patch.setattr(ShiftKeys, "note", die),
]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_who_is_killed_while_it_opens_opens_the_same_again(
    world: KeeperWorld, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Before the line, or after it and before the reason is known as used."""
    world.begin()
    sealed, frame = world.keeper.seal(BADGE, 1, TEXT), world.frame()

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        STEPS[step](patch, die)
        with pytest.raises(KeyboardInterrupt):
            world.open(sealed, frame)
    world.restart()
    assert world.open(sealed, frame).text == TEXT
    assert world.log().count('"opened"') == 1 + step
