"""What badges are told by SMS: each state once, copies seldom, nothing without a number."""

from typing import Any

import pytest
import sqlalchemy as sa

from badge.core.codec import wire
from nabij.centre.database import sms_tables
from nabij.centre.sms import owing, settings
from nabij.centre.sms.owing import HOLD_MS, MOST_AGAIN, MOST_NEW, MOST_TRIES, Due, Looked
from tests.host.centre.sms.house import NOW_S, NUMBER, House, text
from tests.host.centre.sms.posting import post

NOBODY: frozenset[str] = frozenset()


def now_ms(house: House) -> int:
    return house.world.clock.now().wall_ms


def look(house: House, present: frozenset[str] = NOBODY) -> Looked:
    """Just after something happened."""
    at_ms = now_ms(house)
    return house.world.store.write(lambda one: owing.look(one, present, at_ms, news_ms=at_ms))


def sent(house: House, one: Due) -> None:
    house.world.store.write(lambda c: owing.sent(c, one, "twilio", now_ms(house)))


def come(house: House, seq: int = 1, number: str = "", **fields: Any) -> None:
    message = post("twilio", text(seq, **fields), NOW_S, number=number or f"n{seq}")
    assert house.post("twilio", message).status_code == 200


def move(house: House, state: int) -> None:
    house.world.centre(house.incidents()[0], state)


def test_an_alarm_by_sms_is_answered_once_and_then_told_each_state(house: House) -> None:
    come(house)
    [one] = look(house).due
    assert (one.badge, one.seq, one.state, one.number) == ("anna", 1, wire.STATUS_RECEIVED, NUMBER)
    assert (one.service, one.again) == ("twilio", False)
    # It is at work: nobody else does it.
    assert look(house).due == ()
    sent(house, one)
    assert look(house).due == ()
    for state in (wire.STATUS_TAKEN, wire.STATUS_HELP_COMING, wire.STATUS_CLOSED):
        move(house, state)
        [one] = look(house).due
        assert (one.state, one.again, one.asked_ms) == (state, False, None)
        sent(house, one)
        house.world.wait(60)
    assert look(house).due == ()


def test_two_states_in_a_row_are_one_message(house: House) -> None:
    come(house)
    move(house, wire.STATUS_TAKEN)
    move(house, wire.STATUS_HELP_COMING)
    [one] = look(house).due
    assert one.state == wire.STATUS_HELP_COMING


def test_a_badge_with_a_session_hears_of_news_by_that_but_is_answered_all_the_same(
    house: House,
) -> None:
    """What looks as a session may be a connection that died: it would not have sent an SMS."""
    here = frozenset({"anna"})
    come(house)
    [one] = look(house, here).due
    sent(house, one)
    move(house, wire.STATUS_TAKEN)
    assert look(house, here).due == ()
    house.world.wait(31)
    assert look(house, here).due == ()
    house.world.wait(31)
    [one] = look(house).due
    assert one.state == wire.STATUS_TAKEN


def test_a_change_of_the_badge_is_news_and_a_copy_is_answered_a_few_times(house: House) -> None:
    come(house)
    for rev in range(2, 6):
        [one] = look(house).due
        sent(house, one)
        come(house, number=f"rev{rev}", rev=rev)
    [one] = look(house).due
    assert (one.rev, one.again) == (5, False)
    sent(house, one)
    answers = 0
    for number in range(20):
        house.world.wait(61)
        come(house, number=f"copy{number}", rev=5)
        found = look(house)
        assert not found.is_limited
        for one in found.due:
            assert one.again
            sent(house, one)
            answers += 1
    assert answers == MOST_AGAIN
    # What is new has room all the same.
    come(house, number="new", rev=6)
    [one] = look(house).due
    assert not one.again


def test_a_badge_that_floods_is_told_so_much_in_an_hour(house: House) -> None:
    for seq in range(1, MOST_NEW + 6):
        come(house, seq)
    found = look(house)
    # What one look claims counts with the next.
    for one in found.due:
        sent(house, one)
    come(house, 100)
    found = look(house)
    assert found.due == ()
    assert found.is_limited
    house.world.wait(3_700)
    assert look(house).due


def test_without_a_number_nobody_is_sent_anything(house: House) -> None:
    house.world.store.write(lambda one: settings.keep_number(one, "anna", None))
    come(house)
    found = look(house)
    assert (found.due, found.unknown) == ((), ("anna",))
    assert look(house) == Looked(())
    house.world.store.write(lambda one: settings.keep_number(one, "anna", NUMBER))
    come(house, number="two")
    [one] = look(house).due
    assert one.number == NUMBER


