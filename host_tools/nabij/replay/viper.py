"""The engine "viper": the shipped kernel under MicroPython's unix port, in one process."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from badge.core.detector import params as detector_params
from nabij import places
from nabij.detector.decide import SNAPSHOT_WORDS, UPRIGHT_AT, Decision, Params, Samples, with_tail
from nabij.errors import NabijError
from nabij.virtual import interpreter
from nabij.virtual.badge import micropython_path

_TIMEOUT_S: Final = 600.0
_HEAP: Final = "64m"
# Reads, for each recording, its number of samples (u32), four words that the detector knows before
# it (int32) and the samples; writes a row of int32
# for each decision: recording, samples so far, bits, anchor, peak, then the start of the state.
_SCRIPT: Final = """
import struct, sys
from array import array
sys.path.insert(0, FIRMWARE)
from badge.core.detector import detect
params = array("i", PARAMS)
state = array("i", [0] * detect.STATE_WORDS)
chunk = array("H", bytes(6 * detect.BLOCK_SAMPLES))
room = memoryview(chunk)
decisions = detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED | detect.EV_REJECTED
row = array("i", [0] * (5 + SNAPSHOT))
with open(SOURCE, "rb") as source, open(TARGET, "wb") as target:
    for recording in range(COUNT):
        left = struct.unpack("<I", source.read(4))[0]
        detect.reset(state)
        for word in UPRIGHT_AT:
            state[word] = struct.unpack("<i", source.read(4))[0]
        at = 0
        while left:
            take = min(left, detect.BLOCK_SAMPLES)
            source.readinto(room[: 3 * take])
            anchor = state[detect.S_ANCHOR_CLOCK]
            peak = state[detect.S_PEAK_Q]
            bits = detect.step_block(state, chunk, take, params)
            at += take
            left -= take
            if bits & (detect.EV_FALL | detect.EV_CONFIRMED | detect.EV_RECOVERED):
                anchor = state[detect.S_FALL_CLOCK]
                peak = state[detect.S_FALL_PEAK_Q]
            if bits & decisions:
                row[0] = recording
                row[1] = at
                row[2] = bits
                row[3] = anchor
                row[4] = peak
                for i in range(SNAPSHOT):
                    row[5 + i] = state[i]
                target.write(row)
"""


def decide_each(
    recordings: Sequence[Samples], params: Params, upright: Params
) -> list[list[Decision]]:
    """Return each recording's decisions; recordings are N x 3 int16 milli-g at 104 Hz.

    `upright` has a row for each, as of decide.decide_many.
    """
    with tempfile.TemporaryDirectory(prefix="nabij-viper-") as name:
        folder = Path(name)
        with (folder / "source").open("wb") as file:
            for acc, known in zip(recordings, upright, strict=True):
                longer = with_tail(acc, params)
                file.write(len(longer).to_bytes(4, "little"))
                file.write(known.astype("<i4").tobytes())
                file.write(longer.astype("<i2").tobytes())
        _run(folder, len(recordings), params)
        rows = np.fromfile(folder / "target", np.int32).reshape(-1, 5 + SNAPSHOT_WORDS)
    found: list[list[Decision]] = [[] for _ in recordings]
    for row in rows:
        recording, at, bits, anchor, peak = (int(word) for word in row[:5])
        peak_mg = detector_params.milli_g_of(peak)
        found[recording].append(Decision(at, bits, anchor, peak_mg, row[5:]))
    return found


def _run(folder: Path, count: int, params: Params) -> None:
    given = {
        "FIRMWARE": str(places.FIRMWARE),
        "SOURCE": str(folder / "source"),
        "TARGET": str(folder / "target"),
        "COUNT": count,
        "PARAMS": params.tolist(),
        "SNAPSHOT": SNAPSHOT_WORDS,
        "UPRIGHT_AT": UPRIGHT_AT,
    }
    script = folder / "replay.py"
    script.write_text("".join(f"{key} = {value!r}\n" for key, value in given.items()) + _SCRIPT)
    command = [
        *interpreter.command(micropython_path()),
        *("-X", f"heapsize={_HEAP}", str(script)),
    ]
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as late:
        raise NabijError(
            f"MicroPython did not replay {count} recordings in {_TIMEOUT_S:g} s: choose fewer."
        ) from late
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise NabijError(
            f"MicroPython could not run the detector ({last}): run pip install "
            "--force-reinstall 'nabij[sim]'."
        )
