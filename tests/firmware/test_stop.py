"""Ctrl-C: felt whatever is typed, armed again within 30 s, and told to the centre."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from badge.core.alarm import kinds
from badge.core.wearer import haptics, reasons
from nabij.virtual.badge import WATCHDOG, Fact, Run, Scenario, run_fast
from tests.firmware.tasks.usb.console import answers, asked, proof, run
from tests.sim.lives import said, squeeze
from tests.worlds import Site

STOP_MS = 12_000
PATTERN = haptics.PATTERNS["STOPPED"]
# What somebody types at the prompt to keep the badge disarmed.
FED = """
import machine
from time import sleep_ms
while True:
    machine.WDT(timeout=30_000).feed()
    sleep_ms(1000)
"""
MAIN = f"""
import machine
import micropython
watchdog = machine.WDT(timeout=30_000)
micropython.kbd_intr(-1)
from badge.boards.t_sim7080g_s3 import Board
from badge import app
try:
    app.run(Board(), watchdog)
except KeyboardInterrupt:
    pass
micropython.kbd_intr(3)
{FED}
"""


def ctrl_c(*at_ms: float) -> list[Fact]:
    return [{"at_ms": ms, "do": "usb_break"} for ms in at_ms]


def pulses(run: Run, since_ms: float) -> list[tuple[float, int]]:
    """(start, length) of what the motor did within 5 s of the first start."""
    motor = [
        fact
        for fact in run.facts
        if "motor" in fact and since_ms <= fact["t_ms"] < since_ms + 5000
    ]
    if motor[0]["motor"] == 0:
        # Of the pattern that was stopped.
        motor = motor[1:]
    ends = zip(motor[::2], motor[1::2], strict=True)
    return [(on["t_ms"], round(off["t_ms"] - on["t_ms"])) for on, off in ends]


@pytest.mark.requirement("R14")
@pytest.mark.parametrize(
    "more", [[], [0], [10], [200], [1000], [*range(10, 2500, 30)]], ids=lambda more: str(len(more))
)
def test_it_is_felt_to_its_end_whatever_is_typed(site: Site, more: list[int]) -> None:
    done = run(site, ctrl_c(STOP_MS, *[STOP_MS + ms for ms in more]), 60_000)
    assert [length for _, length in pulses(done, STOP_MS)] == [on for on, _, _ in PATTERN]
    assert done.exit_codes == [WATCHDOG, 0]
    armed = said(done, "armed")[1]
    assert said(done, "boot")[1].ticks_ms < armed.ticks_ms <= STOP_MS + 30_000


def test_one_that_comes_while_the_badge_starts_is_felt_too(site: Site) -> None:
    for ms in (100, 900, 1700):
        done = run(site, ctrl_c(ms), 20_000)
        (stopped,) = said(done, "usb.stopped")
        assert stopped.ticks_ms < ms + 3000
        lengths = [length for _, length in pulses(done, stopped.ticks_ms)]
        assert lengths == [on for on, _, _ in PATTERN]


@pytest.mark.requirement("R07")
def test_the_centre_is_told_afterwards(site: Site) -> None:
    done = run(site, ctrl_c(STOP_MS), 90_000, modem=site.modem())
    told = [fact for fact in done.facts if fact.get("remote") == "technical"]
    number = next(one.number for one in reasons.TABLE if one.name == "stopped")
    assert [fact["reason"] for fact in told] == [number]


def test_a_squeeze_is_not_interrupted(site: Site) -> None:
    done = run(site, [squeeze(STOP_MS - 500), *ctrl_c(STOP_MS)], 60_000, modem=site.modem())
    (durable,) = said(done, "alarm.durable", state="RAISED")
    (stopped,) = said(done, "usb.stopped")
    assert durable.ticks_ms <= stopped.ticks_ms
    assert [fact["kind"] for fact in done.facts if fact.get("remote") == "incident"] == [kinds.SOS]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("after_ms", "may_stay"), [(100, False), (1_400, False), (1_600, True), (2_500, False)]
)
def test_a_squeeze_has_its_receipt_well_within_30_s(
    site: Site,
    after_ms: int,
    may_stay: bool,
) -> None:
    """With an alarm open the badge starts anew at once, whoever has stopped it."""
    shown = [asked(3000, 1, "hello"), asked(3500, 2, "authorise", mac=proof(site))]
    events = [*(shown if may_stay else []), squeeze(STOP_MS), *ctrl_c(STOP_MS + after_ms)]
    done = run(site, events, 40_000, modem=site.modem())
    assert said(done, "usb.stopped", allowed="False")
    told = [fact for fact in done.facts if fact.get("remote") == "incident"]
    # The receiver here begins anew with the badge, which tells it its cell then.
    assert len({(fact["boot"], fact["seq"]) for fact in told}) == 1
    incident = told[0]
    assert incident["t_ms"] - STOP_MS <= 20_000
    (stopped,) = said(done, "usb.stopped")
    lengths = [length for _, length in pulses(done, stopped.ticks_ms)]
    # The next start is felt soon after it.
    for length, (on, _, _) in zip(lengths, PATTERN, strict=False):
        assert abs(length - on) <= 5
    assert len(lengths) >= len(PATTERN)


def stayed(
    site: Site, tmp_path: Path, events: list[Fact], provision: Path | None = None, **more: Any
) -> Run:
    """A badge at whose prompt somebody feeds the watchdog for ever."""
    main = tmp_path / "main.py"
    main.write_text(MAIN)
    return run_fast(
        Scenario(duration_ms=80_000, provision=provision, events=events, main=main, **more)
    )


def test_a_watchdog_that_is_fed_at_the_prompt_does_not_keep_the_badge_disarmed(
    site: Site, tmp_path: Path
) -> None:
    done = stayed(site, tmp_path, ctrl_c(STOP_MS), site.provision)
    assert done.exit_codes == [WATCHDOG, 0]
    (reset,) = [fact for fact in done.facts if "reset" in fact]
    # With a clock that is a tenth too slow too, and a second for the start.
    assert 1.1 * (reset["t_ms"] - STOP_MS) + 1000 <= 30_000
    (_, armed) = said(done, "armed")
    assert armed.ticks_ms - STOP_MS <= 30_000


def test_whoever_has_shown_the_service_key_may_stay(site: Site, tmp_path: Path) -> None:
    events = [
        asked(3000, 1, "hello"),
        asked(3500, 2, "authorise", mac=proof(site)),
        *ctrl_c(STOP_MS),
    ]
    done = stayed(site, tmp_path, events, site.provision)
    assert answers(done)[2]["ok"] == {}
    assert done.exit_codes == [0]
    assert said(done, "usb.stopped", allowed="True")


def test_a_badge_without_an_identity_may_be_kept_at_its_prompt(site: Site, tmp_path: Path) -> None:
    assert stayed(site, tmp_path, ctrl_c(STOP_MS)).exit_codes == [0]


def test_the_limit_of_the_prompt_ends_with_the_next_start(site: Site, tmp_path: Path) -> None:
    """A soft reset keeps the RTC watchdog running; the application must not die of it."""
    main = tmp_path / "main.py"
    main.write_text(MAIN.replace(FED, "raise SystemExit"))
    done = run_fast(
        Scenario(
            duration_ms=80_000,
            provision=site.provision,
            pmu={"vbus": True},
            events=ctrl_c(STOP_MS),
            main=main,
        )
    )
    assert done.exit_codes[-1] == 0
    assert WATCHDOG not in done.exit_codes
    assert len(said(done, "armed")) == 2
