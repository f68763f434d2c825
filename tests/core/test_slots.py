"""The policy of the two slots: whatever happens, in whatever order, good firmware runs again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from badge.core import slots

# The worst case: a good slot is doubted, a trial fails, and a pause lies in between.
STARTS_TO_RECOVER = 2 * slots.CRASHES + slots.TRIAL_STARTS + 4


class Firmware:
    """What is in a slot: torn while it is written; `works` and `sends` are what it is worth."""

    def __init__(self, build: int, *, works: bool = True, sends: bool = True) -> None:
        self.build = build
        self.works = works
        self.sends = sends and works
        self.torn = False


class Badge(RuleBasedStateMachine):
    """A badge whose power may go between deciding and storing, and whose updates may be bad."""

    @initialize(works=st.just(True))
    def flash(self, works: bool) -> None:
        """`nabij flash` leaves firmware that works in slot a."""
        self.content = {0: Firmware(1, works=works), 1: None}
        self.stored = slots.encode(slots.first(1, "1"))
        self.running: int | None = None
        self.newest = 1
        self.proven: set[int] = set()

    def load(self) -> Any:
        record = slots.decode(self.stored)
        assert record is not None
        return record

    def firmware(self) -> Firmware:
        assert self.running is not None
        found = self.content[self.running]
        assert found is not None
        return found

    @rule(crashed=st.booleans(), cut=st.booleans())
    def start(self, crashed: bool, cut: bool) -> None:
        record = self.load()
        index = record.start(crashed)
        self.running = None
        if cut:
            return
        self.stored = slots.encode(record)
        if index == slots.NOBODY:
            return
        self.running = index
        assert not self.firmware().torn

    @precondition(lambda self: self.running is not None and self.firmware().works)
    @rule(linked=st.booleans(), cut=st.booleans())
    def steady(self, linked: bool, cut: bool) -> None:
        record = self.load()
        firmware = self.firmware()
        record.steady(self.running, linked and firmware.sends)
        if not cut:
            self.stored = slots.encode(record)
            if record.slots[self.running].state == slots.GOOD:
                self.proven.add(firmware.build)

    @precondition(lambda self: self.running is not None)
    @rule(
        step=st.integers(-2, 2),
        works=st.booleans(),
        sends=st.booleans(),
        cut_at=st.sampled_from(["open", "writing", "commit", "never", "never"]),
    )
    def update(self, step: int, works: bool, sends: bool, cut_at: str) -> None:
        record = self.load()
        build = max(0, self.newest + step)
        before = slots.encode(record)
        try:
            target = record.open(build)
        except slots.SlotError:
            assert slots.encode(record) == before
            return
        assert build >= max(self.proven, default=0)
        assert target != self.running
        if cut_at == "open":
            return
        self.stored = slots.encode(record)
        new = self.content[target] = Firmware(build, works=works, sends=sends)
        new.torn = True
        if cut_at == "writing":
            return
        new.torn = False
        record.commit(target, build, str(build))
        if cut_at == "commit":
            return
        self.stored = slots.encode(record)
        self.newest = max(self.newest, build)

    @invariant()
    def exactly_one_slot_is_next_and_it_is_whole(self) -> None:
        if not hasattr(self, "stored"):
            return
        record = self.load()
        assert record.active in (0, 1)
        content = self.content[record.active]
        assert content is not None
        assert not content.torn
        trials = [slot for slot in record.slots if slot.state == slots.TRIAL]
        assert len(trials) <= 1

    @invariant()
    def firmware_that_has_proven_itself_is_still_there(self) -> None:
        if not hasattr(self, "proven") or not self.proven:
            return
        whole = [found for found in self.content.values() if found and not found.torn]
        assert any(found.build in self.proven for found in whole)

    @invariant()
    def left_alone_the_badge_runs_firmware_that_works(self) -> None:
        """Crash after crash, without anybody doing anything."""
        if not hasattr(self, "stored"):
            return
        # Bad firmware that never proved itself may have taken an update over good that never did.
        if not any(found and found.works and not found.torn for found in self.content.values()):
            assert not self.proven
            return
        record = self.load()
        for _ in range(STARTS_TO_RECOVER):
            index = record.start(True)
            if index == slots.NOBODY:
                continue
            content = self.content[index]
            assert content is not None
            if content.works:
                return
        raise AssertionError("the badge does not find the firmware that works")


Badge.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
test_any_sequence_of_starts_updates_and_cuts = Badge.TestCase


def proven_badge(build: int = 5) -> Any:
    record = slots.first(build, str(build))
    record.start(False)
    assert record.steady(0, True)
    return record


def updated_badge() -> Any:
    record = proven_badge()
    record.commit(record.open(6), 6, "6")
    return record


def test_a_trial_that_never_proves_itself_falls_back_after_its_starts():
    record = updated_badge()
    assert [record.start(True) for _ in range(4)] == [1, 1, 1, 0]
    assert record.slots[1].state == slots.FAILED
    assert record.slots[0].state == slots.GOOD


def test_running_without_reaching_the_receiver_does_not_prove_an_update():
    record = updated_badge()
    record.start(False)
    record.steady(1, False)
    assert record.slots[1].state == slots.TRIAL
    record.steady(1, True)
    assert record.slots[1].state == slots.GOOD
    assert record.floor == 6


def test_firmware_with_nothing_to_fall_back_to_only_has_to_run():
    record = slots.first(1, "1")
    record.start(False)
    assert record.steady(0, False)
    assert record.slots[0].state == slots.GOOD


@pytest.mark.parametrize("crashes", range(slots.TRIAL_STARTS))
def test_a_fresh_badge_that_is_switched_off_again_and_again_never_pauses(crashes: int):
    """Its first minutes may be spent on a bench, a power switch at hand."""
    record = slots.first(1, "1")
    assert [record.start(True) for _ in range(crashes)] == [0] * crashes
    assert [record.start(False) for _ in range(20)] == [0] * 20
    assert record.slots[0].state == slots.TRIAL
    # So that a person who holds the button gets the prompt all the same.
    assert record.doubtful()


def test_restarts_that_somebody_asks_for_use_up_no_start_of_a_fresh_badge():
    """Flashed, provisioned and configured twice within some minutes."""
    record = slots.first(1, "1")
    for _ in range(10):
        assert record.start(True) == 0
        assert record.spare(0)
    assert not record.spare(0)
    assert not record.spare(1)
    assert not slots.Slots().spare(slots.NOBODY)


def test_an_update_on_trial_gets_no_start_back():
    record = updated_badge()
    record.start(True)
    assert not record.spare(1)
    assert record.slots[1].tries == slots.TRIAL_STARTS - 1


def test_switching_off_does_not_keep_a_fresh_badge_that_crashes_from_a_pause():
    record = slots.first(1, "1")
    starts = [record.start(crashed) for crashed in (False, False, False, True, True, True)]
    assert starts == [0, 0, 0, 0, 0, slots.NOBODY]


def test_an_update_on_trial_has_its_starts_however_they_come_about():
    """There is something to fall back to, and a dip of the supply looks like a power switch."""
    record = updated_badge()
    assert [record.start(False) for _ in range(4)] == [1, 1, 1, 0]


def test_the_old_firmware_cannot_prove_the_update_that_waits_for_its_start():
    record = updated_badge()
    assert not record.steady(0, True)
    assert record.slots[1].state == slots.TRIAL


def test_an_older_build_is_refused_but_a_fall_back_is_not():
    record = updated_badge()
    record.start(False)
    record.steady(1, True)
    with pytest.raises(slots.SlotError) as refused:
        record.open(5)
    assert refused.value.code == "slots.older"
    for _ in range(slots.CRASHES - 1):
        assert record.start(True) == 1
    assert record.start(True) == 0


def test_a_build_with_the_number_of_the_one_that_runs_is_taken():
    """It may be a mended one: what runs already is known by its files, not by its number."""
    assert proven_badge().open(5) == 1


def test_no_update_while_one_is_on_trial():
    record = updated_badge()
    with pytest.raises(slots.SlotError) as refused:
        record.open(7)
    assert refused.value.code == "slots.trial"


def test_only_a_slot_that_was_opened_is_committed():
    record = updated_badge()
    record.start(False)
    record.steady(1, True)
    with pytest.raises(slots.SlotError) as refused:
        record.commit(0, 7, "7")
    assert refused.value.code == "slots.moved"


def test_switching_off_and_on_does_not_make_good_firmware_doubtful():
    record = proven_badge()
    assert {record.start(False) for _ in range(50)} == {0}
    assert not record.doubtful()


def test_without_good_firmware_the_badge_pauses_and_tries_by_turns():
    record = proven_badge()
    while record.start(True) != slots.NOBODY:
        pass
    assert [record.start(True) for _ in range(4)] == [0, slots.NOBODY, 0, slots.NOBODY]
    assert record.start(True) == 0
    assert record.steady(0, False)
    assert [record.start(True) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("active", "states", "tried"),
    [
        (1, (slots.WORN, slots.FAILED), 0),
        (0, (slots.FAILED, slots.WORN), 1),
        (0, (slots.WORN, slots.FAILED), 0),
        (0, (slots.FAILED, slots.TRIAL), 1),
        (1, (slots.FAILED, slots.FAILED), 0),
        (1, (slots.EMPTY, slots.FAILED), 1),
    ],
)
def test_of_two_that_failed_the_one_that_was_good_once_is_tried_first(active, states, tried):
    record = slots.found((4, 7))
    record.active = active
    for slot, state in zip(record.slots, states, strict=True):
        slot.state = state
    assert [record.start(True) for _ in range(2)] == [slots.NOBODY, tried]


def test_a_held_button_asks_for_a_pause_only_after_a_start_that_failed():
    record = updated_badge()
    assert not record.doubtful()
    record.start(False)
    assert record.doubtful()
    record.steady(1, True)
    assert not record.doubtful()
    record.start(True)
    assert record.doubtful()


@given(st.binary(max_size=80))
def test_random_bytes_are_no_record(data: bytes) -> None:
    assert slots.decode(data) is None


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at: int, flip: int) -> None:
    data = bytearray(slots.encode(updated_badge()))
    data[at % len(data)] ^= flip
    assert slots.decode(bytes(data)) is None


@pytest.mark.parametrize(
    ("builds", "active", "states"),
    [
        ((None, None), slots.NOBODY, (slots.EMPTY, slots.EMPTY)),
        ((4, None), 0, (slots.TRIAL, slots.EMPTY)),
        ((4, 7), 1, (slots.GOOD, slots.TRIAL)),
        ((7, 4), 0, (slots.TRIAL, slots.GOOD)),
    ],
)
def test_a_lost_record_is_made_anew_from_the_slots(builds, active, states):
    record = slots.found(builds)
    assert record.active == active
    assert tuple(slot.state for slot in record.slots) == states
    assert record.installed() == (active != slots.NOBODY)
