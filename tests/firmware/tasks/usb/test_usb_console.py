"""The USB console in the real firmware, in virtual time: it serves, and the badge stays armed."""

import json
from pathlib import Path
from typing import Any

import pytest

from nabij.event_lines import LoggedEvent, parse_event
from nabij.virtual.badge import RESET, WATCHDOG, Run, Scenario, run_fast
from tests.firmware.tasks.usb.console import (
    DURABLE_WITHIN_MS,
    answers,
    asked,
    keyed,
    proof,
    run,
    run_keyed,
    typed,
)
from tests.sim.lives import said
from tests.worlds import Site

PRESS_MS = 6_000
SQUEEZED_MS = PRESS_MS + 1_500
SQUEEZE = {"at_ms": PRESS_MS, "do": "press", "ms": 2_000}


def assert_durable_in_time(run: Run) -> None:
    (durable,) = said(run, "alarm.durable", state="RAISED")
    assert durable.ticks_ms - SQUEEZED_MS <= DURABLE_WITHIN_MS
    assert not said(run, "supervisor.crash")
    assert not said(run, "supervisor.starving")


def test_a_badge_says_who_and_how_it_is(site: Site) -> None:
    plan = [asked(3300, 2, "status"), asked(3500, 1, "hello")]
    got = answers(run_keyed(site, plan, 4000, 3000))
    hello, status = got[1]["ok"], got[2]["ok"]
    assert (hello["badge"], hello["provisioned"]) == ("nb-0001", True)
    assert hello["board"] == "t_sim7080g_s3"
    assert status["armed"]
    assert status["can_send"]
    assert status["open_alarms"] == 0
    # The same answer as a short press gets: this badge has no modem.
    assert status["protected"] == "no"
    assert "network" in status["reasons"]
    assert 4000 < status["battery_mv"] < 4200
    assert status["power"]["percent"] > 90


def test_garbage_is_answered_and_the_next_request_served(site: Site) -> None:
    plan = [typed(3000, "help"), typed(3050, "x" * 3000), asked(3200, 7, "hello")]
    plan += [asked(3300, 8, "fly"), typed(3400, "# an echo"), typed(3500, "?{")]
    done = run(site, plan, 4500)
    answered = [json.loads(line[1:]) for line in done.console if line.startswith("!")]
    assert [one.get("error") for one in answered] == [
        "usb.garbage",
        "usb.line",
        None,
        "usb.verb",
        "usb.json",
    ]
    assert all(one["why"].endswith(".") for one in answered if "why" in one)


def test_a_line_that_stops_half_way_does_not_spoil_the_next_request(site: Site) -> None:
    plan = [{"at_ms": 3000, "do": "usb", "text": '?{"id":1,"do":', "newline": False}]
    got = answers(run(site, [*plan, asked(9000, 2, "hello")], 10_000))
    assert "ok" in got[2]


@pytest.mark.requirement("R14")
def test_what_changes_a_badge_needs_the_service_key(site: Site) -> None:
    plan = [
        asked(3000, 1, "hash", path="/boot"),
        asked(3100, 2, "get", path="/boot", offset=0),
        asked(3200, 3, "reset"),
        asked(3300, 4, "authorise", mac="00" * 32),
        asked(3400, 5, "hello"),
        asked(3500, 6, "authorise", mac="00" * 32),
        asked(3600, 7, "list", path="/"),
    ]
    got = answers(run(site, plan, 6000))
    codes = [got[number].get("error") for number in range(1, 8)]
    locked = "usb.locked"
    assert codes == [locked, locked, locked, "usb.challenge", None, "usb.denied", locked]


@pytest.mark.parametrize(("squeeze", "exit_codes"), [(False, [RESET, 0]), (True, [0])])
def test_a_badge_that_is_told_to_restart_lets_an_alarm_be_closed_first(
    site: Site, squeeze: bool, exit_codes: list[int]
) -> None:
    """The squeeze is complete between the request and the restart."""
    plan = [
        asked(3000, 1, "hello"),
        asked(3500, 2, "authorise", mac=proof(site)),
        *([{"at_ms": 4_000, "do": "press", "ms": 1_700}] if squeeze else []),
        asked(5_400, 3, "reset"),
    ]
    done = run(site, plan, 20_000)
    assert answers(done)[3]["ok"] == {}
    assert done.exit_codes == exit_codes
    assert bool(said(done, "restart.waits")) == squeeze


