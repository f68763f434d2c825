"""Figures of a replay: rates with intervals, false alarms an hour, latency, McNemar's test."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np

from nabij.replay.outcome import MAN_DOWN, Outcome

# A fall that the detector saw and whose person was up again before an alarm: none was needed.
UP_AGAIN: Final = "up_again"
Key = TypeVar("Key", bound=Hashable)
_Z_95: Final = 1.959963984540054
_HALVINGS: Final = 60


@dataclass
class Causes:
    """Of worn badges: what raised the first alarm of each fall, every false alarm and pre-alarm.

    A fall without an alarm is in `falls` as UP_AGAIN or, when it was missed, as "".
    `without_verdict` are the alarms of a fall that went before the detector's verdict.
    """

    falls: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    felt: Counter[str] = field(default_factory=Counter)
    without_verdict: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one more recording."""
        raised = outcome.raised or []
        if outcome.trial.is_fall:
            unraised = UP_AGAIN if outcome.alarms else ""
            self.falls[raised[0].cause if raised else unraised] += 1
        else:
            self.others.update(one.cause for one in raised)
            self.felt.update(outcome.felt or ())
        self.without_verdict += sum(one.cause == MAN_DOWN and not one.verdict for one in raised)

    def to_json(self) -> dict[str, Any]:
        """The causes as they stand in the JSON of a replay."""
        return {
            "falls": {cause or "none": count for cause, count in sorted(self.falls.items())},
            "false_alarms": dict(sorted(self.others.items())),
            "pre_alarms": dict(sorted(self.felt.items())),
            "without_verdict": self.without_verdict,
        }


@dataclass
class Figures:
    """What happened in a group of recordings; `latencies_ms` has one entry a detected fall.

    `false_alarms` and `pre_alarms` are those in `other_hours`, the recordings without a fall.
    `causes` is None where only the detector was asked.
    """

    falls: int = 0
    detected: int = 0
    others: int = 0
    others_with_alarm: int = 0
    false_alarms: int = 0
    pre_alarms: int = 0
    other_hours: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    causes: Causes | None = None

    def add(self, outcome: Outcome) -> None:
        """Count one more recording."""
        if outcome.raised is not None:
            self.causes = self.causes or Causes()
            self.causes.add(outcome)
        if outcome.trial.is_fall:
            self.falls += 1
            if outcome.alarms:
                self.detected += 1
            if outcome.latency_ms is not None:
                self.latencies_ms.append(outcome.latency_ms)
            return
        self.others += 1
        self.others_with_alarm += bool(outcome.alarms)
        self.false_alarms += len(outcome.alarms)
        self.pre_alarms += outcome.pre_alarms
        self.other_hours += outcome.hours

    @property
    def sensitivity(self) -> float | None:
        """Share of the falls that were detected, or None without falls."""
        return self.detected / self.falls if self.falls else None

    @property
    def specificity(self) -> float | None:
        """Share of the other recordings without an alarm, or None without such recordings."""
        return 1 - self.others_with_alarm / self.others if self.others else None

    @property
    def alarms_per_hour(self) -> float | None:
        """False alarms an hour of recordings without a fall, or None without such recordings."""
        return self.false_alarms / self.other_hours if self.other_hours else None

    @property
    def pre_alarms_per_hour(self) -> float | None:
        """Pre-alarms felt an hour without a fall, or None without such recordings."""
        return self.pre_alarms / self.other_hours if self.other_hours else None

    def latency_ms(self, percent: float) -> float | None:
        """A percentile of the time from the impact to man-down, or None without a detection."""
        if not self.latencies_ms:
            return None
        return round(float(np.percentile(self.latencies_ms, percent)), 1)

    def to_json(self) -> dict[str, Any]:
        """The figures as they stand in the JSON of a replay."""
        found = {
            "falls": self.falls,
            "detected": self.detected,
            "others": self.others,
            "others_with_alarm": self.others_with_alarm,
            "false_alarms": self.false_alarms,
            "pre_alarms": self.pre_alarms,
            "other_hours": round(self.other_hours, 4),
            "latency_ms": {"median": self.latency_ms(50), "p95": self.latency_ms(95)},
        }
        if self.other_hours:
            found["per_24_h"] = {
                "false_alarms": per_24_h(self.false_alarms, self.other_hours),
                "pre_alarms": per_24_h(self.pre_alarms, self.other_hours),
            }
        if self.causes is not None:
            found["causes"] = self.causes.to_json()
        return found


def by(outcomes: Iterable[Outcome], key: Callable[[Outcome], Key]) -> dict[Key, Figures]:
    """Return the figures of each group, in the order in which the groups first appear."""
    groups: dict[Key, Figures] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), Figures()).add(outcome)
    return groups


def wilson(hits: int, of: int) -> tuple[float, float] | None:
    """Return the 95 % Wilson score interval of a proportion, or None of nothing."""
    if not of:
        return None
    share = hits / of
    spread = _Z_95**2 / of
    centre = share + spread / 2
    half = _Z_95 * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    low = 0.0 if hits == 0 else (centre - half) / (1 + spread)
    high = 1.0 if hits == of else (centre + half) / (1 + spread)
    return low, high


def poisson(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval (Garwood) of the mean of which `count` was seen."""
    low = 0.0 if count == 0 else _solve(lambda mean: 1 - _at_most(count - 1, mean), count)
    return low, _solve(lambda mean: 1 - _at_most(count, mean), count, share=0.975)


def per_24_h(count: int, hours: float) -> dict[str, float]:
    """Return the rate in 24 h of what was counted in so many hours, with its 95 % interval."""
    low, high = poisson(count)
    share = 24 / hours
    return {
        "rate": round(count * share, 2),
        "low": round(low * share, 2),
        "high": round(high * share, 2),
    }


def _solve(rising: Callable[[float], float], count: int, share: float = 0.025) -> float:
    """Return the mean at which a probability that rises with it is `share`."""
    low, high = 0.0, 2.0 * count + 20.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rising(middle) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(count: int, mean: float) -> float:
    """Return the chance that a Poisson count of this mean is at most `count`."""
    if mean == 0:
        return 1.0
    return math.fsum(
        math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p value of McNemar's test from the two discordant counts."""
    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    fewer = min(only_first, only_second)
    # Integers of Python have no limit, so the binomial sum is exact.
    ways = sum(math.comb(discordant, k) for k in range(fewer + 1))
    return min(1.0, 2 * ways / int(2**discordant))


@dataclass(frozen=True)
class Paired:
    """The same recordings judged by two configurations: how many only one of them got right."""

    recordings: int
    both_right: int
    only_a: int
    only_b: int

    @property
    def p_value(self) -> float:
        """Exact McNemar: the chance of so unequal a split if neither were better."""
        return mcnemar(self.only_a, self.only_b)

    @property
    def difference(self) -> float:
        """How much larger the share of right decisions is with B."""
        return (self.only_b - self.only_a) / self.recordings if self.recordings else 0.0


def paired(a: Sequence[Outcome], b: Sequence[Outcome]) -> Paired:
    """Return the paired counts of two replays of the same recordings."""
    rights = [(one.is_right, other.is_right) for one, other in zip(a, b, strict=True)]
    return Paired(
        len(rights),
        sum(one and other for one, other in rights),
        sum(one and not other for one, other in rights),
        sum(other and not one for one, other in rights),
    )
