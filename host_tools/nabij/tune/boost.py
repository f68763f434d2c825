"""Boosted oblivious trees on bytes: every tree asks the same three tests of all, 8 leaves.

Small, fast (numba) and exactly what the badge holds, so that no conversion lies in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

DEPTH = 3
LEAVES = 1 << DEPTH

_DECIDED = 0.005

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """`tests` T x 3 evidence numbers, `limits` T x 3 (above counts), `leaves` T x 8 logits."""

    tests: NDArray[np.int64]
    limits: NDArray[np.int64]
    leaves: Floats

    def score(self, evidence: Bytes) -> Floats:
        """Return the sum of the leaves of each row of `evidence` (N x E bytes)."""
        found: Floats = _score(evidence, self.tests, self.limits, self.leaves)
        return found


@dataclass(frozen=True)
class Boosting:
    """How to fit: `l2` is added to each leaf's weight, which is 1000 a set in all."""

    trees: int
    rate: float
    l2: float = 3.0
    evidence_share: float = 0.5
    row_share: float = 0.7
    seed: int = 1


def fit(evidence: Bytes, is_fall: NDArray[np.bool_], weight: Floats, how: Boosting) -> Trees:
    """Return trees whose sum is the log odds that a row (N x E bytes) is a fall."""
    columns = np.ascontiguousarray(evidence.T)
    tests, limits, leaves = _fit(
        columns,
        is_fall.astype(np.float32),
        weight.astype(np.float32),
        (how.trees, how.rate, how.l2, how.evidence_share, how.row_share, how.seed),
    )
    return Trees(tests, limits, leaves)


@numba.njit(cache=True, nogil=True)
def _fit(columns: Any, target: Any, weight: Any, how: Any) -> Any:
    trees, rate, l2, evidence_share, row_share, seed = how
    np.random.seed(seed)  # noqa: NPY002 - numba has no other
    count = columns.shape[1]
    tests = np.zeros((trees, DEPTH), np.int64)
    limits = np.zeros((trees, DEPTH), np.int64)
    leaves = np.zeros((trees, LEAVES))
    score = np.zeros(count, np.float32)
    gradient = np.zeros(count, np.float32)
    curvature = np.zeros(count, np.float32)
    leaf = np.zeros(count, np.uint8)
    row = np.zeros(count, np.int32)
    for t in range(trees):
        taken = 0
        for i in range(count):
            p = np.float32(1) / (np.float32(1) + np.exp(-score[i]))
            gradient[taken] = weight[i] * (target[i] - p)
            curvature[taken] = weight[i] * p * (1 - p)
            leaf[i] = 0
            # What is decided by far has nothing left to teach, and is most of daily life.
            undecided = abs(target[i] - p) > _DECIDED
            if undecided and np.random.random() < row_share:  # noqa: NPY002
                row[taken] = i
                taken += 1
        for d in range(DEPTH):
            best, test, limit = -1.0, 0, 0
            for e in range(columns.shape[0]):
                if np.random.random() < evidence_share:  # noqa: NPY002
                    gain, at = _best_limit(
                        columns[e], leaf, (row[:taken], gradient, curvature), (1 << d, l2)
                    )
                    if gain > best:
                        best, test, limit = gain, e, at
            tests[t, d] = test
            limits[t, d] = limit
            column = columns[test]
            for i in range(count):
                if column[i] > limit:
                    leaf[i] |= 1 << d
        g = np.zeros(LEAVES)
        h = np.zeros(LEAVES)
        for j in range(taken):
            g[leaf[row[j]]] += gradient[j]
            h[leaf[row[j]]] += curvature[j]
        for k in range(LEAVES):
            leaves[t, k] = rate * g[k] / (h[k] + l2)
        for i in range(count):
            score[i] += leaves[t, leaf[i]]
    return tests, limits, leaves


@numba.njit(cache=True, nogil=True)
def _best_limit(column: Any, leaf: Any, taken: Any, shape: Any) -> Any:
    """Return the largest gain of one more test of this evidence in all leaves, and its limit."""
    row, gradient, curvature = taken
    nodes, l2 = shape
    g = np.zeros((256, nodes))
    h = np.zeros((256, nodes))
    for j in range(len(row)):
        i = row[j]
        g[column[i], leaf[i]] += gradient[j]
        h[column[i], leaf[i]] += curvature[j]
    all_g = g.sum(axis=0)
    all_h = h.sum(axis=0)
    low_g = np.zeros(nodes)
    low_h = np.zeros(nodes)
    best, limit = -1.0, 0
    for value in range(255):
        gain, low, high, used = 0.0, 0.0, 0.0, False
        for k in range(nodes):
            used = used or h[value, k] > 0
            low_g[k] += g[value, k]
            low_h[k] += h[value, k]
            low += low_h[k]
            high += all_h[k] - low_h[k]
            gain += low_g[k] ** 2 / (low_h[k] + l2)
            gain += (all_g[k] - low_g[k]) ** 2 / (all_h[k] - low_h[k] + l2)
        # A test that hardly splits anything is noise.
        if used and low > 1 and high > 1 and gain > best:
            best, limit = gain, value
    return best, limit


@numba.njit(cache=True, nogil=True)
def _score(evidence: Any, tests: Any, limits: Any, leaves: Any) -> Any:
    score = np.zeros(len(evidence))
    for i in range(len(evidence)):
        for t in range(len(tests)):
            k = 0
            for d in range(DEPTH):
                if evidence[i, tests[t, d]] > limits[t, d]:
                    k |= 1 << d
            score[i] += leaves[t, k]
    return score
