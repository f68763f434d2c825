"""Joins recordings of daily life of many people into streams of many minutes.

No set holds a day, and a detector that is fresh every 15 s is not one that is worn. So recordings
at one placement are joined, seeded: a person is drawn, then one of his recordings of which the
first second is within 10 degrees of the last second so far, once it is turned about the vertical.
They overlap by 1 s in which one fades into the other, and each seam is noted.

The vertical is where each person's own walk points (walks.py); who has none is left out. Long
recordings give a minute. Nobody is heard more than others, however many recordings he made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect
from nabij.data.bundles import Trial, samples_104
from nabij.data.walks import by_person
from nabij.detector import sampling
from nabij.detector.sampling import Samples
from nabij.errors import UsageError

MOST_APART_DEG: Final = 10.0
_RATE_HZ: Final[int] = detect.RATE_HZ
_FADE: Final[int] = _RATE_HZ
_LEAST_S: Final = 4
_MOST_S: Final = 60
# A mean far from 1 g is no posture: free fall, or a sensor that is off.
_POSTURE_G: Final = (0.8, 1.2)
_TRIES: Final = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seam:
    """Where the recording `trial_id` begins: at sample `at` of the stream, faded in over 1 s.

    `turned_deg` about the vertical; `apart_deg` is what is left between the postures.
    """

    at: int
    bundle: str
    trial_id: str
    turned_deg: float
    apart_deg: float


@dataclass(frozen=True)
class Stream:
    """Recordings end to end, N x 3 int16 milli-g at 104 Hz, upright along z."""

    samples: Samples
    seams: tuple[Seam, ...]


@dataclass(frozen=True)
class _Piece:
    """A recording with its vertical along z; postures of its first and last second in g."""

    trial: Trial
    acc: Floats
    first: Floats
    last: Floats


@dataclass(frozen=True)
class _Joined:
    """A piece, how far it is turned about the vertical, and what is left between the postures."""

    piece: _Piece
    turn: float
    apart_deg: float

    @property
    def last(self) -> Floats:
        """The posture of its last second, turned."""
        turned: Floats = _about_z(self.turn) @ self.piece.last
        return turned


class Joiner:
    """Makes streams from the recordings of daily life among `rows` at one placement.

    `left_out` are people of whom no walk is known, `dead_ends` recordings from which none goes on.
    """

    def __init__(self, rows: Iterable[Trial], seed: int) -> None:
        rows = list(rows)
        self._rng = np.random.default_rng(seed)
        self._walks = by_person(rows)
        self._upright: dict[str, Floats] = {}
        self._of: dict[str, list[Trial]] = {}
        self.left_out: set[str] = set()
        self.dead_ends: set[tuple[str, str]] = set()
        for row in rows:
            if row.is_fall or row.duration_s < _LEAST_S:
                continue
            walk = self._walks.get((row.person, row.placement))
            if walk is None:
                self.left_out.add(row.person)
                continue
            self._upright.setdefault(row.person, _turn_up(walk.mean(axis=0)))
            self._of.setdefault(row.person, []).append(row)
        self._people = sorted(self._of)
        if not self._people:
            raise UsageError(
                "No recording of daily life here is of somebody who walks in another one, and "
                "without a walk the vertical is unknown: give other bundles, or --placement."
            )

    @property
    def people(self) -> int:
        """How many people are heard."""
        return len(self._people)

    def stream(self, seconds: float) -> Stream:
        """Return a stream of so many seconds or a little more; it begins with somebody's walk."""
        person = self._people[int(self._rng.integers(len(self._people)))]
        row = self._of[person][0]
        walk = self._walks[person, row.placement].astype(np.float64) @ self._upright[person].T
        joined: list[_Joined] = []
        length = len(walk)
        need = math.ceil(seconds * _RATE_HZ)
        while length < need:
            last = joined[-1].last if joined else _posture(walk[-_FADE:])
            found = self._next(last)
            if found is not None:
                joined.append(found)
                length += len(found.piece.acc) - _FADE
            elif joined:
                # Nothing goes on from there: whoever lay down is in no recording that begins so.
                gone = joined.pop()
                length -= len(gone.piece.acc) - _FADE
                self.dead_ends.add((gone.piece.trial.bundle, gone.piece.trial.trial_id))
            else:
                raise UsageError(
                    f"No recording begins within {MOST_APART_DEG:g} degrees of how people walk, "
                    "and can be gone on from: give bundles with more recordings."
                )
        return _assembled(walk, joined)

    def _next(self, last: Floats) -> _Joined | None:
        """Draw a recording that fits, None after many that do not."""
        for _ in range(_TRIES):
            person = self._people[int(self._rng.integers(len(self._people)))]
            rows = self._of[person]
            row = rows[int(self._rng.integers(len(rows)))]
            if (row.bundle, row.trial_id) in self.dead_ends:
                continue
            piece = self._piece(row)
            if piece is None:
                continue
            turn = math.atan2(last[1], last[0]) - math.atan2(piece.first[1], piece.first[0])
            turn = math.remainder(turn, 2 * math.pi)
            apart = _apart_deg(last, _about_z(turn) @ piece.first)
            if apart <= MOST_APART_DEG:
                return _Joined(piece, turn, apart)
        return None

    def _piece(self, row: Trial) -> _Piece | None:
        acc = sampling.measured(samples_104(row)).astype(np.float64) @ self._upright[row.person].T
        most = _MOST_S * _RATE_HZ
        if len(acc) > most:
            start = int(self._rng.integers(len(acc) - most))
            acc = acc[start : start + most]
        first, last = _posture(acc[:_FADE]), _posture(acc[-_FADE:])
        low, high = _POSTURE_G
        if not all(low < float(np.linalg.norm(one)) < high for one in (first, last)):
            return None
        return _Piece(row, acc, first, last)


