"""The flight alarm on the whole badge: from the first step to what the centre gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from badge.core.alarm import kinds
from nabij.data import traces
from nabij.virtual.badge import Run, Trace
from nabij.virtual.body_model import Body, Samples
from tests.sim.lives import at, felt_at, lived, said, tap, told
from tests.worlds import Site

BODY = Body()
START_MS = 10_000
WALK_MS = 20_000
RUN_MS = START_MS + WALK_MS


def worn(site: Site, tmp_path: Path, *parts: Samples, events: Any = (), **settings: Any) -> Run:
    """A badge with the flight alarm on, worn while walking and then through the parts."""
    samples = np.concatenate([BODY.walking(WALK_MS / 1000), *parts])
    (tmp_path / "run").mkdir()
    trace = Trace(traces.write_sim_trace(tmp_path / "trace", samples), start_ms=START_MS)
    length_ms = START_MS + len(samples) * 1000 // 104
    chosen = {"flight_alarm": True, **settings}
    return lived(site, tmp_path / "run", length_ms, list(events), trace=trace, settings=chosen)


@pytest.mark.requirement("R05")
@pytest.mark.parametrize(
    ("profile", "hold_ms", "into_ms"),
    [("discreet", 6000, 600), ("pna11", 6000, 0), ("discreet", 8000, 300), ("pna11", 8000, 900)],
)
def test_the_alarm_is_durable_within_ten_seconds_of_the_first_step(
    site: Site, tmp_path: Path, profile: str, hold_ms: int, into_ms: int
) -> None:
    # The longest hold that the rule allows, and running that begins within a second of the watch.
    parts = [BODY.standing(into_ms / 1000), BODY.jogging(25)]
    run = worn(site, tmp_path, *parts, profile=profile, flight_hold_ms=hold_ms)
    (durable,) = said(run, "alarm.durable", kind="flight", state="RAISED")
    assert hold_ms - 1000 < durable.ticks_ms - (RUN_MS + into_ms) <= 10_000
    assert [fact["kind"] for fact in told(run)] == [kinds.FLIGHT]
    sending = said(run, "alarm.sending", seq=durable.fields["seq"])[0]
    assert sending.ticks_ms >= durable.ticks_ms
    assert felt_at(run, "RAISED")
    assert not felt_at(run, "PRE_ALARM")


def test_walking_a_short_jog_and_driving_raise_nothing(site: Site, tmp_path: Path) -> None:
    parts = [BODY.jogging(4), BODY.walking(30), BODY.driving(40), BODY.speed_bump()]
    run = worn(site, tmp_path, *parts, BODY.driving(20))
    assert not said(run, "alarm.opened", kind="flight")
    assert not told(run)


@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_a_badge_as_it_comes_raises_nothing_when_its_wearer_runs(
    site: Site, tmp_path: Path, profile: str
) -> None:
    run = worn(site, tmp_path, BODY.jogging(60), profile=profile, flight_alarm=False)
    assert not said(run, "flight.met")
    assert not told(run)


def test_on_the_charger_nobody_flees_and_the_log_says_why(site: Site, tmp_path: Path) -> None:
    plugged = at(RUN_MS - 2000, "charger", on=True)
    run = worn(site, tmp_path, BODY.jogging(9), BODY.standing(5), events=[plugged])
    assert said(run, "mandown.suppressed", kind="flight", reason="charging")
    assert not told(run)


def test_a_false_flight_is_called_false_by_its_wearer_and_stays_the_centres_to_close(
    site: Site, tmp_path: Path
) -> None:
    parts = [BODY.jogging(12), BODY.walking(20)]
    run = worn(site, tmp_path, *parts, events=tap(RUN_MS + 16_000, times=2))
    (wish,) = said(run, "alarm.state", kind="flight", event="FALSE_ALARM")
    assert wish.fields["state"] != "CLOSED"
    assert [fact["kind"] for fact in told(run)] == [kinds.FLIGHT]
    assert told(run, "update")
