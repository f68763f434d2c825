"""A person's own walking, to wear a badge in before a recording, and to go on with after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from badge.core.detector import detect
from nabij.data.bundles import Trial, samples_104
from nabij.detector import sampling
from nabij.detector.sampling import Samples

# 16 of the stretches from which the badge learns how it hangs.
WORN_IN_S: Final = 64
_WALKS: Final = re.compile(r"^(normal )?walk(ing)?\b(?!.*(stumble|stair|trip))", re.IGNORECASE)


def own_walk(rows: Iterable[Trial], trial: Trial, seconds: int = WORN_IN_S) -> Samples:
    """Return so long a walk of the same person and placement, repeated where it is short.

    N x 3 int16 milli-g as the badge measures it; empty when none of `rows` is such a walk.
    """
    return _repeated([row for row in rows if _is_walk_of(row, trial)], seconds)


def by_person(rows: Iterable[Trial], seconds: int = WORN_IN_S) -> dict[tuple[str, str], Samples]:
    """Return the own walk of each (person, placement) of which there is one."""
    found: dict[tuple[str, str], list[Trial]] = {}
    for row in rows:
        if is_walk(row):
            found.setdefault((row.person, row.placement), []).append(row)
    return {key: _repeated(walks, seconds) for key, walks in found.items()}


def is_walk(row: Trial) -> bool:
    """Tell whether somebody walks in a recording, on the level and without a stumble."""
    return not row.is_fall and _WALKS.match(row.activity) is not None


def _is_walk_of(row: Trial, trial: Trial) -> bool:
    same = (row.person, row.placement) == (trial.person, trial.placement)
    return same and is_walk(row)


def _repeated(walks: Sequence[Trial], seconds: int) -> Samples:
    need = seconds * int(detect.RATE_HZ)
    parts: list[Samples] = []
    while walks and sum(map(len, parts)) < need:
        parts.append(sampling.measured(samples_104(walks[len(parts) % len(walks)])))
    return np.concatenate(parts)[:need] if parts else np.zeros((0, 3), np.int16)
