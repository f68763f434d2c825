"""What the detector made of one recording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect
from nabij.data.bundles import Trial
from nabij.detector import decide
from nabij.detector.decide import Event, Fall, Samples

_RATE_HZ: Final[int] = detect.RATE_HZ


@dataclass(frozen=True)
class Outcome:
    """A recording and its decisions; `acc` is what the badge measured, at 104 Hz."""

    trial: Trial
    acc: Samples
    events: list[Event]
    falls: list[Fall]
    alarms: list[Fall]
    latency_ms: float | None

    @property
    def pre_alarms(self) -> int:
        """How many times the wearer feels that an alarm is about to go: each fall judged."""
        return len(self.falls)

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


def judge(trial: Trial, acc: Samples, events: Sequence[Event]) -> Outcome:
    """Return the outcome of a recording from the detector's decisions about it."""
    falls = decide.falls(events, len(acc))
    alarms = decide.alarms(falls, gets_up=trial.is_fall and decide.gets_up_again(trial.activity))
    latency_ms = None
    if trial.is_fall and alarms:
        # From the hardest blow so far, not from the blow that the detector chose to look at.
        judged = alarms[0].judged
        latency_ms = (judged - int(np.argmax(squares(acc[:judged])))) * 1000 / _RATE_HZ
    return Outcome(trial, acc, list(events), falls, alarms, latency_ms)


def squares(acc: Samples) -> NDArray[np.int32]:
    """Return |a| squared of each sample in quarter milli-g squared, as the kernel does."""
    half = acc.astype(np.int32) >> 1
    squared: NDArray[np.int32] = np.einsum("na,na->n", half, half)
    return squared


def subject_group(subject: str) -> str:
    """Return the group that a subject's name tells: its letters, as SA and SE in SisFall."""
    found = re.match(r"[^\W\d_]+", subject)
    return found[0] if found else subject
