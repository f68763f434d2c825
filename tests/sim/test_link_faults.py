"""One odd message, line or network does not keep an alarm from being delivered."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from badge.core.link_ladder import CONTEXT, RADIO
from nabij.centre.register.pki import Authority
from nabij.paths import StatePaths
from nabij.virtual.badge import Fact, Run, run_fast
from tests.sim.lives import (
    assert_still_armed,
    at,
    felt,
    felt_at,
    incidents,
    said,
    scenario,
    squeeze,
    tap,
    told,
)
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


def test_a_session_that_is_lost_and_was_heard_just_before_costs_an_alarm_three_seconds(
    received: Received,
) -> None:
    """Of half a minute of silence nothing was to be told, and the network had forgotten it."""
    run = received(after_ms=25_000 - PRESS_MS, within_ms=12_000, nat_ms=12_000)
    (down,) = said(run, "link.down")
    (up, again) = said(run, "alarm.sending")[-2:]
    assert down.ticks_ms - up.ticks_ms < 3500
    # No pause, which would be 2 s.
    assert again.ticks_ms - down.ticks_ms < 3000


@pytest.mark.parametrize(
    ("fault", "rung", "within_s"),
    [
        ({"dead_bearers": 1}, CONTEXT, 60),
        ({"dead_radio": True}, RADIO, 150),
    ],
)
def test_a_bearer_that_carries_nothing_begins_anew_before_the_whole_modem_does(
    site: Site, fault: Fact, rung: int, within_s: int
) -> None:
    run = run_fast(scenario(site, within_s * 1000, modem=fault, events=[squeeze(5000)]))
    assert [one.fields["rung"] for one in said(run, "modem.renewed")][-1] == str(rung)
    assert not said(run, "modem.power_cycle")
    assert len(incidents(run)) == 1
    assert said(run, "alarm.status", state="RECEIVED")


def test_a_receiver_that_takes_connections_and_says_nothing_has_the_bearer_begin_anew(
    site: Site,
) -> None:
    run = run_fast(scenario(site, 170_000, modem={"remote": {"mute": True}}))
    assert {event.fields["code"] for event in said(run, "link.down")} == {"link.timeout"}
    found = [one.fields["rung"] for one in said(run, "modem.renewed")]
    assert found == [str(CONTEXT), str(RADIO)]


def test_an_alarm_has_the_modem_switched_off_and_on_that_was_about_to_wait_long(
    site: Site,
) -> None:
    """After cycles at 4 and 10 minutes the next would come at 22."""
    press_ms = 700_000
    dark = {"no_coverage_ms": [[0, 10_000_000]]}
    run = run_fast(scenario(site, 1_000_000, modem=dark, events=[squeeze(press_ms)]))
    cycles_ms = [event.ticks_ms for event in said(run, "modem.power_cycle")]
    assert len(cycles_ms) == 3
    assert press_ms < cycles_ms[-1]


def test_who_asks_each_minute_where_no_network_is_has_no_shorter_pauses_than_six_minutes(
    site: Site,
) -> None:
    """Switched off and on each three minutes, as for an alarm, it would cost charge."""
    dark = {"no_coverage_ms": [[0, 10_000_000]]}
    taps = [one for minute in range(1, 20) for one in tap(60_000 * minute)]
    run = run_fast(scenario(site, 1_200_000, modem=dark, events=taps))
    cycles_ms = [event.ticks_ms for event in said(run, "modem.power_cycle")]
    assert len(cycles_ms) >= 2
    assert min(later - one for one, later in itertools.pairwise(cycles_ms)) >= 270_000


@pytest.mark.requirement("R18")
def test_an_alarm_into_a_new_session_gives_a_slow_network_its_time(site: Site) -> None:
    """A PUBACK takes longer than the three seconds after which a silent session is given up."""
    run = run_fast(scenario(site, 80_000, modem={"rtt_ms": 3_300}, events=[squeeze(8_000)]))
    assert not said(run, "link.down")
    assert [one.fields["attempt"] for one in said(run, "alarm.sending")] == ["1"]
    assert len(said(run, "alarm.status", state="RECEIVED")) == 1


@pytest.mark.parametrize("denied_s", [20, 90])
def test_a_network_that_denies_is_waited_for_and_the_modem_stays_on(
    received: Received, denied_s: int
) -> None:
    """A power cycle begins the search anew, and costs more than it can bring."""
    deny = at(PRESS_MS, "modem", what="deny", for_ms=denied_s * 1000)
    run = received(deny, after_ms=2000, within_ms=denied_s * 1000 + 13_000)
    assert not said(run, "modem.power_cycle")


@pytest.mark.parametrize(
    ("cause", "denied_s", "within_s"),
    [
        # The modem goes on trying, and is let in when the network takes it again.
        (15, 150, 170),
        # It takes its card for invalid, and is helped by its radio going off and on.
        (8, 135, 170),
    ],
)
def test_why_a_network_denies_is_said_and_the_alarm_gets_through_after_it(
    received: Received, cause: int, denied_s: int, within_s: int
) -> None:
    deny = at(PRESS_MS, "modem", what="deny", for_ms=denied_s * 1000, cause=cause)
    run = received(deny, after_ms=2000, within_ms=within_s * 1000)
    why = [event.fields["why"] for event in said(run, "link.down", code="modem.denied")]
    assert why
    assert all(f"cause {cause}" in one for one in why)


def test_a_modem_that_gave_up_is_made_to_try_again_in_half_a_minute(received: Received) -> None:
    """After cause 8 it would not before it starts anew, which the badge does after minutes."""
    deny = at(PRESS_MS, "modem", what="deny", for_ms=20_000, cause=8)
    run = received(deny, after_ms=2000, within_ms=45_000)
    assert not said(run, "modem.power_cycle")


def attempts_ms(run: Run) -> list[int]:
    """When the network refused the badge, which asked it just before."""
    return [
        fact["t_ms"]
        for fact in run.facts
        if fact.get("modem") == "registration" and fact["stat"] == 3
    ]


REFUSED = {"registration": 3, "reject_cause": 8}


def test_a_network_that_denies_for_good_is_asked_ever_less_while_nothing_waits(
    site: Site,
) -> None:
    """An operator may bar a card that asks without an end; the wearer is told as ever."""
    # The pauses double, to 48 min at last (tests/core/test_link_ladder.py).
    run = run_fast(scenario(site, 45 * 60_000, modem=REFUSED))
    times_ms = attempts_ms(run)
    assert len([at_ms for at_ms in times_ms if at_ms < 30 * 60_000]) <= 5
    pauses_ms = [later - at_ms for at_ms, later in itertools.pairwise(times_ms)]
    assert pauses_ms == sorted(pauses_ms)
    assert pauses_ms[-1] > 20 * 60_000
    assert felt(run).count("NO_NETWORK") >= 3


@pytest.mark.requirement("R10")
@pytest.mark.parametrize("who", ["squeezes", "asks"])
def test_who_needs_a_network_that_denied_has_it_asked_at_once(site: Site, who: str) -> None:
    # In the midst of a pause of ten minutes.
    needs_ms = 16 * 60_000
    events, after_ms = (
        ([squeeze(needs_ms)], 600_000) if who == "squeezes" else (tap(needs_ms), 60_000)
    )
    run = run_fast(scenario(site, needs_ms + after_ms, modem=REFUSED, events=events))
    assert not [at_ms for at_ms in attempts_ms(run) if -300_000 < at_ms - needs_ms <= 0]
    since_ms = [at_ms - needs_ms for at_ms in attempts_ms(run) if at_ms > needs_ms]
    assert since_ms[0] < 15_000
    if who == "squeezes":
        assert len(since_ms) >= 5
        assert felt_at(run, "NOT_DELIVERED")[0] - needs_ms < 35_000
    else:
        assert "NOT_PROTECTED" in felt(run)


def outages(run: Run) -> list[list[int]]:
    """What the receiver was told of the time without a network, with each hello that told."""
    hellos = told(run, "hello")
    return [hello["outage"] for hello in hellos if "outage" in hello]


@pytest.mark.requirement("R10")
@pytest.mark.parametrize(
    ("modem", "why"),
    [
        ({"denied_ms": [[0, 200_000]], "reject_cause": 8}, [3, 8]),
        ({"no_coverage_ms": [[100_000, 300_000]]}, [5, 0]),
        ({"no_coverage_ms": [[100_000, 190_000]]}, [4, 0]),
        ({"remote": {"away_ms": [[100_000, 300_000]]}}, [9, 0]),
    ],
)
def test_the_receiver_is_told_why_there_was_no_network_and_for_how_long(
    site: Site, modem: dict[str, Any], why: list[int]
) -> None:
    run = run_fast(scenario(site, 450_000, modem=modem))
    first = outages(run)[0]
    assert first[:2] == why
    down_ms = said(run, "link.down")[0].ticks_ms if why != [3, 8] else 0
    up_ms = said(run, "link.up")[-1].ticks_ms
    assert abs(first[2] * 1000 - (up_ms - down_ms)) < 15_000
    assert first[3] < 5
    assert_still_armed(run)


def test_a_session_that_is_opened_again_at_once_is_no_outage(site: Site) -> None:
    run = run_fast(scenario(site, 200_000, events=[at(PRESS_MS, "modem", what="hang_up")]))
    assert len(told(run, "hello")) == 2
    assert outages(run) == []


def test_a_card_that_is_pulled_is_named_while_an_alarm_waits(site: Site) -> None:
    """Nothing but another card brings it out: the wearer is told, and the log says what to do."""
    events = [at(PRESS_MS, "modem", what="card_out"), squeeze(PRESS_MS + 1000)]
    run = run_fast(scenario(site, PRESS_MS + 200_000, events=events))
    assert said(run, "link.down", code="modem.sim")
    assert not incidents(run)
    assert felt_at(run, "NOT_DELIVERED")[0] - PRESS_MS < 35_000
    assert_still_armed(run)


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
    """2 s until no prompt has come, 2.3 to switch on, 4.5 for boot and network, 2.5 for TLS.

    Off just after the alarm went out, it is missed when it is asked for the answer, after 6 s.
    """
    lost = at(PRESS_MS + after_ms, "modem", what="power_loss")
    received(lost, within_ms=15_500 + max(after_ms, 0))


@pytest.mark.parametrize(
    ("modem", "fault"),
    [
        # The modem was off; or the network had forgotten a session.
        ({}, [at(23_000, "modem", what="power_loss")]),
        ({"nat_ms": 12_000}, []),
    ],
)
def test_what_was_no_fault_of_an_address_has_it_called_again(
    site: Site, tmp_path: Path, modem: Fact, fault: list[Fact]
) -> None:
    Authority.open(StatePaths(site.state).pki).ensure_server(["localhost", "b.example"])
    two = site.provision_with(tmp_path, {"more_addresses": "b.example"})
    events = [*fault, squeeze(25_000)]
    run = run_fast(scenario(site, 45_000, modem=modem, events=events, provision=two))
    assert len(said(run, "link.down")) == 1
    assert [one.fields["host"] for one in said(run, "link.up")] == ["localhost", "localhost"]
    assert said(run, "alarm.status", state="RECEIVED")


def test_a_broker_that_brings_each_message_again_makes_one_incident(site: Site) -> None:
    """At once, or long after: it is the same alarm, and its receipt is felt once."""
    for again_ms in (10, 20_000):
        twice = {"remote": {"again_ms": again_ms}}
        run = run_fast(scenario(site, 100_000, modem=twice, events=[squeeze(PRESS_MS)]))
        assert len(incidents(run)) == 1
        assert [fact for fact in run.facts if fact.get("remote") == "duplicate"]
        assert felt(run).count("RECEIVED") == 1
        assert_still_armed(run)


def test_statuses_out_of_order_take_nothing_back(site: Site) -> None:
    """Help is on its way; what was said before that comes after it, and is not felt."""
    late = {"remote": {"late_ms": 6_000, "then": [[2, 3_000], [3, 5_000]]}}
    run = run_fast(scenario(site, 100_000, modem=late, events=[squeeze(PRESS_MS)]))
    states = [event.fields["state"] for event in said(run, "alarm.status")]
    assert states[-1] == "HELP_COMING"
    assert states == sorted(states, key=["RECEIVED", "TAKEN", "HELP_COMING"].index)
    assert felt(run).count("HELP_COMING") == 1
    assert_still_armed(run)


def test_a_modem_that_remembers_to_save_power_is_told_not_to(site: Site) -> None:
    run = run_fast(scenario(site, 120_000, modem={"psm": True}))
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")
