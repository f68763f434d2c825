"""A fault of the accelerometer must not cost a fall: the whole badge, with its chip and bus."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from badge.core.alarm import kinds
from nabij.virtual.badge import Fact, Run, Scenario, Trace, run_fast
from tests.sim.lives import assert_still_armed, at, felt, incidents, said, scenario, squeeze
from tests.worlds import Site

# The wearer of `fall` hits the ground so long after power-on.
IMPACT_MS = 20_864
# From the blow to the alarm: decision, pre-alarm, sending.
_ALARM_MS = 26_000


def falls(site: Site, fall: Trace, *events: Fact, duration_ms: int = 52_000) -> Run:
    """What a badge makes of a fall during which this happens; it is one man-down, in time."""
    run = run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision,
            modem=site.modem(),
            trace=fall,
            events=list(events),
        )
    )
    (incident,) = [fact for fact in run.facts if fact.get("remote") == "incident"]
    assert incident["kind"] == kinds.MAN_DOWN
    assert incident["t_ms"] <= IMPACT_MS + _ALARM_MS
    assert_still_armed(run)
    return run


def i2c(at_ms: int, kind: str = "nak", **more: Any) -> Fact:
    return at(at_ms, "i2c_fault", kind=kind, chip="imu", **more)


@pytest.mark.requirement("R02")
@pytest.mark.parametrize(
    ("after_ms", "kind"),
    list(zip(range(-3000, 3001, 500), itertools.cycle(("nak", "stuck", "low", "cut")))),
)
def test_a_bus_that_fails_around_an_impact_costs_nothing(
    site: Site, fall: Trace, after_ms: int, kind: str
) -> None:
    run = falls(site, fall, i2c(IMPACT_MS + after_ms, kind, for_ms=260))
    assert said(run, "imu.failed")
    # The FIFO has kept it all, so the chip is not started again.
    assert len(said(run, "imu.started")) == 1
    assert not said(run, "imu.gap")
    assert not said(run, "faults")


@pytest.mark.parametrize("nth", [2, 5])
@pytest.mark.parametrize("kind", ["torn", "cut"])
def test_one_transfer_that_fails_in_a_fall_costs_nothing(
    site: Site, fall: Trace, kind: str, nth: int
) -> None:
    run = falls(site, fall, i2c(IMPACT_MS + 100, kind, nth=nth))
    assert len(said(run, "imu.started")) == 1


@pytest.mark.requirement("R02")
@pytest.mark.parametrize(
    ("kind", "after_ms", "for_ms"),
    [("nak", -1000, 4000), ("stuck", -3500, 4000), ("low", 400, 4000), ("low", -100, 1000)],
)
def test_an_outage_of_four_seconds_delays_a_fall_and_no_more(
    site: Site, fall: Trace, kind: str, after_ms: int, for_ms: int
) -> None:
    run = falls(site, fall, i2c(IMPACT_MS + after_ms, kind, for_ms=for_ms))
    assert len(said(run, "imu.started")) == 1
    assert not said(run, "imu.gap")


@pytest.mark.requirement("R01")
@pytest.mark.parametrize("kind", ["stuck", "low"])
def test_a_bus_that_is_held_holds_up_no_squeeze(site: Site, kind: str) -> None:
    """Both buses, for 0.1 to 30 s from before, in and at the end of a squeeze."""
    spans = [(-200, 100), (300, 1000), (-2000, 4000), (1400, 300), (-10_000, 30_000)]
    presses = [20_000 + 15_000 * k for k in range(len(spans))]
    plan = []
    for press_ms, (after_ms, for_ms) in zip(presses, spans, strict=True):
        plan += [at(press_ms + after_ms, "i2c_fault", kind=kind, for_ms=for_ms), squeeze(press_ms)]
    run = run_fast(scenario(site, presses[-1] + 25_000, events=plan))
    durable = [e.ticks_ms for e in said(run, "alarm.durable", kind="sos", state="RAISED")]
    assert [ms for ms in durable if any(0 <= ms - at - 1500 <= 100 for at in presses)] == durable
    assert len(incidents(run)) == len(durable) == len(presses)
    assert said(run, "imu.failed")
    assert_still_armed(run)


@pytest.mark.parametrize("bit", [0, 3, 7])
def test_a_bad_word_in_a_fall_is_a_gap_of_one_sample(site: Site, fall: Trace, bit: int) -> None:
    word = at(IMPACT_MS - 200, "fifo_garbage", kind="tag_bit", bit=bit, nth=20)
    run = falls(site, fall, word)
    (gap,) = said(run, "imu.gap")
    assert (gap.fields["missing"], gap.fields["bridged"]) == ("1", "True")
    assert len(said(run, "imu.started")) == 1


@pytest.mark.requirement("R02")
@pytest.mark.parametrize("after_ms", [-40, 20, 900])
def test_a_chip_that_resets_itself_in_a_fall_is_bridged(
    site: Site, fall: Trace, after_ms: int
) -> None:
    run = falls(site, fall, at(IMPACT_MS + after_ms, "imu_reset"))
    (gap,) = said(run, "imu.gap")
    assert gap.fields["bridged"] == "True"
    assert len(said(run, "imu.started")) == 2


@pytest.mark.requirement("R02")
@pytest.mark.parametrize("after_ms", [(-564, 536), (-3464, 36), (-2064, -64), (-104, 496)])
def test_a_chip_that_resets_itself_again_is_started_again_at_once(
    site: Site, fall: Trace, after_ms: tuple[int, int]
) -> None:
    run = falls(site, fall, *(at(IMPACT_MS + ms, "imu_reset") for ms in after_ms))
    assert len(said(run, "imu.started")) == 3
    assert not said(run, "imu.gap", bridged="False")
    assert not said(run, "faults")


@pytest.mark.requirement("R02")
@pytest.mark.requirement("R07")
@pytest.mark.parametrize("every_ms", [1000, 2000, 3000, 4000])
def test_resets_that_come_again_and_again_cost_no_fall_and_are_told(
    site: Site, fall: Trace, every_ms: int
) -> None:
    resets = at(1000, "imu_reset", every_ms=every_ms, until_ms=50_000)
    run = falls(site, fall, resets)
    # What the chip loses itself, and the look that is late; no pause of the badge.
    assert max(int(gap.fields["missing"]) for gap in said(run, "imu.gap")) <= 45
    assert said(run, "faults")[0].fields["now"] == "motion"
    assert "LIMITED" in felt(run)


def test_a_chip_that_cannot_be_started_is_tried_with_pauses(site: Site) -> None:
    """Twice at once, then after 0.5, 1, 2 s and so on."""
    run = run_fast(scenario(site, 30_000, events=[i2c(5000, for_ms=12_000)]))
    failed = said(run, "imu.failed")
    assert int(failed[-1].fields["failures"]) <= 8
    assert 17_000 <= said(run, "imu.started")[-1].ticks_ms <= 21_500


def test_a_chip_that_resets_itself_all_the_time_does_not_fill_the_log(site: Site) -> None:
    resets = at(5000, "imu_reset", every_ms=100, until_ms=60_000)
    run = run_fast(scenario(site, 70_000, events=[resets]))
    assert len(said(run, "imu.started")) <= 12
    assert_still_armed(run)


@pytest.mark.requirement("R02")
def test_faults_that_come_again_and_again_cost_no_fall(site: Site, fall: Trace) -> None:
    flap = i2c(3000, for_ms=1000, every_ms=8000, until_ms=58_000)
    run = falls(site, fall, flap, duration_ms=60_000)
    assert len(said(run, "imu.started")) == 1


@pytest.mark.requirement("R07")
def test_a_rate_of_faults_is_felt_and_makes_the_answer_limited(site: Site) -> None:
    flap = i2c(5000, for_ms=300, every_ms=3000, until_ms=60_000)
    run = run_fast(
        Scenario(
            duration_ms=160_000,
            provision=site.provision,
            modem=site.modem(),
            events=[flap, at(58_000, "press", button="left", ms=120)],
        )
    )
    began, over = said(run, "faults")
    assert (began.fields["now"], over.fields["now"]) == ("motion", "none")
    # The sixth of them: 5 * 20 points, less one a second.
    assert 20_000 <= began.ticks_ms <= 25_000
    assert "LIMITED" in felt(run)
    assert 115_000 < over.ticks_ms <= 125_000
    (asked,) = said(run, "protected")
    assert asked.fields["verdict"] == "limited"
    assert "motion" in asked.fields["why"]


def test_a_single_fault_now_and_then_is_nobodys_business(site: Site) -> None:
    once = i2c(5000, for_ms=300, every_ms=20_000, until_ms=230_000)
    run = run_fast(
        Scenario(duration_ms=240_000, provision=site.provision, modem=site.modem(), events=[once])
    )
    assert said(run, "imu.failed")
    assert not said(run, "faults")


@pytest.mark.requirement("R07")
@pytest.mark.parametrize("mg", [None, [20, -60, 40]], ids=["held", "none"])
def test_a_frozen_chip_is_a_fault_until_it_moves_again(site: Site, mg: list[int] | None) -> None:
    given = {} if mg is None else {"mg": mg}
    frozen = at(10_000, "imu_stuck", for_ms=30_000, **given)
    run = run_fast(
        Scenario(
            duration_ms=150_000, provision=site.provision, modem=site.modem(), events=[frozen]
        )
    )
    failed = said(run, "imu.failed", code="imu.frozen")
    assert 13_000 <= failed[0].ticks_ms <= 13_500
    began, over = said(run, "faults")
    assert began.ticks_ms <= 14_500
    assert over.fields["now"] == "none"
    assert over.ticks_ms >= 40_000
    assert "LIMITED" in felt(run)
    assert not incidents(run)
    assert_still_armed(run)


def test_a_chip_that_jumps_to_the_rail_is_a_fault_too(site: Site) -> None:
    """For all the badge knows the jump was an impact: what it raises can be cancelled."""
    stuck = at(10_000, "imu_stuck", for_ms=10_000, mg=[32_000, 0, 0])
    run = run_fast(scenario(site, 20_000, events=[stuck]))
    assert said(run, "imu.failed", code="imu.frozen")
    assert said(run, "faults", now="motion")


def test_a_frozen_chip_under_its_noise_is_a_fault_by_its_size_alone(site: Site) -> None:
    """Words that differ are not frozen; a size below 100 mg or at the rail is, noise or not."""
    for mg, faults in (([0, 0, 0], 1), ([0, 1000, 0], 0)):
        stuck = at(10_000, "imu_stuck", for_ms=10_000, mg=mg, noisy=True)
        run = run_fast(
            Scenario(
                duration_ms=20_000, provision=site.provision, modem=site.modem(), events=[stuck]
            )
        )
        assert bool(said(run, "imu.failed", code="imu.frozen")) == bool(faults)


def test_a_badge_that_lies_still_is_never_frozen(site: Site) -> None:
    run = run_fast(Scenario(duration_ms=600_000, provision=site.provision, modem=site.modem()))
    assert not said(run, "imu.failed")
    assert not said(run, "faults")


def test_a_long_outage_starts_chip_and_detector_anew_and_is_over_again(site: Site) -> None:
    run = run_fast(
        Scenario(
            duration_ms=90_000,
            provision=site.provision,
            modem=site.modem(),
            events=[i2c(10_000, for_ms=9000)],
        )
    )
    (gap,) = said(run, "imu.gap")
    assert gap.fields["bridged"] == "False"
    assert int(gap.fields["missing"]) > 900
    began, over = said(run, "faults")
    assert 14_500 <= began.ticks_ms <= 16_500
    assert over.fields["now"] == "none"
