"""Room tags: the one that is heard best goes along with an alarm, and nothing hangs on it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.codec import place, tags, wire
from nabij.data import traces
from nabij.virtual import site as sites
from nabij.virtual.badge import Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import assert_still_armed, felt, said, squeeze
from tests.worlds import Site

HOUSE = "00112233445566778899aabbccddeeff"
SETTINGS = {"shift_test": False, "tag_scan": True, "tag_houses": HOUSE}
PRESS_MS = 60_000
ALWAYS = (0, 100_000_000)


def ibeacon(house: str, minor: int) -> str:
    return "0201061aff4c000215" + house + "0001" + f"{minor:04x}" + "c5"


def id_of(minor: int) -> bytes:
    identity = bytes.fromhex(HOUSE + "0001" + f"{minor:04x}")
    return bytes(tags.id_of(tags.IBEACON, identity))


def lived(site: Site, folder: Path, duration_ms: int, **more: Any) -> Run:
    settings = SETTINGS | more.pop("settings", {})
    remote = sites.remote(site.state, site.provision) | {"observe_frames": True}
    modem = {"rtt_ms": 200, "register_ms": 2000, "remote": remote} | more.pop("modem", {})
    number = len(list(folder.iterdir()))
    run = run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision_with(folder / f"provision{number}", settings),
            modem=modem,
            ble={"gateway": False} | more.pop("ble", {}),
            **more,
        )
    )
    assert not any("Traceback" in line for line in run.console), run.console[-20:]
    assert_still_armed(run)
    return run


def alarms(run: Run, site: Site) -> list[tuple[float, wire.AlarmMessage]]:
    """When each frame of an alarm came to the receiver, and what it says."""
    key = bytes.fromhex(sites.remote(site.state, site.provision)["hmac_key"])
    return [
        (fact["t_ms"], wire.decode_alarm(bytes.fromhex(fact["hex"]), lambda _: key))
        for fact in run.facts
        if fact.get("remote") == "frame"
    ]


def on_ms(run: Run) -> list[float]:
    return [fact["t_ms"] for fact in run.facts if fact.get("ble") == "on"]


def test_in_an_alarm_the_room_is_told_after_the_first_message(site: Site, tmp_path: Path) -> None:
    heard = [[*ALWAYS, ibeacon(HOUSE, 7), -70], [*ALWAYS, ibeacon(HOUSE, 8), -50]]
    run = lived(site, tmp_path, 90_000, ble={"tags": heard}, events=[squeeze(PRESS_MS)])
    (first_ms, first), *rest = alarms(run, site)
    assert first.tag is None
    assert on_ms(run)[0] > first_ms
    told_ms, told = next(one for one in rest if one[1].tag is not None)
    assert told.tag == place.Tag(id_of(8), -50)
    assert told.rev == first.rev + 1
    assert told_ms - PRESS_MS < 10_000
    # One incident, and nothing is felt that is not felt without.
    assert len([fact for fact in run.facts if fact.get("remote") == "incident"]) == 1
    without = lived(
        site, tmp_path, 90_000, settings={"tag_scan": False}, events=[squeeze(PRESS_MS)]
    )
    assert felt(run) == felt(without)
    assert on_ms(without) == []


def test_another_room_is_told_and_a_phone_or_another_house_never(
    site: Site, tmp_path: Path
) -> None:
    heard = [
        [0, 80_000, ibeacon(HOUSE, 7), -70],
        [80_000, ALWAYS[1], ibeacon(HOUSE, 8), -75],
        [*ALWAYS, ibeacon("ff" * 16, 1), -30],
        [*ALWAYS, "0201061aff4c000215" + HOUSE, -20],
    ]
    run = lived(
        site, tmp_path, 150_000, ble={"tags": heard, "around": 5}, events=[squeeze(PRESS_MS)]
    )
    ids = [one.tag.id for _, one in alarms(run, site) if one.tag is not None]
    assert ids[0] == id_of(7)
    assert ids[-1] == id_of(8)
    assert set(ids) == {id_of(7), id_of(8)}


def test_after_a_walk_it_listens_once_for_two_seconds(site: Site, tmp_path: Path) -> None:
    person = Body()
    moves = [person.standing(20.0), person.walking(30.0), person.standing(60.0)]
    trace = Trace(traces.write_sim_trace(tmp_path / "walk", np.concatenate(moves)))
    heard = [[*ALWAYS, ibeacon(HOUSE, 7), -60]]
    run = lived(
        site, tmp_path, 105_000, ble={"tags": heard}, trace=trace, events=[squeeze(95_000)]
    )
    (began_ms,) = [at_ms for at_ms in on_ms(run) if at_ms < 95_000]
    ends = [fact["t_ms"] for fact in run.facts if fact.get("ble") == "off"]
    assert 50_000 < began_ms < 75_000
    assert ends[0] - began_ms < 2_200
    # So the first message of an alarm has it, without a wait.
    assert alarms(run, site)[0][1].tag == place.Tag(id_of(7), -60)


def walked(tmp_path: Path) -> Trace:
    """Whoever walks for half a minute, and then stands."""
    person = Body()
    moves = [person.standing(20.0), person.walking(30.0), person.standing(60.0)]
    return Trace(traces.write_sim_trace(tmp_path / "walk", np.concatenate(moves)))


# From when the radio is switched on, which takes 0.3 s; then it listens for 2 s.
@pytest.mark.parametrize("after_ms", [-300, 200, 700])
def test_a_squeeze_around_a_window_goes_as_fast_as_without(
    site: Site, tmp_path: Path, after_ms: int
) -> None:
    trace = walked(tmp_path)
    tag = {"tags": [[*ALWAYS, ibeacon(HOUSE, 7), -60]]}
    look_ms = int(on_ms(lived(site, tmp_path, 80_000, ble=tag, trace=trace))[0])
    press = [squeeze(look_ms + after_ms)]
    length_ms = look_ms + 12_000
    run = lived(site, tmp_path, length_ms, ble=tag, trace=trace, events=press)
    without = lived(
        site, tmp_path, length_ms, settings={"tag_scan": False}, trace=trace, events=press
    )
    assert alarms(run, site)[0][0] <= alarms(without, site)[0][0] + 50
    # While it is not told yet the radio has no part in it; then the room is looked for.
    (raised,) = said(run, "alarm.opened")
    sent_ms = alarms(run, site)[0][0]
    radio = [(fact["t_ms"], fact["ble"]) for fact in run.facts if "ble" in fact]
    assert not [
        at_ms for at_ms, what in radio if what == "on" and raised.ticks_ms < at_ms < sent_ms
    ]
    before = [what for at_ms, what in radio if at_ms < raised.ticks_ms + 100]
    assert before[-1:] != ["on"]
    assert [one.tag.id for _, one in alarms(run, site) if one.tag is not None][-1] == id_of(7)
    assert felt(run) == felt(without)


def test_while_an_alarm_cannot_be_told_the_radio_stays_off(site: Site, tmp_path: Path) -> None:
    trace = walked(tmp_path)
    tag = {"tags": [[*ALWAYS, ibeacon(HOUSE, 7), -60]]}
    look_ms = int(on_ms(lived(site, tmp_path, 80_000, ble=tag, trace=trace))[0])
    run = lived(
        site,
        tmp_path,
        look_ms + 12_000,
        ble=tag,
        trace=trace,
        events=[squeeze(look_ms - 300)],
        modem={"no_coverage_ms": [[look_ms - 2_000, ALWAYS[1]]]},
    )
    assert said(run, "alarm.opened")
    assert not alarms(run, site)
    assert on_ms(run) == []


def test_a_tag_arms_nothing_and_disarms_nothing(site: Site, tmp_path: Path) -> None:
    """With tags, without, with a radio that fails: the same alarms, at the same time."""
    person = Body()
    moves = [person.walk_fall_lie(30.0, 60.0)]
    trace = Trace(traces.write_sim_trace(tmp_path / "fall", np.concatenate(moves)))
    heard = [[*ALWAYS, ibeacon(HOUSE, 7), -60]]
    runs = [
        lived(site, tmp_path, 110_000, trace=trace, ble={"tags": heard}),
        lived(site, tmp_path, 110_000, trace=trace, ble={"broken": True}),
        lived(site, tmp_path, 110_000, trace=trace, settings={"tag_scan": False}),
    ]
    opened = [
        [(one.fields["kind"], one.ticks_ms) for one in said(run, "alarm.opened")] for run in runs
    ]
    assert opened[0]
    assert opened[0] == opened[1] == opened[2]
    assert felt(runs[0]) == felt(runs[1]) == felt(runs[2])
