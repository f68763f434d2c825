"""The type check of `make lint` finds wrong calls in the firmware; it could easily find none."""

import re
import subprocess
import sys
from pathlib import Path

from tests.places import REPO

# Statement and what the complaint about it must name.
WRONG = (
    ("machine.Pin(3, pul=1)", '"pul"'),
    ("machine.UART(1, 115200, rxbuff=4096)", '"rxbuff"'),
    ("time.tick_ms()", '"tick_ms"|ticks_ms'),
    ("asyncio.sleep_mss(5)", "sleep_ms"),
    ("SqueezeHold(1500)", "debounce_ms"),
    ("Board().rip_pinn()", "rip_pin"),
)


def test_every_wrong_call_is_found(tmp_path: Path) -> None:
    lines = [
        "import asyncio, machine, time",
        "from badge.boards.t_sim7080g_s3 import Board",
        "from badge.core.wearer.sos import SqueezeHold",
        "def wrong():",
        *(f"    {statement}" for statement, _ in WRONG),
    ]
    source = tmp_path / "wrong.py"
    source.write_text("\n".join(lines))
    command = [sys.executable, "-m", "mypy", "--config-file", str(REPO / "firmware" / "mypy.ini")]
    command += ["--cache-dir", str(tmp_path / "cache"), str(source)]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    for number, (statement, complaint) in enumerate(WRONG, 5):
        found = re.search(rf"wrong\.py:{number}: error: .*({complaint})", done.stdout)
        assert found, f"{statement} was not complained about:\n{done.stdout}{done.stderr}"