def streams(joiner: Joiner, hours: float, minutes_each: float) -> list[Stream]:
    """Return streams of `minutes_each` that last `hours` together, rounded up to whole streams."""
    count = max(1, math.ceil(hours * 60 / minutes_each))
    return [joiner.stream(60 * minutes_each) for _ in range(count)]


def seam_rows(made: Sequence[tuple[str, Stream]]) -> list[list[str]]:
    """Return the rows of seams.csv for streams by their names, its head first."""
    rows = [["trial_id", "at_s", "bundle", "joined_trial_id", "turned_deg", "apart_deg"]]
    rows += [
        [
            name,
            f"{seam.at / _RATE_HZ:.3f}",
            seam.bundle,
            seam.trial_id,
            f"{seam.turned_deg:.1f}",
            f"{seam.apart_deg:.1f}",
        ]
        for name, stream in made
        for seam in stream.seams
    ]
    return rows


def _assembled(walk: Floats, joined: Sequence[_Joined]) -> Stream:
    parts = [walk]
    seams = []
    length = len(walk)
    for one in joined:
        length -= _FADE
        trial = one.piece.trial
        seams.append(
            Seam(length, trial.bundle, trial.trial_id, math.degrees(one.turn), one.apart_deg)
        )
        parts[-1], faded = _fade(parts[-1], one.piece.acc @ _about_z(one.turn).T)
        parts.append(faded)
        length += len(one.piece.acc)
    samples = np.clip(np.rint(np.concatenate(parts)), -32768, 32767).astype(np.int16)
    return Stream(samples, tuple(seams))


def _fade(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return both with their overlap of a second in the second one."""
    share = ((np.arange(_FADE) + 0.5) / _FADE)[:, None]
    mixed = (1 - share) * before[-_FADE:] + share * after[:_FADE]
    return before[:-_FADE], np.concatenate([mixed, after[_FADE:]])


def _posture(acc: Floats) -> Floats:
    mean: Floats = acc.mean(axis=0) / 1000
    return mean


def _turn_up(upright: Floats) -> Floats:
    """Return the shortest rotation that takes `upright` to z."""
    a = upright / np.linalg.norm(upright)
    b = np.array([0.0, 0.0, 1.0])
    v, c = np.cross(a, b), float(a @ b)
    if c < -0.999999:
        return np.diag([1.0, -1.0, -1.0])
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    turn: Floats = np.eye(3) + k + k @ k / (1 + c)
    return turn


def _about_z(radians: float) -> Floats:
    c, s = math.cos(radians), math.sin(radians)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _apart_deg(a: Floats, b: Floats) -> float:
    cosine = float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
