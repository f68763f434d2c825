"""The life of an alarm in the whole firmware: what is felt, sent and kept, also over a reset."""

import re
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds, life
from badge.core.codec import journal, wire
from nabij.virtual.badge import POWER_CUT, Fact, Run, Trace, run_fast
from tests.sim.lives import assert_still_armed, incidents, said, scenario, squeeze
from tests.worlds import Site

LINK_UP_MS = 12_000
# Of the ticks of a log line, and of the t_ms of a fact.
TIME = re.compile(r"(?<=^# )\d+|(?<=\"t_ms\": )[\d.]+")
SAME_MS = 20
PRESS_MS = 15_000
# The modelled fall is judged at 23.5 s; its pre-alarm lasts until 43.5 s.
CANCEL_MS = 27_000
AMBER = {"at_ms": PRESS_MS, "do": "press", "button": "left", "ms": 2500}


def double_tap(at_ms: int, button: str) -> list[Fact]:
    tap = {"do": "press", "button": button, "ms": 120}
    return [{"at_ms": at_ms, **tap}, {"at_ms": at_ms + 300, **tap}]


def remote(run: Run, what: str) -> list[Fact]:
    return [fact for fact in run.facts if fact.get("remote") == what]


def local_trace(run: Run, since_ms: int) -> list[str]:
    """All that a bystander can see, hear or measure, and all that the badge tells its owner.

    The buttons themselves are left out, and what only the receiver sees.
    """
    lines = []
    for line in run.lines:
        fact = line.fact
        if fact is None:
            if not line.text.startswith("# ") or int(line.text.split()[1]) >= since_ms:
                lines.append(line.text)
        elif fact["t_ms"] >= since_ms and not {"remote", "end", "energy"}.intersection(fact):
            lines.append(line.text.replace("sos_right", "sos"))
    return lines


def alike(one: list[str], other: list[str]) -> bool:
    """The same lines, each at the same time as far as a bystander could tell.

    A TLS signature has 70 to 72 bytes, whatever was pressed; what comes after it moves by them, so
    that of two things at nearly one time the other may be the first.
    """
    one, other = (sorted(lines, key=lambda line: TIME.sub("", line)) for lines in (one, other))
    assert [TIME.sub("", line) for line in one] == [TIME.sub("", line) for line in other]
    times = [[float(at) for line in lines for at in TIME.findall(line)] for lines in (one, other)]
    return all(abs(a - b) <= SAME_MS for a, b in zip(*times, strict=True))


def alike_until(at_ms: int, *makers: Callable[[], Run]) -> list[Run]:
    """One run of each maker, with the same facts to the microsecond from the link on to `at_ms`.

    Each handshake takes one of a few times, and the sensor is started anew after it: only with the
    same motion in the same samples are flash and detector busy alike.
    """
    seen: list[dict[tuple[str, ...], Run]] = [{} for _ in makers]
    for _ in range(20):
        for lives, make in zip(seen, makers, strict=True):
            run = make()
            later = len(local_trace(run, at_ms))
            lives[tuple(local_trace(run, LINK_UP_MS)[:-later])] = run
        for beginning in set.intersection(*map(set, seen)):
            return [lives[beginning] for lives in seen]
    raise AssertionError("No two of 20 lives began alike.")


def sent_by(run: Run, since_ms: int) -> tuple[int, int]:
    """Bytes up and down."""
    up, down = (
        sum(f["bytes"] for f in run.facts if f.get("modem") == way and f["t_ms"] >= since_ms)
        for way in ("up", "down")
    )
    return up, down


