"""One odd message, line or network does not keep an alarm from being delivered."""

import pytest

from nabij.virtual.badge import run_fast
from tests.sim.lives import assert_still_armed, incidents, said, scenario, squeeze
from tests.worlds import Site

PRESS_MS = 60_000


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("poison", ["long", "topic", "qos2", "rubbish"])
def test_a_message_that_is_refused_is_said_acknowledged_and_gone(site: Site, poison: str) -> None:
    modem = {"remote": {"poison": poison}}
    run = run_fast(scenario(site, 75_000, modem=modem, events=[squeeze(PRESS_MS)]))
    assert len(said(run, "link.refused")) == 1
    assert not said(run, "link.down")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 5000
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_a_session_that_breaks_twice_the_same_way_is_opened_clean(site: Site) -> None:
    modem = {"remote": {"poison": "rude"}}
    run = run_fast(scenario(site, 75_000, modem=modem, events=[squeeze(PRESS_MS)]))
    assert [e.fields["code"] for e in said(run, "link.down")] == ["link.protocol"] * 2
    assert [e.fields["session_present"] for e in said(run, "link.up")] == ["False"]
    assert not said(run, "modem.power_cycle")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 5000
    assert len(incidents(run)) == 1
    assert_still_armed(run)
