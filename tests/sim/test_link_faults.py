"""One odd message, line or network does not keep an alarm from being delivered."""

import pytest

from nabij.virtual.badge import run_fast
from tests.sim.lives import assert_still_armed, at, incidents, said, scenario, squeeze
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


def test_what_breaks_a_session_does_not_come_back_with_the_next(site: Site) -> None:
    """Each session is opened clean: whatever the broker kept for the badge is gone."""
    modem = {"remote": {"poison": "rude"}}
    run = run_fast(scenario(site, 75_000, modem=modem, events=[squeeze(PRESS_MS)]))
    assert [e.fields["code"] for e in said(run, "link.down")] == ["link.protocol"]
    assert len(said(run, "link.up")) == 1
    assert not said(run, "modem.power_cycle")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 5000
    assert len(incidents(run)) == 1
    assert_still_armed(run)


def test_lines_that_nobody_asked_for_end_nothing(site: Site) -> None:
    plan = [at(ms, "modem", what="unasked") for ms in range(3000, 12_000, 97)]
    plan += [at(PRESS_MS + ms, "modem", what="unasked") for ms in range(1500, 3000, 41)]
    run = run_fast(scenario(site, 75_000, events=[*plan, squeeze(PRESS_MS)]))
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 5000
    assert_still_armed(run)


@pytest.mark.parametrize("denied_s", [20, 90])
def test_a_network_that_denies_is_waited_for_and_the_modem_stays_on(
    site: Site, denied_s: int
) -> None:
    """A power cycle begins the search anew, and costs more than it can bring."""
    deny = at(PRESS_MS, "modem", what="deny", for_ms=denied_s * 1000)
    run = run_fast(scenario(site, 200_000, events=[deny, squeeze(PRESS_MS + 2000)]))
    assert not said(run, "modem.power_cycle")
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < denied_s * 1000 + 15_000
    assert_still_armed(run)


def test_refusals_in_quick_succession_do_not_switch_the_modem_off(site: Site) -> None:
    refusing = {"remote": {"refuse_connects": 6}}
    run = run_fast(scenario(site, 170_000, modem=refusing))
    assert len(said(run, "link.down")) >= 5
    assert not said(run, "modem.power_cycle")


def test_a_modem_that_hangs_is_switched_off_and_on_at_once(site: Site) -> None:
    hang = at(PRESS_MS, "modem", what="hang")
    run = run_fast(scenario(site, 200_000, events=[hang, squeeze(PRESS_MS + 2000)]))
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS < 60_000


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("after_ms", [1800, 0, -1000, -2000, -20_000])
def test_after_a_brownout_of_the_modem_a_receipt_takes_fifteen_seconds(
    site: Site, after_ms: int
) -> None:
    """2 s until no prompt has come, 2.3 to switch on, 4.5 for boot and network, 2.5 for TLS."""
    plan = [at(PRESS_MS + after_ms, "modem", what="power_loss"), squeeze(PRESS_MS)]
    run = run_fast(scenario(site, 90_000, events=plan))
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - PRESS_MS - max(after_ms, 0) < 15_000
    assert_still_armed(run)


def test_a_modem_that_remembers_to_save_power_is_told_not_to(site: Site) -> None:
    run = run_fast(scenario(site, 120_000, modem={"psm": True}))
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")