CASES = {
    "cancel": (CANCEL_MS, 40_000, [], "withdrawn", wire.FLAG_CANCELLED),
    "end": (20_000, 40_000, [AMBER], "withdrawn", wire.FLAG_CANCELLED),
    "false": (20_000, 40_000, [squeeze(PRESS_MS)], "update", wire.FLAG_FALSE_ALARM),
}


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("profile", "coverage"), [("discreet", True), ("pna11", True), ("discreet", False)]
)
def test_duress_leaves_the_same_trace_on_the_badge_as_none(
    site: Site, fall: Trace, tmp_path: Path, case: str, profile: str, coverage: bool
) -> None:
    at_ms, duration_ms, before, told_as, flags = CASES[case]
    modem = {"observe_bytes": True, "remote": {"then": [[2, 4000], [3, 6000]]}}
    if not coverage:
        modem["no_coverage_ms"] = [[at_ms - 1000, at_ms + 8000]]
    provision = site.provision_with(
        tmp_path / "pna", {"profile": profile, "shift_test": profile == "pna11"}
    )

    def life(button: str) -> Run:
        return run_fast(
            scenario(
                site,
                duration_ms,
                trace=fall if case == "cancel" else None,
                provision=provision,
                modem=modem,
                events=[*before, *double_tap(at_ms, button)],
            )
        )

    runs = alike_until(at_ms, partial(life, "left"), partial(life, "right"))
    plain, forced = runs
    assert alike(local_trace(forced, LINK_UP_MS), local_trace(plain, LINK_UP_MS))
    assert sent_by(forced, LINK_UP_MS) == sent_by(plain, LINK_UP_MS)
    assert min(sent_by(plain, at_ms)) > 0
    told = [remote(run, told_as)[0]["flags"] for run in runs]
    assert told == [flags, flags | wire.FLAG_DURESS]
    assert_still_armed(forced)


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("profile", ["discreet", "pna11"])
def test_a_check_in_under_duress_leaves_the_same_trace_as_any(
    site: Site, tmp_path: Path, profile: str
) -> None:
    """The next check-in is asked for as after any, and the centre knows at once."""
    asked = {"profile": profile, "check_in_min": 1, "check_in_jitter_s": 0, "shift_test": False}
    provision = site.provision_with(tmp_path / "provision", asked)

    def life(button: str) -> Run:
        events = double_tap(70_000, button)
        seen = {"observe_bytes": True}
        return run_fast(scenario(site, 140_000, provision=provision, modem=seen, events=events))

    plain, forced = alike_until(70_000, partial(life, "left"), partial(life, "right"))
    assert len([e for e in said(plain, "haptic") if e.fields["pattern"] == "CHECKED_IN"]) == 1
    assert said(plain, "alarm.state", state="PRE_ALARM")[-1].ticks_ms > 120_000
    assert alike(local_trace(forced, LINK_UP_MS), local_trace(plain, LINK_UP_MS))
    assert sent_by(forced, LINK_UP_MS) == sent_by(plain, LINK_UP_MS)
    told = [
        next(fact for fact in remote(run, "deadline") if fact["t_ms"] > 70_000)
        for run in (plain, forced)
    ]
    assert [fact.get("flags", 0) for fact in told] == [0, wire.FLAG_DURESS]
    assert max(fact["t_ms"] for fact in told) < 75_000
    assert_still_armed(forced)


@pytest.mark.requirement("R06")
def test_a_cancelled_pre_alarm_raises_nothing_and_is_told(site: Site, fall: Trace) -> None:
    run = run_fast(scenario(site, 40_000, trace=fall, events=double_tap(CANCEL_MS, "left")))
    assert not incidents(run)
    (told,) = remote(run, "withdrawn")
    assert (told["kind"], told["flags"]) == (kinds.MAN_DOWN, wire.FLAG_CANCELLED)
    assert said(run, "alarm.status", state="CLOSED")
    felt = {e.fields["pattern"] for e in said(run, "haptic") if e.ticks_ms > CANCEL_MS + 1000}
    assert not felt


@pytest.mark.requirement("R09")
def test_a_false_alarm_is_asked_for_and_closed_only_by_the_centre(site: Site) -> None:
    plan = [squeeze(PRESS_MS), *double_tap(20_000, "left")]
    run = run_fast(scenario(site, 40_000, events=plan))
    assert len(incidents(run)) == 1
    (asked,) = remote(run, "update")
    assert asked["flags"] == wire.FLAG_FALSE_ALARM
    assert not said(run, "alarm.status", state="CLOSED")
    closing = {"remote": {"then": [[4, 8000]]}}
    run = run_fast(scenario(site, 40_000, modem=closing, events=plan))
    assert said(run, "alarm.status", state="CLOSED")


DARK: dict[str, Any] = {"no_coverage_ms": [[12_000, 90_000]]}
SQUEEZE = [squeeze(PRESS_MS)]
# Log state before the cut: modem, what the wearer does, seen as at the receiver in the end.
STATES = {
    "PRE_ALARM": ({}, [], "incident"),
    "RAISED": (DARK, SQUEEZE, "incident"),
    "SENT": ({"remote": {"receipts": "none"}}, SQUEEZE, "incident"),
    "RECEIVED": ({}, SQUEEZE, "incident"),
    "TAKEN": ({"remote": {"then": [[2, 500]]}}, SQUEEZE, "incident"),
    "HELP_COMING": ({"remote": {"then": [[3, 500]]}}, SQUEEZE, "incident"),
    "WITHDRAWN": (DARK, double_tap(CANCEL_MS, "right"), "withdrawn"),
    "WAITING": ({}, [AMBER], "deadline"),
    "REPORT": (DARK, [{"at_ms": 20_000, "do": "battery", "percent": 2}], "technical"),
}


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("state", STATES)
def test_a_power_cut_in_any_state_goes_on_where_it_was(
    site: Site, fall: Trace, tmp_path: Path, state: str
) -> None:
    modem, plan, seen_as = STATES[state]
    falls = fall if state in ("PRE_ALARM", "WITHDRAWN") else None
    cut_ms = 34_000
    cut = {"at_ms": cut_ms, "do": "power_cut"}
    first = run_fast(
        scenario(site, 60_000, trace=falls, modem=modem, events=[*plan, cut]),
        folder=tmp_path,
    )
    assert first.exit_codes == [POWER_CUT]
    second = run_fast(scenario(site, cut_ms + 30_000), folder=tmp_path)
    (resumed,) = said(second, "alarm.resumed")
    was_sent_again = ("PRE_ALARM", "SENT")
    assert resumed.fields["state"] == ("RAISED" if state in was_sent_again else state)
    seen = remote(first, seen_as) + remote(second, seen_as)
    assert len({(fact["boot"], fact["seq"]) for fact in seen}) == 1
    if state == "WITHDRAWN":
        assert seen[-1]["flags"] & wire.FLAG_DURESS
        assert said(second, "alarm.status", state="CLOSED")
        assert not incidents(second)
    elif state in ("PRE_ALARM", "RAISED", "SENT"):
        assert said(second, "alarm.status", state="RECEIVED")
    elif state == "REPORT":
        assert said(second, "alarm.status", state="CLOSED")
    elif state == "WAITING":
        assert 0 < seen[-1]["due_s"] <= 30 * 60
    assert_still_armed(second)


