"""What a network tells first after a reset is compared with what the badge knew before."""

from __future__ import annotations

import pytest

from nabij.virtual.badge import Fact, Run, Scenario, run_fast
from tests.sim.lives import at, said
from tests.worlds import Site

# sim/models/modem/network_time.py
BEGAN_S = 1_800_014_400
DAY_S = 86_400
RESET_MS = 20_000
# The VM hangs until the watchdog bites: the clock of the chip goes on.
WATCHDOG = at(RESET_MS, "stall", ms=31_000)
# It does not: the badge begins from what it stored.
BROWNOUT = at(RESET_MS, "brownout")
FOR_EVER_MS = 3_600_000


def lived(site: Site, reset: Fact, until_ms: int, by_s: int, duration_ms: int = 60_000) -> Run:
    """A badge that is told the time at 8 s, and after a reset one that is off by so much."""
    return run_fast(
        Scenario(
            duration_ms=duration_ms,
            provision=site.provision,
            modem=site.modem(wrong_time_ms=[[RESET_MS, until_ms]], wrong_by_s=by_s),
            events=[reset],
        )
    )


def is_trusted(run: Run) -> bool:
    """Whether the second start took the first time that it was told."""
    first, second = said(run, "modem.ready")
    assert first.fields["clock_trusted"] == "True"
    return second.fields["clock_trusted"] == "True"


def asked_again(run: Run) -> tuple[bool, int]:
    """Whether the clock is trusted a minute later, and by how much it is off then."""
    (answer,) = said(run, "clock.asked")
    off_s = int(answer.fields["utc_s"]) - BEGAN_S - answer.ticks_ms // 1000
    return answer.fields["trusted"] == "True", off_s


@pytest.mark.parametrize("by_s", [2 * DAY_S, -2 * DAY_S, 4000 * DAY_S])
def test_a_first_time_far_from_a_clock_that_went_on_is_not_taken(site: Site, by_s: int) -> None:
    run = lived(site, WATCHDOG, FOR_EVER_MS, by_s)
    assert said(run, "boot", cause="watchdog")
    assert not is_trusted(run)


@pytest.mark.parametrize("by_s", [DAY_S - 60, 60 - DAY_S, 0])
def test_a_first_time_near_a_clock_that_went_on_is_taken(site: Site, by_s: int) -> None:
    assert is_trusted(lived(site, WATCHDOG, FOR_EVER_MS, by_s))


def test_a_first_time_before_what_was_stored_is_not_taken_one_after_it_is(site: Site) -> None:
    """How long a badge was without power it cannot know."""
    assert not is_trusted(lived(site, BROWNOUT, FOR_EVER_MS, -2 * DAY_S))
    assert is_trusted(lived(site, BROWNOUT, FOR_EVER_MS, 2 * DAY_S))


def test_the_second_opinion_is_asked_for_in_the_same_session(site: Site) -> None:
    """It was wrong once: the badge is right. It is said again: the network is believed."""
    once = lived(site, WATCHDOG, 60_000, 2 * DAY_S, 120_000)
    assert not is_trusted(once)
    trusted, off_s = asked_again(once)
    assert trusted
    assert abs(off_s) <= 2
    again = lived(site, WATCHDOG, FOR_EVER_MS, 2 * DAY_S, 120_000)
    trusted, off_s = asked_again(again)
    assert trusted
    assert abs(off_s - 2 * DAY_S) <= 2
