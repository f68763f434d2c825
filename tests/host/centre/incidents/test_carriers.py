"""By whom an alarm was carried: each carrier once, with when, how often and how strong."""

from functools import partial

from badge.core.alarm.kinds import AMBER, SOS
from nabij.centre.incidents import carriers
from nabij.centre.incidents.carriers import Carrier, Via
from nabij.centre.incidents.words import local_time
from tests.host.centre.deadline_world import START_MS, World, message


def note(world: World, seq: int, carrier: str, rssi_dbm: int, at_ms: int, boot: int = 1) -> None:
    what, via = message(boot, seq, kind=SOS), Via(carrier, rssi_dbm)
    world.store.write(lambda connection: carriers.note(what, via, at_ms, connection))


def test_each_carrier_of_an_incident_is_there_once_in_the_order_in_which_they_came(
    world: World,
) -> None:
    world.take(message(1, 1, kind=SOS))
    world.take(message(1, 2, kind=SOS))
    world.take(message(1, 3, kind=AMBER, due_s=60))
    note(world, 1, "gw_hall", -80, START_MS + 2)
    note(world, 1, "bert", -60, START_MS + 1)
    note(world, 2, "gw_hall", -70, START_MS + 3)
    note(world, 1, "gw_hall", -75, START_MS + 9)
    # No incident, and an alarm that nobody knows any more.
    note(world, 3, "gw_hall", -70, START_MS + 3)
    note(world, 4, "gw_hall", -70, START_MS + 3)
    note(world, 1, "gw_hall", -70, START_MS + 3, boot=2)
    hall = Carrier("gw_hall", START_MS + 2, START_MS + 9, 2, -75)
    bert = Carrier("bert", START_MS + 1, START_MS + 1, 1, -60)
    other = Carrier("gw_hall", START_MS + 3, START_MS + 3, 1, -70)
    found = world.store.read(lambda connection: carriers.of(connection, None))
    assert found == {1: [bert, hall], 2: [other]}
    assert world.store.read(lambda connection: carriers.of(connection, [2, 9])) == {2: [other]}


def test_what_its_own_clock_said_is_kept_the_last_time_and_told_to_be_wrong(
    world: World,
) -> None:
    world.take(message(1, 1, kind=SOS))
    said_s = START_MS // 1000
    what = message(1, 1, kind=SOS)
    for name, off_ms in (("gw_a", 60_000), ("gw_b", 60_001), ("gw_c", -3 * 86_400_000)):
        for via in (Via(name, -70, 5, -1), Via(name, -70, said_s, off_ms)):
            world.store.write(partial(carriers.note, what, via, START_MS))
    right, ahead, behind = world.store.read(lambda one: carriers.of(one, None))[1]
    assert [one.clock_is_off for one in (right, ahead, behind)] == [False, True, True]
    assert {one.said_s for one in (right, ahead, behind)} == {said_s}
    said = local_time(said_s * 1000)
    assert right.sentence().endswith(f" dBm; its own clock said {said}")
    assert ahead.sentence().endswith(f"said {said}, WHICH IS 1 min 0 s ahead")
    assert behind.sentence().endswith(f"said {said}, WHICH IS 3 d 0 h behind")
    assert (behind.fields()["clock_is_off"], behind.fields()["off_ms"]) == (True, -259_200_000)
    # One that knows no time says none, the next time too.
    world.store.write(partial(carriers.note, what, Via("gw_a", -70), START_MS))
    right = world.store.read(lambda one: carriers.of(one, None))[1][0]
    assert (right.said_s, right.off_ms, right.clock_is_off) == (None, None, False)
    assert right.sentence().endswith(" dBm")


def test_a_gateway_and_a_colleagues_badge_are_told_apart() -> None:
    hall = Carrier("gw_hall", START_MS, START_MS + 5000, 3, -75)
    bert = Carrier("bert", START_MS, START_MS, 1, -60)
    begin, end = local_time(START_MS), local_time(START_MS + 5000)
    assert hall.sentence() == f"carried by gateway hall at {begin}, 3 times until {end}, -75 dBm"
    assert bert.sentence() == f"carried by badge bert at {begin}, -60 dBm"
    assert (hall.fields()["by"], hall.fields()["name"]) == ("gateway", "hall")
    assert (bert.fields()["by"], bert.fields()["times"]) == ("badge", 1)
