"""Of an incident it is said who was called by what, and whether that came to anything."""

from collections.abc import Iterator

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre.console import details
from nabij.centre.escalation import answers
from nabij.centre.escalation.outbox import CANNOT
from tests.host.centre.deadline_world import World, message
from tests.host.centre.escalation.rig import Rig, Webhook, plan
from tests.ports import free_port


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


def lines(rig: Rig) -> list[tuple[str, str, bool]]:
    """(what, name and channel, whether anything was said) of all who were called."""
    now_ms = rig.world.clock.now().wall_ms
    found = rig.world.store.read(lambda one: details.build(one, 1, lambda _: True, now_ms))
    assert found is not None
    return [
        (one.what, f"{one.given['name']} {one.given['channel']}", bool(one.text))
        for one in found.lines
        if one.given
    ]


def test_each_call_stands_in_the_time_line_as_it_is_now(world: World, hook: Webhook) -> None:
    nobody = f"json://127.0.0.1:{free_port()}/x"
    people = {"smit": {"push": nobody, "sms": hook.url("smit")}, "desk": {"sms": hook.url("desk")}}
    steps = '{ after_s = 0, whom = "smit" }'
    with Rig(world, plan(people, steps, 'after_s = 600, whom = "desk"')) as rig:
        world.take(message(kind=SOS))
        rig.happens()
        assert lines(rig) == []
        rig.settle()
        rig.settle()
        refused, reached = ("not_called", "Smit push", True), ("called", "Smit sms", False)
        assert sorted(lines(rig)) == sorted([refused, reached])
        hook.status = 500
        rig.wait(601)
        assert ("called_again", "Desk sms", True) in lines(rig)
        for _ in range(2):
            rig.wait(121)
        assert ("not_called", "Desk sms", True) in lines(rig)


def test_who_cannot_come_is_named(world: World, hook: Webhook) -> None:
    people = {"smit": {"sms": hook.url("smit")}}
    steps = '{ after_s = 0, whom = "smit" }'
    with Rig(world, plan(people, steps, 'after_s = 600, whom = "smit"')) as rig:
        world.take(message(kind=SOS))
        rig.happens()
        rig.settle()
        row = rig.rows()[0].id
        world.store.write(lambda one: answers.answer(one, row, CANNOT, 5))
        found = world.store.read(lambda one: details.build(one, 1, lambda _: True, 1))
    assert found is not None
    assert [one.by for one in found.lines if one.what == "cannot_come"] == ["Smit"]
