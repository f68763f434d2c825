"""Cases that every engine of the detector must answer alike, and the playing of them."""

from __future__ import annotations

import hashlib
import struct
import tempfile
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect
from nabij.detector import engines
from tests.mp import run_mp
from tests.places import FIRMWARE


@dataclass(frozen=True)
class Case:
    """Samples (N x 3 int16 milli-g), the lengths to cut them into, params, a clock to start at."""

    samples: NDArray[np.int16]
    chunks: tuple[int, ...]
    params: Sequence[int]
    clock: int = 0

    def pack(self) -> bytes:
        words = engines.words(self.samples)
        head = struct.pack("<4I", self.clock, len(self.params), len(self.chunks), len(words))
        params = struct.pack(f"<{len(self.params)}i", *self.params)
        return head + params + struct.pack(f"<{len(self.chunks)}H", *self.chunks) + words.tobytes()


@dataclass(frozen=True)
class Answer:
    """SHA-256 over events and state after every chunk; all events; largest state word."""

    digest: str
    events: int
    largest: int


def cut(length: int, lengths: Iterable[int]) -> tuple[int, ...]:
    """Cut `length` samples into the given lengths, taken as often as needed."""
    chunks: list[int] = []
    pattern = [*lengths]
    if not any(pattern):
        pattern.append(13)
    left = length
    while left:
        for n in pattern:
            chunks.append(min(n, left))
            left -= chunks[-1]
    return tuple(chunks)


def on_host(engine: str, case: Case) -> Answer:
    """Play a case through an engine of nabij.detector.engines."""
    step_block = engines.step_block(engine)
    state: Any = engines.new_state()
    params: Any = np.array(case.params, np.int32)
    words: Any = engines.words(case.samples)
    if engine == "cpython":
        state, params = array("i", state.tolist()), array("i", params.tolist())
        words = array("H", words.tolist())
    state[detect.S_CLOCK] = case.clock
    digest = hashlib.sha256()
    seen = at = 0
    for n in case.chunks:
        events = step_block(state, words[at : at + 3 * n], n, params)
        at += 3 * n
        seen |= events
        digest.update(bytes([events]))
        digest.update(state.tobytes())
    return Answer(digest.hexdigest(), seen, int(max(state)))


def on_micropython(cases: Sequence[Case]) -> dict[str, list[Answer]]:
    """Play cases through the variants of the MicroPython engine, in one process."""
    answers: dict[str, list[Answer]] = {}
    for line in call("play_all(FILE, FIRMWARE)", cases).splitlines():
        variant, digest, events, largest = line.split()
        answers.setdefault(variant, []).append(Answer(digest, int(events), int(largest)))
    return answers


def call(function: str, cases: Sequence[Case]) -> str:
    """Call a function of mp_engine_cases with the cases in FILE; return what it printed."""
    with tempfile.TemporaryDirectory(prefix="nabij-engines-") as folder:
        file = Path(folder) / "cases.bin"
        packed = b"".join(case.pack() for case in cases)
        file.write_bytes(struct.pack("<I", len(cases)) + packed)
        return run_mp(
            "from tests.firmware import mp_engine_cases as cases\n"
            f"FILE, FIRMWARE = {str(file)!r}, {str(FIRMWARE)!r}\n"
            f"cases.{function}\n"
        )
