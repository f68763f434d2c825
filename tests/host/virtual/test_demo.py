"""`nabij demo`: its time line follows one alarm a chapter; the long form runs it to its end."""

import io
import subprocess
import sys

import pytest
from rich.console import Console

from nabij.virtual.badge import Line
from nabij.virtual.demo import TimeLine

# A self-test is sent and answered in the middle of the fall and of the squeeze.
_FALL = """\
# 20000 motion.fall since_impact_ms=2500
# 20001 alarm.durable boot=7 kind=man_down seq=2 state=PRE_ALARM took_ms=2
# 20001 alarm.opened boot=7 kind=man_down seq=2 state=PRE_ALARM
# 20002 haptic pattern=PRE_ALARM
# 25000 alarm.durable boot=7 kind=sos seq=1 state=REPORT took_ms=2
# 25001 alarm.sending attempt=1 boot=7 seq=1
# 25300 haptic pattern=TEST_PASSED
# 30005 alarm.durable boot=7 kind=man_down seq=2 state=RAISED took_ms=5
# 30010 alarm.sending attempt=1 boot=7 seq=2
# 30500 alarm.status boot=7 kind=man_down seq=2 state=RECEIVED
"""
_SQUEEZE = """\
# 31000 alarm.status boot=7 kind=man_down seq=2 state=RECEIVED
# 32000 alarm.durable boot=7 kind=sos seq=4 state=RAISED took_ms=3
# 32001 alarm.sending attempt=2 boot=7 seq=2
# 32007 alarm.sending attempt=1 boot=7 seq=4
# 32400 alarm.status boot=7 kind=sos seq=4 state=RECEIVED
"""


def test_the_time_line_follows_the_alarm_and_no_self_test() -> None:
    page = io.StringIO()
    time_line = TimeLine(Console(file=page, width=200))
    time_line.begin("Fall")
    _hear(time_line, _FALL)
    time_line.begin("Squeeze")
    time_line.hear(Line("@", 0.0, {"sos": "down", "t_ms": 30_490}))
    _hear(time_line, _SQUEEZE)
    time_line.summary()
    rows = [line.split("│")[1:-1] for line in page.getvalue().splitlines() if "│" in line]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["Fall", "5 ms", "5 ms", "490 ms", "500 ms"],
        ["Squeeze", "10 ms", "7 ms", "393 ms", "410 ms"],
    ]
    assert "TEST_PASSED" not in page.getvalue()


@pytest.mark.soak
def test_the_demonstration_ends_by_itself_with_two_incidents_within_a_minute() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nabij.cli", "demo"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "man_down" in done.stdout
    assert "sos" in done.stdout


def _hear(time_line: TimeLine, text: str) -> None:
    for line in text.splitlines():
        time_line.hear(Line(line, 0.0))


@pytest.mark.parametrize("board", ["t_watch_s3", "xiao_s3_fob"])
def test_a_board_that_tells_no_falls_is_shown_with_its_squeeze_by_wlan(board: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nabij.cli", "demo", "--board", board],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "claims no falls" in done.stdout
    assert "by WLAN" in done.stdout
    assert "haptic RECEIVED" in done.stdout
    assert "man_down" not in done.stdout


def test_a_board_that_there_is_not_and_one_to_hold_are_refused_in_a_sentence() -> None:
    for arguments, says in (
        (["--board", "t_watch"], "choose one of card_badge, t_sim7080g_s3, t_watch_s3"),
        (["--board", "t_watch_s3", "--stay"], "--stay is for the reference board"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "nabij.cli", "demo", *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 2
        assert says in " ".join(done.stderr.split())
