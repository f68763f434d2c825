"""The badge sleeps between events and misses none: squeezes, taps, samples, the modem's bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.alarm import kinds
from nabij.data import traces
from nabij.hardware import power
from nabij.virtual.badge import Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.sim.lives import said
from tests.worlds import Site

HOLD_MS = 1500
DURABLE_MS = 100


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    folder = tmp_path_factory.mktemp("walk")
    person = Body()
    moves = np.concatenate([person.walking(30.0), person.standing(30.0)])
    return Trace(traces.write_sim_trace(folder / "walk", moves), after="loop")


def run_badge(site: Site, duration_s: float, **more: Any) -> Run:
    modem = more.pop("modem", {})
    return run_fast(
        Scenario(
            duration_ms=round(duration_s * 1000),
            provision=site.provision,
            modem=None if modem is None else site.modem(**modem),
            **more,
        )
    )


def asleep_share(run: Run) -> float:
    """The part of the time for which the chip slept, from what its sleep drew."""
    (energy,) = [fact["energy"] for fact in run.facts if "energy" in fact]
    mcu = energy["parts"]["mcu"]
    asleep_h = mcu.get("sleep", 0.0) / 0.818
    return float(asleep_h / energy["hours"])


def running_share(run: Run) -> float:
    """The part of the time for which the chip ran, from what that drew."""
    (energy,) = [fact["energy"] for fact in run.facts if "energy" in fact]
    run_ma = power.load().battery_ua("mcu", "run") / 1000
    return float(energy["parts"]["mcu"]["run"] / run_ma / energy["hours"])


def assert_unharmed(run: Run) -> None:
    """No task died, nothing was cut off by a sleep, and the modem was never spoken to asleep."""
    assert not said(run, "supervisor.crash")
    assert not said(run, "supervisor.starving")
    assert not [fact for fact in run.facts if "sleep" in fact]
    assert not [fact for fact in run.facts if fact.get("modem") == "asleep"]


@pytest.mark.requirement("R12")
@pytest.mark.requirement("R15")
def test_a_squeeze_in_any_phase_of_the_sleep_is_durable_in_time(site: Site, walk: Trace) -> None:
    """30 squeezes, each 37 ms further into the rhythm of the FIFO and of the tasks."""
    presses_ms = [20_000 + round(i * 6_037) for i in range(30)]
    closes = {"remote": {"then": [[4, 500]]}}
    run = run_badge(
        site,
        205,
        trace=walk,
        modem=closes,
        events=[{"at_ms": ms, "do": "press", "ms": 1700} for ms in presses_ms],
        stalls="off",
    )
    durable_ms = [event.ticks_ms for event in said(run, "alarm.durable", state="RAISED")]
    late_ms = [
        durable - pressed - HOLD_MS
        for durable, pressed in zip(durable_ms, presses_ms, strict=True)
    ]
    assert max(late_ms) <= DURABLE_MS
    assert min(late_ms) >= 0
    assert_unharmed(run)


def test_a_tap_in_any_phase_of_the_sleep_is_a_tap(site: Site, walk: Trace) -> None:
    taps = [
        {"at_ms": 20_000 + i * 3_041, "do": "press", "ms": 90, "button": "left"} for i in range(25)
    ]
    run = run_badge(site, 100, trace=walk, events=taps)
    assert len(said(run, "gesture")) == len(taps)
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_the_chip_sleeps_most_of_the_time_and_loses_no_sample(site: Site, walk: Trace) -> None:
    run = run_badge(site, 300, trace=walk)
    assert asleep_share(run) > 0.85
    assert not said(run, "imu.overrun")
    assert not said(run, "imu.failed")
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_the_chip_wakes_for_its_samples_and_for_few_things_beside(site: Site, walk: Trace) -> None:
    """The FIFO fills four times a second; the rounds of the tasks share the few other wakes."""
    run = run_badge(site, 300, trace=walk)
    samples, wakes, collections = 4 * 0.0055, 9 * 0.003, 0.050 / 10
    start = 1.8 / 300
    assert running_share(run) < samples + wakes + collections + start


@pytest.mark.requirement("R03")
def test_a_fall_in_sleep_is_judged_as_one_awake(site: Site, tmp_path: Path) -> None:
    trace = Trace(traces.write_sim_trace(tmp_path / "fall", Body().walk_fall_lie(60.0, 40.0)))
    verdicts: list[list[tuple[str, str | None]]] = []
    for settings in ({}, {"light_sleep": False}):
        config = {"shift_test": False, **settings}
        provision = site.provision_with(tmp_path / f"badge{len(verdicts)}", config)
        run = run_fast(
            Scenario(duration_ms=110_000, provision=provision, modem=site.modem(), trace=trace)
        )
        assert (asleep_share(run) > 0.5) is not bool(settings)
        verdicts.append(
            [
                (name, event.fields.get("since_impact_ms"))
                for name in ("motion.impact", "motion.fall", "motion.confirmed")
                for event in said(run, name)
            ]
        )
        incidents = [fact for fact in run.facts if fact.get("remote") == "incident"]
        assert [fact["kind"] for fact in incidents] == [kinds.MAN_DOWN]
    assert verdicts[0] == verdicts[1]


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("apart_ms", [215, 450])
def test_the_second_tap_of_an_sos_comes_in_sleep_and_is_durable_in_time(
    site: Site, tmp_path: Path, apart_ms: int
) -> None:
    """The chip may sleep between the taps; the second wakes it and is an SOS after its bounce."""
    provision = site.provision_with(
        tmp_path / "taps", {"shift_test": False, "sos_gesture": "double"}
    )
    taps = [
        {"at_ms": at_ms, "do": "press", "button": "left", "ms": ms}
        for at_ms, ms in ((30_000, 120), (30_000 + apart_ms, 400))
    ]
    run = run_fast(
        Scenario(duration_ms=33_000, provision=provision, modem=site.modem(), events=taps)
    )
    durable = said(run, "alarm.durable", state="RAISED")[0]
    assert durable.ticks_ms - (30_000 + apart_ms) <= DURABLE_MS


def test_news_that_comes_in_sleep_is_heard_although_its_first_bytes_are_lost(
    site: Site,
) -> None:
    """RI and the line begin together: the chip wakes in the middle of it, and asks."""
    then = [[2, 30_000], [3, 60_000], [4, 90_000]]
    run = run_badge(
        site,
        140,
        modem={"remote": {"then": then}, "ri_lead_ms": 0},
        events=[{"at_ms": 20_000, "do": "press", "ms": 1700}],
    )
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert [fact for fact in run.facts if fact.get("uart") == "asleep"]
    for state, after_ms in (("TAKEN", 30_000), ("HELP_COMING", 60_000), ("CLOSED", 90_000)):
        (heard,) = said(run, "alarm.status", state=state)
        assert heard.ticks_ms - received.ticks_ms - after_ms < 1_500
    assert not said(run, "link.down")
    assert_unharmed(run)


def test_a_line_that_ri_leads_is_heard_whole(site: Site) -> None:
    run = run_badge(
        site,
        80,
        modem={"remote": {"then": [[2, 30_000]]}, "ri_lead_ms": 5},
        events=[{"at_ms": 20_000, "do": "press", "ms": 1700}],
    )
    assert said(run, "alarm.status", state="TAKEN")
    assert not [fact for fact in run.facts if fact.get("uart") == "asleep"]
    assert_unharmed(run)


def test_a_modem_that_cannot_ring_keeps_the_chip_awake(site: Site) -> None:
    run = run_badge(site, 120, modem={"rings": False, "remote": {"then": [[2, 30_000]]}})
    assert said(run, "link.up")
    assert asleep_share(run) < 0.1
    assert not [fact for fact in run.facts if fact.get("uart") == "asleep"]


def test_a_modem_that_restarts_while_nobody_listens_is_set_up_again(site: Site) -> None:
    plan = [
        {"at_ms": 60_000, "do": "modem", "what": "power_loss"},
        {"at_ms": 200_000, "do": "press", "ms": 1700},
    ]
    run = run_badge(site, 300, events=plan)
    assert len(said(run, "link.up")) == 2
    assert [fact for fact in run.facts if fact.get("remote") == "incident"]
    assert_unharmed(run)


@pytest.mark.requirement("R12")
def test_with_usb_attached_the_chip_never_sleeps(site: Site) -> None:
    run = run_badge(site, 60, pmu={"vbus": True})
    assert asleep_share(run) == 0


def test_a_stuck_button_does_not_keep_the_badge_awake_for_ever(site: Site) -> None:
    run = run_badge(site, 240, events=[{"at_ms": 20_000, "do": "sos_down"}])
    assert len([fact for fact in run.facts if fact.get("remote") == "incident"]) == 1
    assert asleep_share(run) > 0.6
    assert_unharmed(run)


def test_without_a_modem_the_open_ri_pin_does_not_keep_the_badge_awake(site: Site) -> None:
    """A floating RI reads low; the badge still sleeps between the tries to reach its modem."""
    run = run_badge(site, 240, modem=None)
    # From the second try on each begins at its time, however long the one before took.
    assert asleep_share(run) > 0.1
    assert not said(run, "supervisor.crash")
