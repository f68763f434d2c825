"""A badge that carries for colleagues: what it hears gets through, and its own goes first."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from nabij.data import traces
from nabij.virtual import site as sites
from nabij.virtual.badge import Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import assert_still_armed, felt, said, squeeze, tap
from tests.worlds import Site

SETTINGS = {"shift_test": False, "relay_scan_s": 30}
CALLS = [[40_000, 400_000]]


def key_of(site: Site) -> str:
    identity = json.loads((site.provision / "identity.json").read_text())
    return str(identity["hmac_key"])


def lived(site: Site, folder: Path, duration_ms: int, **more: Any) -> Run:
    """A badge in coverage beside a colleague who calls."""
    settings = SETTINGS | more.pop("settings", {})
    ble = {"calls_ms": CALLS, "caller_key": key_of(site), "gateway": False}
    remote = sites.remote(site.state, site.provision) | more.pop("remote", {})
    modem = {"rtt_ms": 200, "register_ms": 2000, "remote": remote} | more.pop("modem", {})
    number = len(list(folder.iterdir()))
    run = run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision_with(folder / f"provision{number}", settings),
            modem=modem,
            ble=ble | more.pop("ble", {}),
            **more,
        )
    )
    # What an interrupt handler died of is printed, and nothing else comes of it.
    assert not any("Traceback" in line for line in run.console), run.console[-60:]
    assert_still_armed(run)
    return run


def facts(run: Run, key: str, value: Any) -> list[Any]:
    return [fact for fact in run.facts if fact.get(key) == value]


def test_what_a_colleague_calls_is_carried_and_the_receipt_brought(
    site: Site, tmp_path: Path
) -> None:
    run = lived(site, tmp_path, 150_000)
    (incident,) = facts(run, "remote", "incident")
    assert incident["badge"] == "colleague"
    (told,) = facts(run, "caller", "told")
    assert told["state"] == 1
    assert told["t_ms"] < CALLS[0][0] + 30_000 + 3_000
    (visit,) = said(run, "relay.visit", brought="1")
    assert int(visit.fields["took_ms"]) < 6_000
    # Nothing is felt of it, nothing of it is the badge's own, and it sleeps again.
    assert felt(run) == ["ARMED"]
    assert not said(run, "alarm.opened")
    assert facts(run, "sleep", "cuts BLE off") == []


def radio(run: Run, until_ms: float) -> list[str]:
    """How often it was switched on and off until then."""
    return [fact["ble"] for fact in run.facts if "ble" in fact and fact["t_ms"] < until_ms]


# With a window each 10 s the second one that hears the colleague opens at 20.8 s: 0.3 s to switch
# the radio on, 0.5 s of listening, a connection, its parts, a frame that goes up, an answer.
STEPS_MS = {
    "before the radio is on": 20_700,
    "the radio is switched on": 20_950,
    "it listens": 21_300,
    "it connects": 21_650,
    "it looks what there is": 21_800,
    "it fetches": 21_980,
    "the frame goes up": 22_060,
    "the answer is due": 22_200,
    "the answer is written": 22_380,
    "it waits for more": 24_000,
}
IN_SHORT = {"the radio is switched on", "it listens", "it connects", "the frame goes up"}


def pressed(run: Run, press_ms: int) -> tuple[int, int, float]:
    """From the complete hold to flash, to the link, and to the receiver."""
    (opened,) = said(run, "alarm.opened")
    durable = said(run, "alarm.durable", seq=opened.fields["seq"])[0]
    sending = said(run, "alarm.sending")[0]
    incident = next(one for one in facts(run, "remote", "incident") if one["badge"] != "colleague")
    held_ms = press_ms + 1_500
    return (
        durable.ticks_ms - held_ms,
        sending.ticks_ms - held_ms,
        incident["t_ms"] - held_ms,
    )


@pytest.mark.parametrize(
    "step",
    [
        step if step in IN_SHORT else pytest.param(step, marks=pytest.mark.soak)
        for step in STEPS_MS
    ],
)
@pytest.mark.requirement("R02")
def test_a_squeeze_at_any_step_of_a_visit_goes_as_fast_as_without(
    site: Site, tmp_path: Path, step: str
) -> None:
    press_ms = STEPS_MS[step]
    given = {"events": [squeeze(press_ms, 2_000)], "ble": {"calls_ms": [[15_000, 400_000]]}}
    without = lived(site, tmp_path, 28_000, settings={"relay_scan_s": 0}, **given)
    run = lived(site, tmp_path, 28_000, settings={"relay_scan_s": 10}, **given)
    assert facts(run, "ble", "on") or step == "before the radio is on"
    for with_ms, without_ms in zip(
        pressed(run, press_ms), pressed(without, press_ms), strict=True
    ):
        assert with_ms <= without_ms + 250
    assert pressed(run, press_ms)[0] <= 250
    # Whatever it was at: with an alarm of its own it is over, at once.
    (opened,) = said(run, "alarm.opened")
    assert radio(run, opened.ticks_ms + 250)[-1:] != ["on"]
    assert radio(run, 28_000) == radio(run, opened.ticks_ms + 250)
    assert felt(run) == felt(without)


def test_a_press_that_is_no_alarm_ends_a_visit_too(site: Site, tmp_path: Path) -> None:
    given = {"settings": {"relay_scan_s": 10}, "ble": {"calls_ms": [[15_000, 400_000]]}}
    # It waits for more until 25.4 s.
    calm = lived(site, tmp_path, 28_000, **given)
    run = lived(site, tmp_path, 28_000, events=tap(23_000, "left", 1), **given)
    assert not said(run, "alarm.opened")
    assert radio(calm, 24_500)[-1] == "on"
    assert radio(run, 24_500)[-1] == "off"


def test_nobody_is_listened_for_from_a_pre_alarm_on(site: Site, tmp_path: Path) -> None:
    """Nobody presses: the alarm alone keeps the radio off."""
    fall = Body().walk_fall_lie(30.0, 60.0)
    trace = Trace(traces.write_sim_trace(tmp_path / "fall", fall))
    run = lived(site, tmp_path, 100_000, settings={"relay_scan_s": 10}, trace=trace)
    opened = said(run, "alarm.opened")[0].ticks_ms
    assert said(run, "alarm.status", state="RECEIVED")
    on_ms = [fact["t_ms"] for fact in run.facts if fact.get("ble") == "on"]
    assert len(on_ms) >= 2
    assert max(on_ms) < opened < 100_000 - 30_000


@pytest.mark.parametrize(
    "does", ["refuses", "vanishes", "hangs", "empty", "rubbish", "long", "foreign", "moves"]
)
def test_who_calls_for_nothing_costs_little_and_stops_nothing(
    site: Site, tmp_path: Path, does: str
) -> None:
    """And once that badge presses, its own alarm goes as ever; with events that get lost too."""
    run = lived(
        site,
        tmp_path,
        80_000,
        settings={"relay_scan_s": 10},
        ble={"caller_does": does, "calls_ms": [[0, 400_000]], "loses_events": True, "around": 3},
        events=[squeeze(60_000)],
    )
    assert [one["badge"] for one in facts(run, "remote", "incident")] == ["nb-0001"]
    assert len(said(run, "alarm.status", state="RECEIVED")) == 1
    assert not facts(run, "caller", "told")
    visits = len(facts(run, "caller", "visited"))
    # Ever more seldom; of who is another each time all together: the bucket ends that.
    assert visits <= (5 if does == "moves" else 3)
    assert (visits > 0) is (does != "refuses")
    last = [fact for fact in run.facts if "ble" in fact][-1]
    assert last["ble"] == "off"
    assert last["t_ms"] < 62_000


def test_in_a_crowd_of_phones_the_one_that_calls_is_heard(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 70_000, ble={"around": 60})
    assert len(facts(run, "caller", "told")) == 1


def test_what_is_nobodys_here_is_said_and_left(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 70_000, ble={"caller_key": "11" * 32})
    assert len(facts(run, "remote", "carried")) == 1
    assert len(facts(run, "remote", "refused")) == 1
    assert not facts(run, "caller", "told")
    (visit,) = said(run, "relay.visit")
    assert (visit.fields["fetched"], visit.fields["brought"]) == ("1", "0")
    assert int(visit.fields["took_ms"]) < 3_000


def test_it_is_off_by_default_and_without_a_session_or_on_the_last_of_the_battery(
    site: Site, tmp_path: Path
) -> None:
    never = {"no_coverage_ms": [[0, 100_000_000]]}
    for more in (
        {"settings": {"relay_scan_s": 0}},
        {"modem": never, "settings": {"relay_scan_s": 10}},
        {"pmu": {"percent": 12}, "settings": {"relay_scan_s": 10}},
    ):
        run = lived(site, tmp_path, 60_000, **more)
        assert not [fact for fact in run.facts if "ble" in fact]


def test_a_radio_that_fails_is_tried_ever_more_seldom(site: Site, tmp_path: Path) -> None:
    run = lived(site, tmp_path, 130_000, settings={"relay_scan_s": 10}, ble={"broken": True})
    failed_ms = [event.ticks_ms for event in said(run, "relay.failed")]
    apart_s = [(b - a) // 1000 for a, b in itertools.pairwise(failed_ms)]
    assert apart_s[:3] == [20, 30, 50]


def test_a_link_that_falls_in_the_middle_ends_it(site: Site, tmp_path: Path) -> None:
    run = lived(
        site,
        tmp_path,
        60_000,
        ble={"calls_ms": [[15_000, 400_000]]},
        settings={"relay_scan_s": 10},
        remote={"drop_at_packet": 4},
    )
    assert not facts(run, "caller", "told") or len(said(run, "link.up")) == 2
    assert len(facts(run, "remote", "incident")) <= 1
