"""A button goes down, or a pre-alarm runs: the badge looks whether its session is still there.

So what has befallen it is found while the squeeze is still being held, and not by the alarm.
"""

from pathlib import Path

import pytest

from nabij.virtual.badge import Trace
from tests.sim.lives import at, felt, lived, said, squeeze, tap, told
from tests.worlds import Site

PRESS_MS = 60_000
FORGETS = {"nat_ms": 20_000}
KEPT = {"keepalive_s": 120, "keepalive_most_s": 120}


@pytest.mark.requirement("R18")
def test_a_modem_that_is_off_is_found_before_the_squeeze_is_complete(
    site: Site, tmp_path: Path
) -> None:
    off = at(PRESS_MS - 2_000, "modem", what="power_loss")
    run = lived(site, tmp_path, PRESS_MS + 30_000, [off, squeeze(PRESS_MS)])
    (down,) = said(run, "link.down")
    (opened,) = said(run, "alarm.opened")
    assert PRESS_MS < down.ticks_ms < opened.ticks_ms
    (incident,) = told(run)
    # Power key, 2.5 s of start, 3 s of registration, TLS.
    assert incident["t_ms"] - opened.ticks_ms < 11_000


@pytest.mark.requirement("R18")
def test_a_session_that_the_network_forgot_is_found_while_the_squeeze_is_held(
    site: Site, tmp_path: Path
) -> None:
    run = lived(site, tmp_path, 90_000, [squeeze(PRESS_MS)], modem=FORGETS, settings=KEPT)
    (opened,) = said(run, "alarm.opened")
    (incident,) = told(run)
    # 3 s from when the button went down, 1.5 s of which it is held; then TLS.
    assert incident["t_ms"] - opened.ticks_ms < 4_500


@pytest.mark.requirement("R18")
def test_a_fall_finds_it_in_its_pre_alarm_and_is_received_at_once(
    site: Site, tmp_path: Path, fall: Trace
) -> None:
    moves = Trace(fall.file, start_ms=PRESS_MS)
    run = lived(site, tmp_path, 120_000, [], modem=FORGETS, settings=KEPT, trace=moves)
    (opened,) = said(run, "alarm.opened", state="PRE_ALARM")
    assert 0 < said(run, "link.down")[0].ticks_ms - opened.ticks_ms < 5_000
    raised = said(run, "alarm.state", state="RAISED")[0]
    received = said(run, "alarm.status", state="RECEIVED")[0]
    assert received.ticks_ms - raised.ticks_ms < 2_000


def test_a_touch_ends_no_session_that_is_there(site: Site, tmp_path: Path) -> None:
    """Asked for twice while it is quiet, and each time answered; nothing is sent but a ping."""
    modem = {"remote": {"observe_frames": True}}
    touches = [at(PRESS_MS, "press", ms=40), at(PRESS_MS + 40_000, "press", ms=40)]
    run = lived(site, tmp_path, 120_000, touches, modem=modem, settings=KEPT)
    assert len(said(run, "link.up")) == 1
    assert not said(run, "link.down")
    assert not told(run)


def test_who_presses_without_an_end_does_not_keep_the_link_busy(
    site: Site, tmp_path: Path
) -> None:
    """A session that was heard in the last half minute is not pinged again."""
    modem = {"remote": {"observe_frames": True}}
    taps = [one for n in range(20) for one in tap(PRESS_MS + 2_000 * n, times=1)]
    calm = lived(site, tmp_path, 120_000, [], modem=modem, settings=KEPT)
    busy = lived(site, tmp_path, 120_000, taps, modem=modem, settings=KEPT)
    assert len(told(busy, "heard")) - len(told(calm, "heard")) <= 6


@pytest.mark.parametrize("rrc_ms", [3_500, 4_500])
def test_a_touch_ends_no_session_over_a_slow_network(
    site: Site, tmp_path: Path, rrc_ms: int
) -> None:
    """Three seconds are for an alarm; who asked hears what is true, as without the first ping."""
    modem = {"rrc_ms": rrc_ms}
    asked = [*tap(PRESS_MS), *tap(PRESS_MS + 40_000), at(PRESS_MS + 80_000, "press", ms=40)]
    run = lived(site, tmp_path, 180_000, asked, modem=modem, settings=KEPT)
    assert not said(run, "link.down")
    assert felt(run)[-2:] == ["PROTECTED", "PROTECTED"]


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("after_ms", [1_000, 2_000, 3_000])
def test_a_squeeze_while_the_ping_of_a_touch_is_out_waits_no_longer_for_it(
    site: Site, tmp_path: Path, after_ms: int
) -> None:
    plan = [at(PRESS_MS, "press", ms=40), squeeze(PRESS_MS + after_ms)]
    run = lived(site, tmp_path, 90_000, plan, modem=FORGETS, settings=KEPT)
    (opened,) = said(run, "alarm.opened")
    (incident,) = told(run)
    assert incident["t_ms"] - opened.ticks_ms < 4_500
