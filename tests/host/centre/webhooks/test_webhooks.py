"""What happens is posted to each webhook, at least once and in order, whatever it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from badge.core.alarm.kinds import SOS
from badge.core.codec.place import SATELLITES, Position
from nabij.centre import telling
from nabij.centre.webhooks import hooks, webhooks
from nabij.centre.webhooks.hooks import Hook
from nabij.centre.webhooks.webhooks import Webhooks
from nabij.errors import NabijError
from tests.host.centre.deadline_world import World, message
from tests.host.centre.webhooks.inbox import Inbox
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(telling, "LOOK_S", 0.05)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


def hook_to(world: World, inbox: Inbox, name: str = "ward") -> Hook:
    made = world.store.write(lambda one: hooks.add(one, name, inbox.url))
    inbox.secret = hooks.shown_secret(made)
    return made


def begun(world: World, limit_s: float = 0.3) -> Webhooks:
    posting = Webhooks(lambda _sentence: None, limit_s)
    posting.job(world)
    posting.look()
    return posting


def ended(posting: Webhooks) -> None:
    asyncio.run(posting.stop())


def alarms(world: World, *numbers: int) -> None:
    for number in numbers:
        world.take(message(seq=number, kind=SOS))


def test_all_is_posted_signed_and_in_order(world: World, inbox: Inbox) -> None:
    hook_to(world, inbox)
    posting = begun(world)
    alarms(world, 1, 2, 3)
    wait_until(lambda: len(inbox.got) == 3)
    assert inbox.events() == [(1, "opened"), (2, "opened"), (3, "opened")]
    first = inbox.got[0]
    assert first["ours"]
    assert (first["badge"], first["incident"]["kind_name"], first["drill"]) == (
        "anna",
        "sos",
        False,
    )
    ended(posting)


def test_where_the_badge_is_goes_with_what_happened_and_anew_when_it_moved(
    world: World, inbox: Inbox
) -> None:
    hook_to(world, inbox)
    posting = begun(world)
    here = Position(520066700, 43555600, 40, 180, SATELLITES)
    world.take(message(kind=SOS, position=here))
    world.take(message(kind=SOS, rev=2, position=here._replace(lat_e7=520068000, age_s=0)))
    wait_until(lambda: len(inbox.got) == 2)
    assert [one["what"] for one in inbox.got] == ["opened", "placed"]
    where = inbox.got[1]["where"]
    assert where["best"]["lat_e7"] == 520068000
    assert where["words"] == ["within 40 m of 52.00680, 4.35556, 0.0 s ago, by satellite"]
    assert [one["lat_e7"] for one in where["spots"]] == [520066700, 520068000]
    ended(posting)


@pytest.mark.parametrize("fault", [500, 404, 302, "hang", "drip"])
def test_what_is_not_taken_is_posted_again_until_it_is(
    world: World, inbox: Inbox, fault: int | str
) -> None:
    """Late, refused, sent elsewhere or never ended: nothing is lost, and nobody else waits."""
    hook = hook_to(world, inbox)
    other = Inbox()
    inbox.answers = [fault, fault, 200]
    posting = begun(world)
    hook_to(world, other, "other")
    posting.look()
    alarms(world, 1, 2)
    wait_until(lambda: len(inbox.got) >= 2)
    assert {seq for seq, _ in inbox.events()} == {1, 2}
    assert all(one["ours"] for one in inbox.got)
    wait_until(lambda: len(other.got) == 2)
    wait_until(lambda: state(world, hook).failing_ms is None)
    ended(posting)
    other.close()


def state(world: World, hook: Hook) -> Hook:
    return next(one for one in world.store.read(hooks.all_of) if one.id == hook.id)


def test_a_receiver_that_starts_anew_goes_on_where_it_was(world: World, inbox: Inbox) -> None:
    hook = hook_to(world, inbox)
    inbox.answers = [200, 503]
    posting = begun(world)
    alarms(world, 1)
    wait_until(lambda: inbox.events() == [(1, "opened")])
    alarms(world, 2)
    wait_until(lambda: state(world, hook).said == "it answered 503")
    ended(posting)
    # Nobody posts now, and more happens.
    alarms(world, 3)
    assert world.store.read(lambda one: hooks.behind(one, hook)) == 2
    inbox.answers = [200]
    again = begun(world)
    wait_until(lambda: inbox.events() == [(1, "opened"), (2, "opened"), (3, "opened")])
    wait_until(lambda: world.store.read(lambda one: hooks.behind(one, hook)) == 0)
    ended(again)


def test_one_that_takes_nothing_for_a_minute_is_a_trouble_that_is_said(
    world: World, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PATIENCE_MS", -1)
    hook = hook_to(world, inbox)
    inbox.answers = [500]
    posting = begun(world)
    alarms(world, 1)
    wait_until(lambda: state(world, hook).failing_ms)
    with pytest.raises(NabijError, match=r"Webhook ward takes nothing since .*answered 500"):
        posting.look()
    world.store.write(lambda one: hooks.disable(one, hook.id, disabled=True))
    wait_until(lambda: quiet(posting))
    ended(posting)


def test_one_that_is_gone_is_posted_nothing_and_no_event_waits_for_it(
    world: World, inbox: Inbox
) -> None:
    hook = hook_to(world, inbox)
    posting = begun(world)
    alarms(world, 1)
    wait_until(lambda: len(inbox.got) == 1)
    world.store.write(lambda one: hooks.remove(one, hook.id))
    wait_until(lambda: quiet(posting))
    alarms(world, 2)
    newer = hook_to(world, inbox, "newer")
    assert newer.id != hook.id
    posting.look()
    alarms(world, 3)
    wait_until(lambda: inbox.events() == [(1, "opened"), (3, "opened")])
    ended(posting)


def quiet(posting: Webhooks) -> bool:
    with suppress(NabijError):
        posting.look()
        return not posting.is_at_work
    return False
