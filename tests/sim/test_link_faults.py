"""One odd message, line or network does not keep an alarm from being delivered."""

from collections.abc import Callable
from typing import Any

import pytest

from nabij.virtual.badge import Fact, Run, run_fast
from tests.sim.lives import assert_still_armed, at, incidents, said, scenario, squeeze
from tests.worlds import Site

PRESS_MS = 60_000
Received = Callable[..., Run]


@pytest.fixture
def received(site: Site) -> Received:
    """Live through a squeeze that is received in time, once, by a badge that goes on."""

    def life(*events: Fact, within_ms: int = 5000, after_ms: int = 0, **modem: Any) -> Run:
        press_ms = PRESS_MS + after_ms
        lasts_ms = press_ms + within_ms + 10_000
        run = run_fast(scenario(site, lasts_ms, modem=modem, events=[*events, squeeze(press_ms)]))
        (told,) = said(run, "alarm.status", state="RECEIVED")
        assert told.ticks_ms - press_ms < within_ms
        assert len(incidents(run)) == 1
        assert_still_armed(run)
        return run

    return life


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("poison", ["long", "topic", "qos2", "rubbish"])
def test_a_message_that_is_refused_is_said_acknowledged_and_gone(
    received: Received, poison: str
) -> None:
    run = received(remote={"poison": poison})
    assert len(said(run, "link.refused")) == 1
    assert not said(run, "link.down")


def test_what_breaks_a_session_does_not_come_back_with_the_next(received: Received) -> None:
    """Each session is opened clean: whatever the broker kept for the badge is gone."""
    run = received(remote={"poison": "rude"})
    assert [e.fields["code"] for e in said(run, "link.down")] == ["link.protocol"]
    assert len(said(run, "link.up")) == 1
    assert not said(run, "modem.power_cycle")


def test_lines_that_nobody_asked_for_end_nothing(received: Received) -> None:
    plan = [at(ms, "modem", what="unasked") for ms in range(3000, 12_000, 97)]
    plan += [at(PRESS_MS + ms, "modem", what="unasked") for ms in range(1500, 3000, 41)]
    run = received(*plan)
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")


@pytest.mark.parametrize("denied_s", [20, 90])
def test_a_network_that_denies_is_waited_for_and_the_modem_stays_on(
    received: Received, denied_s: int
) -> None:
    """A power cycle begins the search anew, and costs more than it can bring."""
    deny = at(PRESS_MS, "modem", what="deny", for_ms=denied_s * 1000)
    run = received(deny, after_ms=2000, within_ms=denied_s * 1000 + 13_000)
    assert not said(run, "modem.power_cycle")


def test_refusals_in_quick_succession_do_not_switch_the_modem_off(site: Site) -> None:
    refusing = {"remote": {"refuse_connects": 6}}
    run = run_fast(scenario(site, 170_000, modem=refusing))
    assert len(said(run, "link.down")) >= 5
    assert not said(run, "modem.power_cycle")


def test_a_modem_that_hangs_is_switched_off_and_on_at_once(received: Received) -> None:
    received(at(PRESS_MS, "modem", what="hang"), after_ms=2000, within_ms=58_000)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("after_ms", [1800, 0, -1000, -2000, -20_000])
def test_after_a_brownout_of_the_modem_a_receipt_takes_fifteen_seconds(
    received: Received, after_ms: int
) -> None:
    """2 s until no prompt has come, 2.3 to switch on, 4.5 for boot and network, 2.5 for TLS."""
    lost = at(PRESS_MS + after_ms, "modem", what="power_loss")
    received(lost, within_ms=15_000 + max(after_ms, 0))


def test_a_modem_that_remembers_to_save_power_is_told_not_to(site: Site) -> None:
    run = run_fast(scenario(site, 120_000, modem={"psm": True}))
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")
