"""Press to durable: the longest time from a completed squeeze to its record in flash.

Fast mode, so the stalls of sim/stalls.py are charged exactly and the figure does not depend on the
machine. Squeezes meet TLS handshakes at every phase, collections the firmware did not ask for,
motion windows being erased into flash, and FIFO bursts.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from nabij.event_lines import parse_event
from nabij.virtual.badge import Run, Scenario, run_fast
from tests.worlds import Site

HOLD_MS = 1500
_FIRST_MS = 15_000
# Long enough for the window of motion after each alarm to be stored, with its erases.
_SPACING_MS = 13_000
_GC_MS = 50


@dataclass(frozen=True)
class Presses:
    """The time to durable of each squeeze, in order; None where no record was made."""

    durable_ms: list[float | None]
    run: Run

    @property
    def worst_ms(self) -> float:
        """The longest time; ValueError when a squeeze was lost."""
        if None in self.durable_ms:
            raise ValueError(f"squeeze {self.durable_ms.index(None) + 1} left no durable record")
        return max(ms for ms in self.durable_ms if ms is not None)


def squeezes(site: Site, folder: Path, count: int, *, stalls: bool, seed: int = 1) -> Presses:
    """Squeeze `count` times, each at another phase of whatever else the badge is doing."""
    rng = random.Random(seed)
    events: list[dict[str, object]] = []
    pressed_ms = []
    for k in range(count):
        press_ms = _FIRST_MS + k * _SPACING_MS + rng.random()
        pressed_ms.append(press_ms)
        events.append({"at_ms": press_ms, "do": "press", "ms": HOLD_MS + rng.uniform(1, 10)})
        if stalls:
            # From 4 s before the squeeze to its end: every part of a reconnect gets its turn.
            events.append(
                {
                    "at_ms": press_ms - 4000 + 5500 * k / count,
                    "do": "modem",
                    "what": "hang_up",
                }
            )
            for around_ms in (press_ms, press_ms + HOLD_MS):
                at_ms = around_ms + rng.uniform(-_GC_MS, 5)
                events.append({"at_ms": at_ms, "do": "stall", "name": "gc_collect", "ms": _GC_MS})
    scenario = Scenario(
        duration_ms=_FIRST_MS + count * _SPACING_MS,
        provision=site.provision,
        modem=site.modem(register_ms=1000, boot_ms=1000),
        stalls={} if stalls else "off",
        events=sorted(events, key=lambda event: float(str(event["at_ms"]))),
    )
    run = run_fast(scenario, folder=folder, timeout_s=600)
    return Presses(_durable_after(run, pressed_ms), run)


def _durable_after(run: Run, pressed_ms: list[float]) -> list[float | None]:
    raised = [
        float(event.ticks_ms)
        for event in map(parse_event, run.console)
        if event is not None
        and event.what == "alarm.durable"
        and (event.fields["kind"], event.fields["state"]) == ("sos", "RAISED")
    ]
    found: list[float | None] = []
    for press_ms in pressed_ms:
        after = [ms for ms in raised if press_ms < ms < press_ms + _SPACING_MS / 2]
        found.append(after[0] - press_ms - HOLD_MS if after else None)
    return found
