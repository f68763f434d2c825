"""The engine "firmware": each recording through a whole virtual badge of its own.

Registers, FIFO, interrupt, driver, ring, kernel and log are the shipped ones, in virtual time;
each recording starts a badge that was never on before. So that the chip reads the recording's
very samples, the world holds each of them for its 1/104 s, and the recording begins just before
the chip's first sample: where in that time the chip looks does not matter.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from badge.core.detector import detect
from nabij import event_lines
from nabij.data import traces
from nabij.detector.decide import Decision, Params, Samples, params_of, with_tail
from nabij.errors import NabijError
from nabij.virtual import badge as virtual

_HOLD: Final = 4
_PROBE_MS: Final = 2000
# The first sample comes 9.6 ms after the start; the recording starts a third of that before it.
_AHEAD_MS: Final = 6
# The last burst waits for the watermark, and the log for the next turn.
_SPARE_MS: Final = 1500
_TIMEOUT_S: Final = 300.0
_BITS: Final = {
    "motion.fall": detect.EV_FALL,
    "motion.confirmed": detect.EV_CONFIRMED,
    "motion.recovered": detect.EV_RECOVERED,
    "motion.rejected": detect.EV_REJECTED,
}
_FAULTS: Final = ("imu.failed", "imu.overrun", "config.refused", "task.failed")
Answer = list[Decision] | NabijError


@dataclass(frozen=True)
class _Badge:
    """A badge model: what is put on it, and when its accelerometer starts."""

    provision: Path
    started_ms: int

    @property
    def trace_ms(self) -> int:
        """When a recording must begin to be seen from its first sample on."""
        return self.started_ms + _AHEAD_MS


def decide_each(
    recordings: Sequence[Samples], config: Any, done: Callable[[], object] = lambda: None
) -> list[Answer]:
    """Return each recording's decisions as the virtual badge logged them, or why it failed.

    `at` and `anchor` are exact: the log numbers the sample that ended the deciding block.
    Recordings are N x 3 int16 milli-g at 104 Hz. `done` is called after each.
    """
    params = params_of(config)
    with tempfile.TemporaryDirectory(prefix="nabij-replay-") as name:
        folder = Path(name)
        badge = _probe(folder, config)

        def one(task: tuple[int, Samples]) -> Answer:
            try:
                return _decide(folder / str(task[0]), badge, task[1], params)
            except NabijError as error:
                return error
            finally:
                done()

        with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
            return list(pool.map(one, enumerate(recordings)))


def with_evidence(told: Sequence[Decision], kernel: Sequence[Decision]) -> list[Decision]:
    """Add to what a badge logged the evidence that the kernel had for the same decisions.

    The log does not hold it. Only explanations use it: no decision is changed, added or left out.
    """
    found = []
    for event in told:
        same = (one for one in kernel if (one.at, one.bits) == (event.at, event.bits))
        one = next(same, event)
        found.append(replace(event, peak_mg=one.peak_mg, words=one.words))
    return found


def run_recording(
    folder: Path, provision: Path, acc: Samples, started_ms: int
) -> list[event_lines.LoggedEvent]:
    """Play a recording to a fresh badge in `folder`, and return the badge's log."""
    return _play(folder, _Badge(provision, started_ms), acc)


def imu_start_ms(provision: Path) -> int:
    """Return when a fresh badge with this provisioning starts its accelerometer."""
    run = virtual.run_fast(virtual.Scenario(duration_ms=_PROBE_MS, provision=provision))
    return _imu_start(_events(run))


def _probe(folder: Path, config: Any) -> _Badge:
    provision = folder / "provision"
    provision.mkdir()
    (provision / "config.json").write_text(json.dumps(config.to_dict()))
    return _Badge(provision, imu_start_ms(provision))


def _decide(folder: Path, badge: _Badge, acc: Samples, params: Params) -> list[Decision]:
    log = _play(folder, badge, with_tail(acc, params))
    for event in log:
        if event.what in _FAULTS:
            raise NabijError(
                f"The virtual badge reported {event.what} {event.fields}; run `nabij sim` on it."
            )
    if _imu_start(log) != badge.started_ms:
        raise NabijError("The virtual badge did not start as it did before; run it again.")
    return _decisions(log)


def _play(folder: Path, badge: _Badge, acc: Samples) -> list[event_lines.LoggedEvent]:
    folder.mkdir()
    held = np.repeat(acc, _HOLD, axis=0)
    file = traces.write_sim_trace(folder / "trace", held, traces.BADGE_RATE_HZ * _HOLD)
    scenario = virtual.Scenario(
        duration_ms=badge.trace_ms + len(acc) * 1000 // detect.RATE_HZ + _SPARE_MS,
        provision=badge.provision,
        trace=virtual.Trace(file, start_ms=badge.trace_ms),
        # A recording has the noise of its own sensor.
        imu={"noise_percent": 0},
    )
    run = virtual.run_fast(scenario, folder=folder / "badge", timeout_s=_TIMEOUT_S)
    file.unlink()
    return _events(run)


def _decisions(log: Sequence[event_lines.LoggedEvent]) -> list[Decision]:
    """Read the detector's verdicts; what else makes a man-down (tilt, rest) is none of them."""
    found = []
    for event in log:
        if event.what in _BITS:
            at = int(event.fields["sample"])
            since_ms = int(event.fields["since_impact_ms"])
            # An anchor is the end of a block; the log's milliseconds are far finer than that.
            blocks = round((at - since_ms * detect.RATE_HZ / 1000) / detect.BLOCK_SAMPLES)
            found.append(Decision(at, _BITS[event.what], blocks * detect.BLOCK_SAMPLES))
    return found


def _events(run: virtual.Run) -> list[event_lines.LoggedEvent]:
    parsed = (event_lines.parse_event(text) for text in run.console)
    return [event for event in parsed if event is not None]


def _imu_start(log: Sequence[event_lines.LoggedEvent]) -> int:
    for event in log:
        if event.what == "imu.started":
            return event.ticks_ms
    raise NabijError("The virtual badge did not start its accelerometer; run `make test`.")
