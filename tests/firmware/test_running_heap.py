"""The heap of the running badge: all its parts, a session, an alarm, an hour of it."""

import re
from pathlib import Path
from typing import Any

import pytest

from nabij.virtual.badge import Run, Scenario, run_fast
from tests.places import DOCS
from tests.sim.lives import said, scenario
from tests.worlds import Site

# Words are 8 bytes here and 4 on the badge. What the models take while the badge does something is
# in it, what they take from the start is not.
RUNNING_BUDGET_BYTES = 724_000
# From the first minute to the last of an hour: whatever grows must have an end.
GROWTH_BUDGET_BYTES = 20_000
_IDLE = """
import time, machine
watchdog = machine.WDT(timeout=30_000)
while True:
    watchdog.feed()
    time.sleep(1)
"""
MINUTES = (1, 10, 60)
_USED: list[dict[str, Any]] = [{"at_ms": minute * 60_000, "do": "heap_used"} for minute in MINUTES]
_DAY: list[dict[str, Any]] = [
    {"at_ms": 120_000, "do": "press", "ms": 1700},
    {"at_ms": 180_000, "do": "press", "button": "left", "ms": 2500},
    {"at_ms": 240_000, "do": "usb", "text": '?{"id": 1, "do": "status"}'},
    *(
        {"at_ms": 400_000 + 60_000 * n, "do": "press", "button": "right", "ms": 110}
        for n in range(40)
    ),
]


def _used(run: Run) -> list[int]:
    return [fact["bytes"] for fact in run.facts if fact.get("heap") == "used"]


def test_the_budgets_are_those_of_the_page() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    (told,) = [part for part in page.split("\n\n") if "test_running_heap.py` holds" in part]
    assert [int(one.replace(",", "")) for one in re.findall(r"\b\d+,\d{3}\b", told)] == [
        RUNNING_BUDGET_BYTES,
        GROWTH_BUDGET_BYTES,
    ]


def test_the_running_badge_fits_its_heap_budget(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    idle = tmp_path / "main.py"
    idle.write_text(_IDLE)
    duration_ms = max(MINUTES) * 60_000 + 1000
    still = Scenario(main=idle, duration_ms=duration_ms, modem=site.modem(), events=_USED)
    models = _used(run_fast(still))
    # The session is lost and made anew, with a handshake.
    dark = {"no_coverage_ms": [[300_000, 420_000]]}
    run = run_fast(scenario(site, duration_ms, modem=dark, events=[*_DAY, *_USED]))
    assert not said(run, "supervisor.crash")
    assert said(run, "alarm.status")
    taken = [used - of_models for used, of_models in zip(_used(run), models, strict=True)]
    by_minute = dict(zip(MINUTES, taken, strict=True))
    with capsys.disabled():
        print(f"\nheap of the running badge on the unix port, bytes by minute: {by_minute}")
    assert max(taken) <= RUNNING_BUDGET_BYTES
    assert taken[-1] - taken[0] <= GROWTH_BUDGET_BYTES
