"""What the detector made of one recording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from badge.core.alarm import kinds
from badge.core.detector import detect
from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.detector.decide import Decision, Fall, Samples

MAN_DOWN: Final[str] = kinds.of(kinds.MAN_DOWN).name
_RATE_HZ: Final[int] = detect.RATE_HZ


@dataclass(frozen=True)
class Raised:
    """An alarm that a worn badge raised; positions in samples of the recording.

    `cause` is man_down, tilt, rest or flight; `verdict` what the detector last said of the fall:
    confirmed, recovered (the wearer was not seen up), or nothing.
    """

    cause: str
    pre_alarm: int
    at: int
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A recording and its decisions; `acc` is what the badge measured, at 104 Hz.

    `raised` is what a worn badge did and `felt` the causes of its pre-alarms, None where only the
    detector was asked: then its falls stand for pre-alarms and `alarms` for alarms. `latency_ms`
    runs to the pre-alarm there, to the alarm that went here.
    """

    trial: Trial
    acc: Samples
    events: list[Decision]
    falls: list[Fall]
    alarms: list[Fall]
    latency_ms: float | None
    raised: list[Raised] | None = None
    felt: list[str] | None = None

    @property
    def pre_alarms(self) -> int:
        """How many times the wearer feels that an alarm is about to go: each fall judged."""
        return len(self.falls if self.felt is None else self.felt)

    @property
    def is_right(self) -> bool:
        """A fall with an alarm, or another recording without one."""
        return bool(self.alarms) == self.trial.is_fall

    @property
    def is_miss(self) -> bool:
        """A fall without an alarm."""
        return self.trial.is_fall and not self.alarms

    @property
    def is_false_alarm(self) -> bool:
        """An alarm without a fall."""
        return bool(self.alarms) and not self.trial.is_fall

    @property
    def hours(self) -> float:
        """Length of the recording itself, without its tail."""
        return len(self.acc) / _RATE_HZ / 3600

    @property
    def peak_index(self) -> int:
        """Sample with the largest |a|."""
        return int(np.argmax(squares(self.acc)))

    @property
    def name(self) -> str:
        """The recording as a person would look it up."""
        return f"{self.trial.bundle}/{self.trial.trial_id}"


def judge(trial: Trial, acc: Samples, events: Sequence[Decision]) -> Outcome:
    """Return the outcome of a recording from the detector's decisions about it."""
    falls = decide.falls(events, len(acc))
    alarms = decide.alarms(falls, gets_up=trial.is_fall and decide.gets_up_again(trial.activity))
    latency_ms = None
    if trial.is_fall and alarms:
        # From the hardest blow so far, not from the blow that the detector chose to look at.
        judged = alarms[0].judged
        latency_ms = (judged - int(np.argmax(squares(acc[:judged])))) * 1000 / _RATE_HZ
    return Outcome(
        trial=trial,
        acc=acc,
        events=list(events),
        falls=falls,
        alarms=alarms,
        latency_ms=latency_ms,
    )


def judge_worn(
    trial: Trial,
    acc: Samples,
    events: Sequence[Decision],
    felt: Sequence[str],
    raised: Sequence[Raised],
) -> Outcome:
    """Return the outcome of a recording from what a worn badge felt and raised.

    A fall that its person gets up from counts as seen when the detector judged it, as everywhere:
    whoever walks on by then is not asked.
    """
    falls = decide.falls(events, len(acc))
    alarms = [_as_fall(one, falls, len(acc)) for one in raised]
    if trial.is_fall and decide.gets_up_again(trial.activity) and not alarms:
        alarms = falls[:1]
    latency_ms = None
    if trial.is_fall and raised:
        first = raised[0]
        blow = int(np.argmax(squares(acc[: max(1, first.pre_alarm)])))
        latency_ms = (first.at - blow) * 1000 / _RATE_HZ
    return Outcome(
        trial=trial,
        acc=acc,
        events=list(events),
        falls=falls,
        alarms=alarms,
        latency_ms=latency_ms,
        raised=list(raised),
        felt=list(felt),
    )


def _as_fall(raised: Raised, falls: Sequence[Fall], samples: int) -> Fall:
    """Return an alarm in the form in which those of the detector alone come."""
    judged = [one for one in falls if one.judged <= raised.at]
    if raised.cause == MAN_DOWN and judged:
        return judged[-1]
    at = min(raised.pre_alarm, samples)
    return Fall(at, at, raised.at, kept=True)


def squares(acc: Samples) -> NDArray[np.int32]:
    """Return |a| squared of each sample in quarter milli-g squared, as the kernel does."""
    half = acc.astype(np.int32) >> 1
    squared: NDArray[np.int32] = np.einsum("na,na->n", half, half)
    return squared


def subject_group(subject: str) -> str:
    """Return the group that a subject's name tells: its letters, as SA and SE in SisFall."""
    found = re.match(r"[^\W\d_]+", subject)
    return found[0] if found else subject
