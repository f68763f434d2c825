"""How alarms stand at the receiver, and under which numbers their badge is told."""

import pytest

from badge.core.alarm import kinds
from badge.core.codec import wire
from nabij.centre.incidents.standing import Standing
from tests.host.centre.deadline_world import World, message

pytestmark = pytest.mark.usefixtures("each_engine")

SOS = {"kind": kinds.SOS}


def told(world: World, *heard: wire.Standing) -> list[Standing]:
    return list(world.store.standings("anna", heard))


def one(world: World, number: int = 0, rev: int = 1, seq: int = 1) -> Standing:
    [found] = told(world, wire.Standing(1, seq, rev, 0, number))
    return found


def test_each_change_has_a_higher_number_and_a_copy_has_the_same(world: World) -> None:
    def number() -> int:
        return one(world).number

    world.take(message(**SOS))
    numbers = [number()]
    world.take(message(attempt=2, **SOS))
    assert number() == numbers[0]
    world.centre(world.incident(), wire.STATUS_TAKEN)
    numbers.append(number())
    world.take(message(attempt=3, **SOS))
    assert number() == numbers[1]
    world.take(message(rev=2, flags=wire.FLAG_FALSE_ALARM, **SOS))
    numbers.append(number())
    world.take(message(seq=2, **SOS))
    numbers.append(one(world, seq=2).number)
    world.centre(world.incident(), wire.STATUS_CLOSED)
    numbers.append(number())
    assert numbers == sorted(set(numbers))


def test_what_is_told_is_the_state_of_now(world: World) -> None:
    world.take(message(**SOS))
    for state in (wire.STATUS_TAKEN, wire.STATUS_HELP_COMING, wire.STATUS_CLOSED):
        world.centre(world.incident(), state)
        assert (one(world).state, one(world).rev) == (state, 1)
    world.restart()
    assert one(world).state == wire.STATUS_CLOSED


def test_who_is_watched_hears_no_more_than_the_receipt_until_it_is_closed(world: World) -> None:
    for boot, forced in ((1, 0), (2, wire.FLAG_DURESS)):
        world.take(message(boot, **SOS))
        world.take(message(boot, rev=2, flags=wire.FLAG_FALSE_ALARM | forced, **SOS))
    for state in (wire.STATUS_TAKEN, wire.STATUS_HELP_COMING, wire.STATUS_CLOSED):
        heard = []
        for boot in (1, 2):
            world.centre(world.incident(boot), state)
            heard += told(world, wire.Standing(boot, 1, 2, 1, 0))
        closed = state == wire.STATUS_CLOSED
        assert [found.state for found in heard] == [state if closed else 1] * 2


def test_a_cancel_and_a_forced_one_stand_alike(world: World) -> None:
    cancelled = wire.FLAG_CANCELLED
    for boot, flags in ((1, cancelled), (2, cancelled | wire.FLAG_DURESS)):
        world.take(message(boot, due_s=60))
        world.take(message(boot, due_s=0, rev=2, flags=flags))
    assert world.incident(2) is not None
    world.centre(world.incident(2), wire.STATUS_CLOSED)
    heard = told(world, wire.Standing(1, 1, 2, 0, 0), wire.Standing(2, 1, 2, 0, 0))
    assert [found.state for found in heard] == [wire.STATUS_RECEIVED] * 2


def test_an_alarm_that_nobody_knows_is_not_told_of(world: World) -> None:
    world.take(message(**SOS))
    assert told(world, wire.Standing(1, 2, 1, 0, 0), wire.Standing(9, 1, 1, 0, 0)) == []
    assert list(world.store.standings("bert", [wire.Standing(1, 1, 1, 0, 0)])) == []


def test_a_database_from_a_backup_goes_on_above_what_the_badge_has_heard(world: World) -> None:
    """Its badge would take nothing under a lower number, and keep its alarm open for ever."""
    world.take(message(**SOS))
    raised = one(world, number=5000)
    assert raised.number == 5001
    assert one(world, number=5001).number == 5001
    world.take(message(seq=2, **SOS))
    assert one(world, seq=2).number == 5002


def test_numbers_do_not_run_out_whatever_a_badge_says(world: World) -> None:
    world.take(message(**SOS))
    assert one(world, number=wire.U32_MAX).number == 1
    world.take(message(seq=2, **SOS))
    assert one(world, seq=2).number == 2


def test_an_alarm_of_before_the_numbers_gets_one_when_it_is_told(world: World) -> None:
    world.take(message(**SOS))
    world.store.read(
        lambda connection: connection.exec_driver_sql("UPDATE alarm SET number = 0").rowcount
    )
    assert one(world).number == 2
    assert one(world).number == 2
