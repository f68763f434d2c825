"""Of an incident it is said who was called by what, and whether that came to anything."""

from collections.abc import Iterator
from functools import partial

import pytest

from badge.core.alarm.kinds import SOS
from nabij.centre.console import details, incident_file
from nabij.centre.console.line_words import LINE_WORDS
from nabij.centre.escalation import answers
from nabij.centre.escalation.outbox import CANNOT
from nabij.centre.incidents import carriers
from nabij.centre.incidents.carriers import Via
from nabij.centre.incidents.words import local_time
from tests.host.centre.deadline_world import START_MS, World, message
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


def test_who_carried_it_is_told_with_their_own_clock_and_that_it_is_wrong(world: World) -> None:
    what = message(kind=SOS)
    world.take(what)
    said_s = START_MS // 1000
    for via in (
        Via("gw_hall", -61, said_s, 59_000),
        Via("bert", -70, said_s, 7_200_000),
        Via("gw_attic", -80, said_s, -90_000),
        Via("gw_shed", -90),
    ):
        world.store.write(partial(carriers.note, what, via, START_MS))
    found = world.store.read(lambda one: details.build(one, 1, lambda _: True, START_MS))
    assert found is not None
    told = [one for one in found.lines if one.what.startswith("carrie")]
    said = local_time(said_s * 1000)
    assert sorted((one.what, *one.given.values()) for one in told) == [
        ("carried_by_badge", "bert", "-70"),
        ("carried_by_gateway", "attic", "-80"),
        ("carried_by_gateway", "hall", "-61"),
        ("carried_by_gateway", "shed", "-90"),
        ("carrier_ahead", "bert", said, "2 h 0 min"),
        ("carrier_behind", "attic", said, "1 min 30 s"),
        ("carrier_said", "hall", said),
    ]
    assert all("{" not in LINE_WORDS[one.what].format(**one.given) for one in told)
    # And so it stands in the file that is given away.
    document = world.store.read(lambda one: incident_file.document(one, 1, START_MS))
    assert document is not None
    clocks = {one["name"]: one["clock_is_off"] for one in document["carried"]}
    assert clocks == {"attic": True, "bert": True, "hall": False, "shed": False}
    assert "carrier_behind" in {one["what"] for one in document["time_line"]}