@pytest.mark.requirement("R09")
# From the message on its way to long after the receipt was felt.
@pytest.mark.parametrize("after_ms", [1_800, 1_900, 2_100, 2_500, 4_000])
def test_after_a_brownout_around_the_receipt_it_is_felt_once_by_who_is_there(
    site: Site, after_ms: int
) -> None:
    dip = {"at_ms": PRESS_MS + after_ms, "do": "brownout"}
    run = run_fast(scenario(site, PRESS_MS + 40_000, events=[*SQUEEZE, dip]))
    assert len(set(incidents(run))) == 1
    back_ms = said(run, "boot")[-1].ticks_ms
    (felt,) = [
        event.ticks_ms
        for event in said(run, "haptic", pattern="RECEIVED")
        if event.ticks_ms > back_ms
    ]
    answered = [event.ticks_ms for event in said(run, "alarm.status", state="RECEIVED")]
    assert min(ms for ms in answered if ms > back_ms) <= felt
    assert_still_armed(run)


def test_who_switches_the_badge_on_again_feels_no_old_receipt(site: Site, tmp_path: Path) -> None:
    """It may be somebody else, on another day."""
    cut_ms = PRESS_MS + 4_000
    cut = {"at_ms": cut_ms, "do": "power_cut"}
    first = run_fast(scenario(site, 60_000, events=[*SQUEEZE, cut]), folder=tmp_path)
    assert said(first, "haptic", pattern="RECEIVED")
    second = run_fast(scenario(site, cut_ms + 40_000), folder=tmp_path)
    assert said(second, "alarm.resumed", state="RECEIVED")
    # It was told where the alarm is now, and answered.
    assert said(second, "alarm.status", state="RECEIVED")
    assert not said(second, "haptic", pattern="RECEIVED")


@pytest.mark.requirement("R09")
def test_a_false_alarm_asked_for_before_a_power_cut_is_told_after_it(
    site: Site, tmp_path: Path
) -> None:
    dark = {"no_coverage_ms": [[19_000, 90_000]]}
    cut = {"at_ms": 30_000, "do": "power_cut"}
    plan = [squeeze(PRESS_MS), *double_tap(20_000, "right"), cut]
    first = run_fast(scenario(site, 60_000, modem=dark, events=plan), folder=tmp_path)
    assert said(first, "alarm.status", state="RECEIVED")
    assert not remote(first, "update")
    second = run_fast(scenario(site, 60_000), folder=tmp_path)
    # The simulator's receiver does not outlive the cut: to it, this is the first it hears.
    (incident,) = remote(second, "incident")
    assert (incident["rev"], incident["flags"] & ~wire.FLAG_AGE_AT_LEAST) == (
        2,
        wire.FLAG_FALSE_ALARM | wire.FLAG_DURESS,
    )
    assert not said(second, "haptic", pattern="RECEIVED")


def test_an_update_from_the_first_release_in_mid_alarm_resumes_it(
    site: Site, tmp_path: Path
) -> None:
    record = struct.pack("<BBBBIIHB", 1, kinds.SOS, life.RAISED, 0, 0, 4000, 0xFFFF, 0xFF)
    main = tmp_path / "old.py"
    main.write_text(
        "import os\n"
        "os.mkdir('/alarms')\n"
        "with open('/alarms/alarms.1', 'wb') as file:\n"
        f"    file.write(bytes(256) + {journal.encode(journal.REC_ALARM, 7, 3, record)!r})\n"
    )
    badge = tmp_path / "badge"
    run_fast(scenario(site, 2000, main=main), folder=badge)
    run = run_fast(scenario(site, 30_000), folder=badge)
    assert said(run, "alarm.resumed", boot="7", seq="3", state="RAISED")
    assert [(boot, seq) for boot, seq, _ in incidents(run)] == [(7, 3)]
    assert said(run, "alarm.status", state="RECEIVED")
    assert not said(run, "journal.damaged")


