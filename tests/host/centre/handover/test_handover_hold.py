"""People and an alarm centre: who is called while the centre may still acknowledge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from badge.core.alarm import kinds
from nabij.centre.incidents import claims, handling
from nabij.centre.incidents.claims import Wanted
from tests.host.centre.deadline_world import World, message
from tests.host.centre.escalation.rig import Rig, State, Webhook, plan
from tests.host.centre.handover.handing import Centre
from tests.host.centre.handover.live_arc import Arc, accounts, live_arc
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("each_engine")


@pytest.fixture
def hook() -> Iterator[Webhook]:
    hook = Webhook()
    yield hook
    hook.close()


@pytest.fixture
def arc() -> Iterator[Arc]:
    with live_arc(accounts("1234")) as arc:
        yield arc


@pytest.fixture
def rig(world: World, hook: Webhook) -> Iterator[Rig]:
    steps = '{ after_s = 0, whom = "smit" }'
    text = plan({"smit": {"sms": hook.url("smit")}}, steps, 'after_s = 600, whom = "smit"')
    with Rig(world, text) as rig:
        yield rig


def handed_over(centre: Centre) -> None:
    """The centre takes all that it was told."""
    with centre.at_work():
        wait_until(centre.all_done)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("first", ["people", "centre"])
def test_nobody_is_called_for_what_a_centre_has(
    rig: Rig, hook: Webhook, arc: Arc, first: str
) -> None:
    """Whichever of the two hears of it first."""
    centre = Centre(rig.world)
    centre.told_of(arc.port, more="hold_s = 60")
    rig.world.take(message(kind=kinds.SOS))
    if first == "centre":
        handed_over(centre)
    rig.happens()
    rig.settle()
    if first == "people":
        with centre.at_work() as handing:
            for news in rig.news:
                handing.hear(news)
            wait_until(lambda: centre.states() == ["acknowledged"])
    rig.wait(61)
    assert hook.paths() == []
    assert set(rig.states()) <= {State.OVER}


def test_without_its_acknowledgement_people_are_called_when_the_time_is_over(
    rig: Rig, hook: Webhook, arc: Arc
) -> None:
    centre = Centre(rig.world)
    centre.told_of(arc.port, more="hold_s = 60")
    arc.down()
    rig.world.take(message(kind=kinds.SOS))
    rig.happens()
    rig.settle()
    rig.wait(59)
    assert hook.paths() == []
    rig.wait(2)
    assert hook.paths() == ["/smit"]


def test_without_a_hold_both_hear_at_once(rig: Rig, hook: Webhook, arc: Arc) -> None:
    centre = Centre(rig.world)
    centre.told_of(arc.port)
    rig.world.take(message(kind=kinds.SOS))
    handed_over(centre)
    assert arc.of("1234") == [("0001", "HA")]


def test_what_a_centre_is_not_told_of_waits_for_nobody(rig: Rig, hook: Webhook, arc: Arc) -> None:
    """A claim that ran out."""
    centre = Centre(rig.world)
    centre.told_of(arc.port, more="hold_s = 60")
    rig.world.take(message(kind=kinds.SOS))
    rig.happens()
    incident = rig.world.incident()
    assert incident is not None
    at_ms = rig.world.clock.now().wall_ms
    wanted = Wanted("one", incident.id, "J. Smit", at_ms, 60_000)
    for one in rig.world.store.write(lambda one: claims.take(one, wanted)):
        rig.world.tell(one)
    rig.world.clock.wait(61)
    now_ms = rig.world.clock.now().wall_ms
    for one in rig.world.store.write(lambda one: claims.expire(one, now_ms)):
        rig.world.tell(one)
    rig.happens()
    rig.settle()
    assert hook.paths() == ["/smit"]


def test_an_incident_says_how_far_its_hand_over_is(
    rig: Rig, arc: Arc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nabij.centre.handover.rows.RETRY_MS", (50,))
    centre = Centre(rig.world)
    centre.told_of(arc.port)
    rig.world.take(message(kind=kinds.SOS))
    arc.down()
    with centre.at_work():
        wait_until(lambda: "NOT ACKNOWLEDGED, 2 tries" in sentence(rig))
    arc.up(accounts("1234"))
    handed_over(centre)
    assert "alarm to alarm centre north: acknowledged at" in sentence(rig)
    assert f"by 127.0.0.1:{arc.port}" in sentence(rig)


def sentence(rig: Rig) -> str:
    [found] = rig.world.store.read(handling.dossiers)
    return " ".join(one.sentence() for one in found.handed)
