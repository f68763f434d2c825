"""A silence on shift is one incident, and what ends it: the badge, or a person."""

from badge.core.alarm.kinds import SOS
from badge.core.codec import wire
from nabij.centre.incidents.incident import OWN_BOOT, Incident
from nabij.centre.incidents.merge import What
from nabij.centre.incidents.words import QUIET
from tests.host.centre.deadline_world import START_MS, World, message

SHIFT_S = 3600
LOST_MS = START_MS + 60_000


def on_shift(world: World) -> None:
    world.take(message(1, 1, kind=SOS, flags=wire.FLAG_TEST, watch_s=SHIFT_S))
    world.heard()


def goes_quiet(world: World, lost_ms: int | None = LOST_MS) -> list[What]:
    if lost_ms is not None:
        world.store.note_lost({"anna": lost_ms})
    news = world.store.gone_quiet("anna", world.clock.now())
    if news is not None:
        world.tell(news)
    return world.heard()


def comes_back(world: World) -> list[What]:
    news = world.store.heard_again("anna", world.clock.now())
    if news is not None:
        world.tell(news)
    return world.heard()


def of_silence(world: World, seq: int = 1) -> Incident:
    one = world.incident(OWN_BOOT, seq)
    assert one is not None
    return one


def test_a_badge_that_is_on_no_shift_cannot_go_quiet(world: World) -> None:
    assert goes_quiet(world) == []
    assert comes_back(world) == []


def test_a_silence_is_one_incident_with_the_shift_and_since_when(world: World) -> None:
    on_shift(world)
    world.clock.wait(600)
    assert goes_quiet(world) == [What.OPENED]
    assert goes_quiet(world) == []
    one = of_silence(world)
    assert (one.kind, one.state, one.test) == (QUIET, wire.STATUS_RECEIVED, False)
    assert (one.raised_ms, one.heard_ms, one.back_ms) == (LOST_MS, LOST_MS, None)
    assert (one.received_ms, one.age_ms) == (START_MS + 600_000, 540_000)
    assert (one.shift_ms, one.until_ms) == (START_MS, START_MS + SHIFT_S * 1000)


def test_one_that_nobody_noted_as_lost_is_quiet_from_now_on(world: World) -> None:
    on_shift(world)
    world.clock.wait(600)
    assert goes_quiet(world, lost_ms=None) == [What.OPENED]
    assert of_silence(world).raised_ms == START_MS + 600_000


def test_what_nobody_took_is_closed_by_the_badge_itself(world: World) -> None:
    on_shift(world)
    world.clock.wait(600)
    goes_quiet(world)
    world.clock.wait(60)
    assert comes_back(world) == [What.BACK]
    one = of_silence(world)
    assert (one.state, one.heard_ms, one.back_ms) == (
        wire.STATUS_CLOSED,
        LOST_MS,
        START_MS + 660_000,
    )
    assert comes_back(world) == []
    # The next silence is another incident.
    world.store.note_lost({"anna": START_MS + 700_000})
    world.clock.wait(600)
    assert goes_quiet(world, START_MS + 700_000) == [What.OPENED]
    assert of_silence(world, 2).raised_ms == START_MS + 700_000


def test_what_somebody_took_stays_theirs_and_the_next_silence_is_told_with_it(
    world: World,
) -> None:
    on_shift(world)
    world.clock.wait(600)
    goes_quiet(world)
    world.centre(of_silence(world), wire.STATUS_TAKEN)
    assert comes_back(world) == [What.BACK]
    assert of_silence(world).state == wire.STATUS_TAKEN
    world.clock.wait(600)
    again_ms = START_MS + 900_000
    assert goes_quiet(world, again_ms) == [What.QUIET_AGAIN]
    one = of_silence(world)
    assert (one.heard_ms, one.back_ms, one.raised_ms) == (again_ms, None, LOST_MS)
    assert world.incident(OWN_BOOT, 2) is None


def test_an_incident_says_how_long_the_silence_was(world: World) -> None:
    on_shift(world)
    world.clock.wait(600)
    goes_quiet(world)
    world.clock.wait(60)
    news = world.store.heard_again("anna", world.clock.now())
    assert news is not None
    [told] = world.store.news((news,))
    assert told.sentence().endswith("the badge is heard again after 10 min 0 s; closed.")
