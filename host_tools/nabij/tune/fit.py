"""From impacts with labels to a verifier's table, and its figures on people that it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from badge.core.detector import detect, evidence
from nabij.detector.verifier import POINTS_A_LOGIT, Tree, Verifier
from nabij.tune import boost
from nabij.tune.boost import Boosting, Floats
from nabij.tune.extract import Impacts

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# An impact counts as the fall's if it is this near to the recording's hardest blow; what comes
# earlier is daily life.
_FALL_FROM_S: Final = -3.0
_FALL_TO_S: Final = 6.0
_NONE: Final = -(1 << 20)
# The confirm time of the shipped settings, with which the evidence was taken.
_SETTLED_SAMPLES: Final = 8 * detect.RATE_HZ


class Limits(NamedTuple):
    """How many points an impact needs to be judged a fall, and the rest after it to stay one."""

    fall: int
    down: int


@dataclass(frozen=True)
class Labels:
    """What is known of each recording; `source` is its data set and placement.

    `gets_up`: the fall is got up from within seconds. `peak` is the sample of the hardest blow.
    """

    is_fall: Bools
    gets_up: Bools
    source: NDArray[np.str_]
    person: NDArray[np.str_]
    peak: Ints


@dataclass(frozen=True)
class Hyperparameters:
    """How a verifier is fitted; `weight` of each source, sources left out are not used."""

    weight: Mapping[str, float]
    fall: Boosting = field(default_factory=lambda: Boosting(28, 0.3))
    down: Boosting = field(default_factory=lambda: Boosting(116, 0.1))
    # Many impacts of one recording say much the same: each counts 1 / count ** crowd.
    crowd: float = 0.5
    # What the first stage already rejects by far the second hardly has to learn.
    easy_share: float = 0.2
    # Falls that are got up from, as counterexamples of the second stage.
    up_again_share: float = 0.3
    # How much a softened fall counts beside a recorded one.
    soft_share: float = 3.0


@dataclass(frozen=True)
class Sample:
    """Impacts of recordings and of `copies` with noise of the same; 0 is the recordings.

    Copies below 0 are those of the falls alone, softened.
    """

    impacts: Impacts
    copy: NDArray[np.int32]

    def only(self, rows: Bools) -> Sample:
        """Return the marked rows."""
        return Sample(only(self.impacts, rows), self.copy[rows])


def stack(copies: Sequence[Impacts], soft: Sequence[Impacts] = ()) -> Sample:
    """Return the impacts of the recordings (first), of noisy and of soft copies as one sample."""
    numbered = [*enumerate(copies), *((-k, one) for k, one in enumerate(soft, 1))]
    return Sample(
        Impacts(
            np.concatenate([one.recording for _, one in numbered]),
            np.concatenate([one.at for _, one in numbered]),
            np.concatenate([one.evidence for _, one in numbered]),
        ),
        np.concatenate([np.full(len(one.at), k, np.int32) for k, one in numbered]),
    )


def first_copies(sample: Sample, count: int) -> Sample:
    """Return the sample with so many of its noisy copies, and all soft ones."""
    return sample.only(sample.copy <= count)


def only(impacts: Impacts, rows: Bools) -> Impacts:
    """Return the marked impacts."""
    return Impacts(impacts.recording[rows], impacts.at[rows], impacts.evidence[rows])


def fit(sample: Sample, labels: Labels, how: Hyperparameters, train: Bools) -> Verifier:
    """Return the verifier fitted to the recordings that `train` marks; its bases are 0."""
    impacts = sample.impacts
    rows = train[impacts.recording] & np.isin(labels.source, list(how.weight))[impacts.recording]
    return _fit(sample.only(rows), labels, how)


def cross_fit(sample: Sample, labels: Labels, how: Hyperparameters, fold: Ints) -> list[Verifier]:
    """Return for each fold the verifier that was fitted to the recordings of all others."""
    return [fit(sample, labels, how, fold != k) for k in range(int(fold.max()) + 1)]


def held_out(impacts: Impacts, fold: Ints, verifiers: Sequence[Verifier]) -> tuple[Ints, Ints]:
    """Return the points of each impact, of fall and of rest, from the verifier of its fold."""
    fall = np.zeros(len(impacts.at), np.int64)
    down = np.zeros(len(impacts.at), np.int64)
    for k, verifier in enumerate(verifiers):
        rows = fold[impacts.recording] == k
        fall[rows], down[rows] = verifier.points(impacts.evidence[rows])
    return fall, down


def folds(labels: Labels, count: int, turn: int = 0) -> Ints:
    """Return a fold for each recording: one person is in one fold over all placements."""
    fold = np.zeros(len(labels.person), np.int64)
    people = sorted(set(labels.person))
    by_set: dict[str, list[str]] = {}
    for person in people:
        by_set.setdefault(person.split(":")[0], []).append(person)
    for place, members in enumerate(by_set.values()):
        if turn:
            members = list(np.random.default_rng(turn).permutation(members))  # noqa: PLW2901
        for k, person in enumerate(members):
            fold[labels.person == person] = (k + 3 * place) % count
    return fold


@dataclass(frozen=True)
class Rates:
    """Of one source: falls and other recordings, and how many of each raised an alarm."""

    falls: int
    detected: int
    others: int
    alarmed: int
    prealarmed: int

    @property
    def missed_share(self) -> float:
        """Misses in falls."""
        return 1 - self.detected / self.falls if self.falls else 0.0

    @property
    def alarmed_share(self) -> float:
        """False alarms in other recordings."""
        return self.alarmed / self.others if self.others else 0.0

    @property
    def prealarmed_share(self) -> float:
        """Pre-alarms in other recordings."""
        return self.prealarmed / self.others if self.others else 0.0


def evaluate(
    points: tuple[Ints, Ints], impacts: Impacts, labels: Labels, limits: Limits
) -> dict[str, Rates]:
    """Return the rates by source if an impact needs these points of fall and of rest.

    Close to a replay but faster: impacts do not get in each other's way here.
    """
    return rates(best_points(points, impacts, labels, limits.fall), labels, limits.down)


def count_alarms(
    points: tuple[Ints, Ints], impacts: Impacts, recordings: int, limits: Limits
) -> Ints:
    """Return how many alarms each of so many recordings has if an impact needs these points.

    Impacts that come before an alarm is settled belong to it.
    """
    fall, down = points
    passed = np.flatnonzero((fall >= limits.fall) & (down >= limits.down))
    found = np.zeros(recordings, np.int64)
    passed = passed[np.lexsort((impacts.at[passed], impacts.recording[passed]))]
    rows = zip(impacts.recording[passed].tolist(), impacts.at[passed].tolist(), strict=True)
    last, settled = -1, 0
    for recording, at in rows:
        if recording != last or at >= settled:
            last, settled = recording, at + _SETTLED_SAMPLES
            found[recording] += 1
    return found


def best_points(
    points: tuple[Ints, Ints], impacts: Impacts, labels: Labels, limit: int
) -> tuple[Bools, Ints]:
    """Return for each recording if it has a pre-alarm, and the most points of rest after one."""
    fall, down = points
    passed = fall >= limit
    best = np.full(len(labels.is_fall), _NONE, np.int64)
    np.maximum.at(best, impacts.recording[passed], down[passed])
    return best > _NONE, best


def rates(best: tuple[Bools, Ints], labels: Labels, limit: int) -> dict[str, Rates]:
    """Return the rates by source from best_points, if so many points of rest are needed."""
    prealarm, down = best
    alarm = np.where(labels.is_fall & labels.gets_up, prealarm, down >= limit)
    found = {}
    for source in sorted(set(labels.source)):
        here = labels.source == source
        falls, others = here & labels.is_fall, here & ~labels.is_fall
        found[source] = Rates(
            int(falls.sum()),
            int((alarm & falls).sum()),
            int(others.sum()),
            int((alarm & others).sum()),
            int((prealarm & others).sum()),
        )
    return found


def _fit(part: Sample, labels: Labels, how: Hyperparameters) -> Verifier:
    impacts = part.impacts
    bytes_of_fall = impacts.evidence[:, : evidence.EVIDENCE_OF_IMPACT]
    target = _nearest(part, labels)
    weight = _weights(part, labels, how, target)
    first = boost.fit(bytes_of_fall, target == 1, weight, how.fall)
    # Which of its impacts is the fall is better said by a model than by a clock.
    target = _most_likely(part, labels, target, first.score(bytes_of_fall))
    weight = _weights(part, labels, how, target)
    first = boost.fit(bytes_of_fall, target == 1, weight, how.fall)
    score = first.score(bytes_of_fall)
    target = _most_likely(part, labels, target, score)
    # Who got up is not down now: in this a fall is as good a counterexample as daily life.
    up_again = (target == 1) & labels.gets_up[impacts.recording]
    target[up_again] = -1
    weight = _weights(part, labels, how, target)
    weight[(target == 0) & (score < -4)] *= how.easy_share
    target[up_again] = 0
    weight[up_again] = how.up_again_share * _even(up_again, labels.source[impacts.recording], how)
    second = boost.fit(impacts.evidence, target == 1, weight, how.down)
    return Verifier(_in_points(first), _in_points(second), 0, 0)


def _even(rows: Bools, source: NDArray[np.str_], how: Hyperparameters) -> Floats:
    """Return weights of the marked rows that add up to those of their sources."""
    weight = np.zeros(len(rows))
    for name, share in how.weight.items():
        here = rows & (source == name)
        weight[here] = 1000 * share / max(1, int(here.sum()))
    return weight[rows]


def _in_points(trees: boost.Trees) -> tuple[Tree, ...]:
    leaves = np.clip(np.rint(trees.leaves * POINTS_A_LOGIT), -128, 127).astype(int)
    rows = zip(trees.tests.tolist(), trees.limits.tolist(), leaves.tolist(), strict=True)
    return tuple(Tree(tuple(t), tuple(limit), tuple(leaf)) for t, limit, leaf in rows)


def _seconds_from_peak(part: Sample, labels: Labels) -> Floats:
    impacts = part.impacts
    middle = impacts.at - detect.BLOCK_SAMPLES / 2
    found: Floats = (middle - labels.peak[impacts.recording]) / detect.RATE_HZ
    return found


def _instance(part: Sample, labels: Labels) -> Ints:
    found: Ints = part.impacts.recording + part.copy.astype(np.int64) * len(labels.is_fall)
    return found


def _nearest(part: Sample, labels: Labels) -> Ints:
    """1 for the impact nearest to a fall's hardest blow, 0 for daily life, -1 for neither."""
    away = _seconds_from_peak(part, labels)
    in_fall = labels.is_fall[part.impacts.recording]
    target = np.where(in_fall & (away >= _FALL_FROM_S), -1, 0)
    return _pick(part, labels, target, np.abs(away), in_fall)