def test_the_restart_that_waited_comes_when_the_alarm_is_closed(site: Site) -> None:
    closed = {"then": [[4, 3_000]]}
    plan = [
        asked(3000, 1, "hello"),
        asked(3500, 2, "authorise", mac=proof(site)),
        {"at_ms": 4_000, "do": "press", "ms": 1_700},
        asked(5_400, 3, "reset"),
    ]
    done = run(site, plan, 30_000, modem=site.modem(remote=closed, register_ms=500))
    assert said(done, "restart.waits")
    assert said(done, "alarm.status", state="CLOSED")
    assert done.exit_codes == [RESET, 0]


def test_a_squeeze_during_console_traffic_becomes_a_durable_alarm(site: Site) -> None:
    plan: list[dict[str, Any]] = [SQUEEZE]
    for number, at_ms in enumerate(range(3000, 10_000, 25)):
        verb = ("hello", "status", "log")[number % 3]
        plan.append(asked(at_ms, number, verb))
        plan.append(typed(at_ms + 10, "garbage " * 30))
    done = run(site, plan, 12_000)
    assert_durable_in_time(done)
    assert len(answers(done)) > 200


def test_a_squeeze_while_files_are_read_becomes_a_durable_alarm(site: Site) -> None:
    plan = [
        SQUEEZE,
        asked(3000, 1, "hello"),
        asked(3500, 2, "authorise", mac=proof(site)),
    ]
    for number, at_ms in enumerate(range(3600, 10_000, 40), 10):
        verb = ("get", "hash", "list")[number % 3]
        path = "/" if verb == "list" else "/badge.der"
        plan.append(asked(at_ms, number, verb, path=path, offset=0))
    done = run(site, plan, 12_000)
    assert_durable_in_time(done)
    assert len([one for one in answers(done).values() if "ok" in one]) > 150


def test_a_terminal_that_does_not_read_costs_lines_and_no_time(site: Site) -> None:
    stuck = {"at_ms": 4000, "do": "usb_stuck", "for_ms": 10_000}
    plan = [
        stuck,
        SQUEEZE,
        asked(5000, 1, "provision.state"),
        asked(16_000, 2, "status"),
        asked(16_500, 3, "log"),
    ]
    done = run_keyed(site, plan, 18_000, 3000, 15_500)
    got = answers(done)
    assert got[2]["ok"]["open_alarms"] == 1
    assert got[2]["ok"]["console_lost"] > 0
    # The console lost the line; the journal has it, dated when it was written.
    kept = [parse_event("# " + text) for _, _, text in got[3]["ok"]["records"]]
    durable = [event for event in kept if event and event.what == "alarm.durable"]
    assert durable
    assert durable[0].ticks_ms - SQUEEZED_MS <= DURABLE_WITHIN_MS


def pages(at_ms: int) -> list[dict[str, Any]]:
    """Requests for the whole log; a page of it is short."""
    return [asked(at_ms + 350 * n, 10 + n, "log", **{"from": 6 * n}) for n in range(20)]


def durable_of(done: Run) -> list[LoggedEvent]:
    """The alarms that the pages tell of, oldest first."""
    found = answers(done)
    texts = {
        (number, text)
        for n in range(20)
        for number, _, text in found.get(10 + n, {}).get("ok", {}).get("records", [])
    }
    events = [parse_event("# " + text) for _, text in sorted(texts)]
    return [event for event in events if event and event.what == "alarm.durable"]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("pressed_ms", [6_000, 30_000, 64_300])
def test_a_host_that_keeps_the_port_open_and_does_not_read_is_never_in_the_way(
    site: Site, pressed_ms: int
) -> None:
    """Each byte would take 500 ms (mp_usbd_cdc.c): a line of 80 outlasts the watchdog."""
    plan = [
        {"at_ms": 4000, "do": "usb_stuck", "for_ms": 120_000},
        {"at_ms": pressed_ms, "do": "press", "ms": 2_000},
        asked(100_000, 1, "hello"),
        *pages(130_000),
    ]
    done = run_keyed(site, plan, 140_000, 3000, 128_000, pmu={"vbus": True})
    assert done.exit_codes == [0]
    stalls_ms = [fact["t_ms"] for fact in done.facts if fact.get("usb") == "stalls"]
    # One to find out, and one in 30 s, or when it asks, to see whether it reads again.
    assert 1 <= len(stalls_ms) <= 6
    durable = durable_of(done)
    assert durable[0].ticks_ms - (pressed_ms + 1_500) <= DURABLE_WITHIN_MS
    assert not [at for at in stalls_ms if pressed_ms <= at < durable[0].ticks_ms]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("into_ms", [-20, 10, 60, 150, 300, 480])