@pytest.mark.requirement("R18")
def test_two_alarms_and_an_amber_at_once_all_arrive_the_squeeze_first(
    site: Site, fall: Trace
) -> None:
    plan = [AMBER, squeeze(46_000), squeeze(50_000)]
    dark = {"no_coverage_ms": [[12_000, 90_000]]}
    run = run_fast(scenario(site, 130_000, trace=fall, modem=dark, events=plan))
    raised = [kind for _, _, kind in incidents(run)]
    # The first squeeze makes the amber the SOS; the fall was raised before.
    assert raised == [kinds.SOS, kinds.SOS, kinds.MAN_DOWN]
    assert len(said(run, "alarm.status", state="RECEIVED")) == 3
    assert said(run, "haptic", pattern="NOT_DELIVERED")
    assert_still_armed(run)


@pytest.mark.requirement("R02")
@pytest.mark.requirement("R18")
def test_a_squeeze_has_no_pre_alarm_and_the_receiver_has_it_well_within_30_s(site: Site) -> None:
    run = run_fast(scenario(site, 40_000, modem={"rtt_ms": 1500}, events=[squeeze(25_000)]))
    (incident,) = remote(run, "incident")
    assert not said(run, "alarm.opened", state="PRE_ALARM")
    assert incident["t_ms"] - 25_000 < 5_000
    assert incident["age_ms"] < 1_000


@pytest.mark.requirement("R11")
def test_a_test_of_the_shift_is_no_incident_and_gives_way_to_a_squeeze(
    site: Site, tmp_path: Path
) -> None:
    provision = site.provision_with(tmp_path / "p", {"shift_test": True})
    run = run_fast(scenario(site, 30_000, provision=provision))
    (told,) = remote(run, "test")
    assert told["flags"] & wire.FLAG_TEST
    assert not incidents(run)
    assert not [event for event in said(run, "haptic") if event.fields["pattern"] == "RAISED"]
    mute = {"remote": {"receipts": "none"}}
    plan = [squeeze(told["t_ms"])]
    run = run_fast(scenario(site, 30_000, provision=provision, modem=mute, events=plan))
    assert len(incidents(run)) == 1


@pytest.mark.requirement("R04")
def test_a_squeeze_while_an_amber_runs_is_one_incident_under_its_key(site: Site) -> None:
    run = run_fast(scenario(site, 40_000, events=[AMBER, squeeze(25_000)]))
    (told,) = remote(run, "deadline")
    (incident,) = remote(run, "incident")
    assert (told["boot"], told["seq"]) == (incident["boot"], incident["seq"])
    assert (incident["kind"], incident["rev"]) == (kinds.SOS, 2)
    (received,) = said(run, "alarm.status", state="RECEIVED")
    assert received.ticks_ms - 25_000 < 30_000


@pytest.mark.requirement("R04")
@pytest.mark.parametrize("badge_dies", [False, True])
def test_an_amber_that_runs_out_is_one_incident_even_if_the_badge_is_dead(
    site: Site, tmp_path: Path, badge_dies: bool
) -> None:
    provision = site.provision_with(tmp_path / "p", {"amber_min": 5, "shift_test": False})
    death = [{"at_ms": 60_000, "do": "modem", "what": "power_loss"}] if badge_dies else []
    dark = {"no_coverage_ms": [[60_000, 900_000]]} if badge_dies else {}
    run = run_fast(
        scenario(site, 340_000, provision=provision, modem=dark, events=[AMBER, *death])
    )
    (incident,) = remote(run, "incident")
    begun_ms = remote(run, "deadline")[0]["t_ms"]
    assert 299_000 <= incident["t_ms"] - begun_ms <= 303_000
    if badge_dies:
        assert incident["by"] == "deadline"
    else:
        # Both clocks run out at about the same time; who is first does not matter.
        assert said(run, "alarm.state", event="EXPIRED")
        assert said(run, "alarm.status", state="RECEIVED")


@pytest.mark.requirement("R04")
def test_an_amber_that_the_receiver_does_not_have_is_felt_within_30_s(site: Site) -> None:
    run = run_fast(scenario(site, 60_000, modem=DARK, events=[AMBER]))
    (opened,) = said(run, "alarm.opened", state="WAITING")
    told = said(run, "haptic", pattern="NOT_DELIVERED")[0]
    assert 0 < told.ticks_ms - opened.ticks_ms <= 32_000
