"""Ended at each step of an escalation: every message is sent once, or visibly sent again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import pytest
import sqlalchemy as sa

from badge.core.alarm.kinds import SOS
from nabij.centre.escalation import outbox
from nabij.centre.store import Store, StoreError
from tests.host.centre.databases import on_sqlite
from tests.host.centre.deadline_world import World, message
from tests.host.centre.escalation.rig import Rig, State, Webhook, plan

pytestmark = pytest.mark.usefixtures("each_engine")

Result = TypeVar("Result")
REPEATED = "may have reached you before"
# More transactions than an escalation takes here.
MANY = 60


class Died(BaseException):
    """The receiver is no more."""


@dataclass
class EndingStore:
    """The store, of which the transaction of a number does not come, or is the last to be.

    With `left` 0 it never ends.
    """

    store: Store
    left: int = MANY
    is_after: bool = False
    kind: type[BaseException] = Died
    is_dead: bool = False

    def write(self, work: Callable[[sa.Connection], Result]) -> Result:
        if self.is_dead:
            raise Died
        self.left -= 1
        if self.left != 0:
            return self.store.write(work)
        if self.is_after:
            self.store.write(work)
        if self.kind is StoreError:
            raise StoreError("The database is away: bring it back.")
        self.is_dead = True
        raise Died

    read = write

    def badge_ids(self) -> list[str]:
        return self.store.badge_ids()


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


@pytest.fixture
def rig(world: World, hook: Webhook) -> Iterator[Rig]:
    people = {
        "smit": {"sms": hook.url("smit")},
        "jansen": {"push": hook.url("jansen"), "mail": hook.url("mail")},
        "desk": {"phone": hook.url("desk")},
    }
    steps = '{ after_s = 0, whom = "smit" }, { after_s = 0, whom = "jansen" }'
    with Rig(world, plan(people, steps, 'after_s = 0, whom = "desk"')) as rig:
        yield rig


def alarm_until_all_is_told(rig: Rig, store: EndingStore, seq: int) -> None:
    """A new alarm, called out by whoever comes after the one that ends."""
    is_new = True
    rig.world.take(message(seq=seq, kind=SOS))
    while True:
        rig.uses = replace(rig.uses, store=store)  # type: ignore[arg-type]
        if is_new:
            rig.restart()
        try:
            # The listener's cursor is where it was: it is told again.
            for news in rig.world.told:
                rig.escalation.hear(news)
            rig.settle(seq)
            rig.settle(seq)
        except Died:
            rig.world.clock.wait(1)
            store = EndingStore(store.store, left=0)
        except StoreError:
            is_new = False
        else:
            rig.world.told = []
            # Or it would be taken for a message of the next alarm.
            rig.land()
            return


def is_all_told(rig: Rig, seq: int) -> bool:
    rows = rig.rows(seq)
    return bool(rows) and all(row.state in {State.SENT, State.SPARED} for row in rows)


@pytest.mark.parametrize("is_after", [False, True])
def test_killed_at_each_transaction_nothing_is_lost_and_what_comes_twice_says_so(
    rig: Rig, hook: Webhook, is_after: bool
) -> None:
    repeated = 0
    for number in range(1, MANY):
        hook.got.clear()
        store = EndingStore(rig.world.store, number, is_after=is_after)
        alarm_until_all_is_told(rig, store, number)
        assert is_all_told(rig, number), number
        assert {*hook.paths()} == {"/smit", "/jansen", "/desk"}, number
        for path in hook.paths():
            texts = [one["message"] for one in hook.got if one["path"] == path]
            assert len([text for text in texts if REPEATED not in text]) <= 1, (number, path)
            repeated += len(texts) - 1
        if store.left > 0:
            break
    else:
        pytest.fail("no run came to its end")
    assert number > 10
    assert repeated


def test_a_database_that_is_away_at_any_moment_makes_nobody_called_twice(
    rig: Rig, hook: Webhook
) -> None:
    for number in range(1, MANY):
        hook.got.clear()
        store = EndingStore(rig.world.store, number, kind=StoreError)
        alarm_until_all_is_told(rig, store, number)
        assert is_all_told(rig, number), number
        assert sorted(hook.paths()) == ["/desk", "/jansen", "/smit"], number
        assert not [one for one in hook.got if REPEATED in one["message"]]
        if store.left > 0:
            break
    else:
        pytest.fail("no run came to its end")
    assert number > 10


@on_sqlite
def test_a_message_of_which_the_sender_ends_each_time_does_not_come_for_ever(
    rig: Rig, hook: Webhook
) -> None:
    """It waits longer each time, the next channel is used meanwhile, and it is given up."""
    world, sent_s = rig.world, []
    world.take(message(kind=SOS))
    rig.happens()
    push = next(row.id for row in rig.rows() if row.channel == "push")
    for second in range(600):
        now_ms = world.clock.now().wall_ms

        def died(one: sa.Connection, now_ms: int = now_ms, second: int = second) -> None:
            outbox.recover(one, now_ms, ())
            if outbox.claim(one, push, now_ms) is not None:
                sent_s.append(second)

        world.store.write(died)
        world.clock.wait(1)
    assert sent_s == [0, 1, 7, 38, 159]
    pushed = rig.rows()[1]
    assert (pushed.channel, pushed.state, pushed.interrupted) == ("push", State.FAILED, 5)
    rig.settle()
    assert "/mail" in hook.paths()
    assert is_all_told(rig, 1) is False