def _most_likely(part: Sample, labels: Labels, target: Ints, score: Floats) -> Ints:
    """Like _nearest, but for the likeliest of the impacts around the blow."""
    away = _seconds_from_peak(part, labels)
    in_fall = labels.is_fall[part.impacts.recording]
    near = in_fall & (away >= _FALL_FROM_S) & (away <= _FALL_TO_S)
    cleared = np.where(near | (target == 1), -1, target)
    return _pick(part, labels, cleared, -score, near)


def _pick(part: Sample, labels: Labels, target: Ints, cost: Floats, among: Bools) -> Ints:
    rows = np.flatnonzero(among)
    instance = _instance(part, labels)[rows]
    order = np.lexsort((cost[rows], instance))
    first = np.ones(len(order), np.bool_)
    first[1:] = instance[order][1:] != instance[order][:-1]
    found = target.copy()
    found[rows[order[first]]] = 1
    return found


def _weights(part: Sample, labels: Labels, how: Hyperparameters, target: Ints) -> Floats:
    """Falls and daily life of a source weigh the same, and sources as `how` says."""
    _, instance = np.unique(_instance(part, labels), return_inverse=True)
    crowd = np.bincount(instance)[instance].astype(np.float64)
    source = labels.source[part.impacts.recording]
    weight = np.zeros(len(target))
    for name, share in how.weight.items():
        for value in (0, 1):
            rows = (source == name) & (target == value)
            soft = np.where(part.copy[rows] < 0, how.soft_share, 1.0)
            each = soft if value else crowd[rows] ** -how.crowd
            if len(each):
                weight[rows] = 1000 * share * each / each.sum()
    return weight


def with_bases(verifier: Verifier, limits: Limits) -> Verifier:
    """Return the verifier so that 0 points are needed where `limits` were."""
    return replace(verifier, fall_base=-limits.fall, down_base=-limits.down)