def test_a_revoked_badge_is_sent_nothing(house: House) -> None:
    come(house)
    house.world.store.revoke("anna", now_ms(house))
    assert look(house).due == ()


def test_what_fails_is_tried_again_and_not_for_ever(house: House) -> None:
    come(house)
    tries = 0
    for _ in range(200):
        found = look(house).due
        for one in found:
            tries += 1
            house.world.store.write(lambda c, one=one: owing.failed(c, one, now_ms(house)))  # type: ignore[misc]
        house.world.wait(5)
    assert 5 < tries < 20
    for _ in range(40):
        house.world.wait(300)
        for one in look(house).due:
            tries += 1
            house.world.store.write(lambda c, one=one: owing.failed(c, one, now_ms(house)))  # type: ignore[misc]
    assert tries == MOST_TRIES


def test_a_receiver_that_dies_while_it_sends_sends_again(house: House) -> None:
    come(house)
    [first] = look(house).due
    house.world.restart()
    assert look(house).due == ()
    house.world.wait(HOLD_MS / 1000 + 1)
    [again] = look(house).due
    assert (again.rev, again.state) == (first.rev, first.state)


@pytest.mark.parametrize("hours", [1, 24, 24 * 365])
def test_a_clock_that_is_set_back_holds_up_no_receipt(house: House, hours: int) -> None:
    come(house)
    house.world.clock.set_forward(-3600 * hours)
    [one] = look(house).due
    sent(house, one)
    move(house, wire.STATUS_TAKEN)
    assert look(house).due


@pytest.mark.parametrize("seconds", [20, 60, 120, 280])
def test_a_clock_that_is_set_back_a_little_holds_up_the_next_state_for_no_longer(
    house: House, seconds: int
) -> None:
    """It was told and looked at before that; at most as long as one without room waits."""
    come(house)
    sent(house, look(house).due[0])
    assert look(house).due == ()
    house.world.clock.set_forward(-seconds)
    move(house, wire.STATUS_TAKEN)
    for _ in range(60):
        if look(house).due:
            return
        house.world.wait(1)
    pytest.fail("nothing is due")


def test_an_answer_does_not_count_for_what_came_while_it_was_sent(house: House) -> None:
    come(house)
    [one] = look(house).due
    house.world.wait(3)
    come(house, number="two", rev=2)
    sent(house, one)
    [two] = look(house).due
    assert (two.rev, two.again) == (2, False)


def test_a_test_of_sms_is_answered_as_any(house: House) -> None:
    come(house, flags=wire.FLAG_TEST)
    [one] = look(house).due
    assert one.seq == 1
    sent(house, one)
    assert look(house).due == ()


def test_who_is_forced_is_told_no_more_than_the_receipt(house: House) -> None:
    come(house, flags=wire.FLAG_DURESS)
    move(house, wire.STATUS_HELP_COMING)
    [one] = look(house).due
    assert one.state == wire.STATUS_RECEIVED


def test_what_is_over_is_not_looked_at_again(house: House) -> None:
    come(house)
    move(house, wire.STATUS_CLOSED)
    [one] = look(house).due
    sent(house, one)
    look(house)
    assert house.world.store.read(
        lambda one: one.execute(sa.select(sms_tables.owed.c.done)).scalar_one()
    )


def test_an_alarm_that_only_stays_open_costs_no_write_and_its_next_state_is_due_at_once(
    house: House,
) -> None:
    def is_any() -> bool:
        return house.world.store.read(lambda one: owing.is_any(one, now_ms(house), news_ms))

    come(house)
    news_ms, event = now_ms(house), house.world.store.read(owing.newest_event)
    [one] = look(house).due
    sent(house, one)
    house.world.wait(1)
    assert look(house).due == ()
    writes = 0
    for _ in range(120):
        house.world.wait(0.5)
        if is_any():
            writes += 1
            assert look(house).due == ()
    assert writes <= 2
    move(house, wire.STATUS_TAKEN)
    assert house.world.store.read(owing.newest_event) > event
    news_ms = now_ms(house)
    assert is_any()
    [one] = look(house).due
    assert one.state == wire.STATUS_TAKEN


def test_who_has_no_room_to_send_keeps_its_turn_and_lets_others_go(house: House) -> None:
    for seq in range(1, 5):
        come(house, seq)
    at_ms = now_ms(house)
    found = house.world.store.write(
        lambda one: owing.look(one, NOBODY, at_ms, at_ms, lambda due, _claimed: due.seq % 2 == 0)
    )
    assert [one.seq for one in found.due] == [2, 4]
    assert look(house).due == ()
    house.world.wait(owing.BUSY_MS / 1000)
    assert [one.seq for one in look(house).due] == [1, 3]