def test_a_squeeze_that_begins_while_a_byte_stalls_is_taken_all_the_same(
    site: Site, into_ms: int
) -> None:
    """Nobody knows beforehand that the host does not read: the first byte stalls unannounced."""
    stuck = {"at_ms": 4500, "do": "usb_stuck", "for_ms": 9000}
    asks = asked(9000, 1, "status")
    found = run_keyed(site, [stuck, asks], 12_000, 3000, pmu={"vbus": True})
    stall_ms = next(fact["t_ms"] for fact in found.facts if fact.get("usb") == "stalls")
    pressed_ms = stall_ms + into_ms
    squeeze = {"at_ms": pressed_ms, "do": "press", "ms": 1700}
    plan = [stuck, asks, squeeze, *pages(20_000)]
    done = run_keyed(site, plan, 29_000, 3000, 19_000, pmu={"vbus": True})
    durable = durable_of(done)
    assert durable[0].ticks_ms - (pressed_ms + 1_500) <= DURABLE_WITHIN_MS


def test_log_lines_wait_while_a_press_is_under_way_on_a_cable(site: Site) -> None:
    plan = [SQUEEZE, asked(12_000, 1, "status")]
    done = run_keyed(site, plan, 15_000, 3000, pmu={"vbus": True})
    assert_durable_in_time(done)
    assert answers(done)[1]["ok"]["console_lost"] == 0


def test_ctrl_c_is_felt_and_logged_and_the_watchdog_arms_the_badge_again(site: Site) -> None:
    stop_ms = 12_000
    plan = [SQUEEZE, {"at_ms": stop_ms, "do": "usb_break"}, asked(60_000, 1, "log")]
    done = run_keyed(site, plan, 62_000, 59_000)
    assert done.exit_codes == [WATCHDOG, 0]
    (stopped,) = said(done, "usb.stopped")
    assert stopped.ticks_ms == stop_ms
    # With an alarm open it starts anew after 3 s, and is felt then.
    pulses = [
        fact for fact in done.facts if "motor" in fact and stop_ms <= fact["t_ms"] < stop_ms + 3000
    ]
    assert len([fact for fact in pulses if fact["motor"]]) == 5
    assert pulses[-1]["motor"] == 0
    first, second = said(done, "boot")
    assert (first.fields["cause"], second.fields["cause"]) == ("power", "watchdog")
    assert second.ticks_ms - stop_ms <= 31_000
    assert len(said(done, "armed")) == 2
    assert said(done, "alarm.resumed")
    kept = [text for _, _, text in answers(done)[1]["ok"]["records"]]
    assert any("usb.stopped" in text for text in kept)


def test_an_engineer_and_the_shift_can_test_the_accelerometer_at_once(
    site: Site, tmp_path: Path
) -> None:
    # The shift's own test runs from the moment the link is up, for half a second.
    scenario = Scenario(
        duration_ms=18_000,
        provision=site.provision_with(tmp_path / "provision", {"shift_test": True}),
        modem=site.modem(),
        events=[asked(10_000, 1, "selftest", check="imu")],
    )
    done = run_fast(keyed(site, scenario, 3000))
    (link,) = said(done, "link.up")
    (both,) = said(done, "imu.self_test")
    assert link.ticks_ms < 10_000 < both.ticks_ms
    (tested,) = said(done, "shift.test")
    assert tested.fields["verdict"] == "yes"
    assert "moved_mg" in answers(done)[1]["ok"]


def test_no_byte_is_lost_that_comes_as_a_wait_for_it_ends(site: Site) -> None:
    """The console waits for a second at a time; each request comes a little later in it."""
    plan = [asked(20_000 + 2_999.5 * n, n, "hello") for n in range(120)]
    plan += [asked(400_000 + 1_000.2 * n, 120 + n, "hello") for n in range(120)]
    found = answers(run(site, plan, 540_000))
    assert [number for number in range(240) if "ok" not in found.get(number, {})] == []
