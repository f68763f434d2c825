"""A physical body model: what an accelerometer on a lanyard feels; made, not recorded.

A rigid trunk with a badge on the chest: gait as periodic forces, a fall as a rotation about the
feet with a free-fall phase and a damped impact, lying as gravity with breathing. All of it is
int16 milli-g, N x 3 at 104 Hz, +y up along the body, +z away from the chest; the same seed gives
the same samples.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

RATE_HZ: Final = 104
Samples = npt.NDArray[np.int16]
_Floats = npt.NDArray[np.float64]
_NOISE_MG: Final = 6.0


@dataclass(frozen=True)
class Body:
    """One person; `seed` chooses gait, strength and noise."""

    seed: int = 1
    step_hz: float = 1.9
    walk_mg: float = 280.0
    impact_mg: float = 5500.0

    def walking(self, seconds: float) -> Samples:
        """Upright and walking: two steps a stride, heel strikes, sway."""
        rng = self._rng(1)
        n = _count(seconds)
        phase = 2 * np.pi * np.cumsum(self.step_hz * (1 + rng.normal(0, 0.01, n))) / RATE_HZ
        heel = np.maximum(0.0, np.cos(phase)) ** 6
        up = 1000 + self.walk_mg * (0.6 * np.cos(phase) + 0.8 * heel - 0.25)
        side = 0.35 * self.walk_mg * np.sin(phase / 2)
        ahead = 0.45 * self.walk_mg * np.sin(phase + 0.7)
        return self._felt(rng, np.stack([side, up, ahead], axis=1))

    def standing(self, seconds: float) -> Samples:
        """Upright, nearly still."""
        rng = self._rng(2)
        return self._felt(rng, _gravity(np.zeros(_count(seconds))) + self._sway(rng, seconds, 12))

    def fall(self) -> Samples:
        """From upright to flat in about 0.9 s: tilt, part free fall, impact, two rebounds."""
        rng = self._rng(3)
        n = _count(1.8)
        t = np.arange(n) / RATE_HZ
        # A rod that topples: the angle grows exponentially until it is flat.
        flat_s = 0.75 + 0.1 * rng.random()
        tilt = np.minimum(np.pi / 2, 0.06 * np.exp(t / flat_s * np.log(np.pi / 2 / 0.06)))
        support = np.where(t < flat_s, 1 - 0.8 * np.sin(tilt) ** 2, 1.0)
        felt = _gravity(tilt) * support[:, None]
        for bounce, strength in ((0.0, 1.0), (0.16, 0.35), (0.30, 0.15)):
            felt += self._hit(rng, t - flat_s - bounce, strength)
        return self._felt(rng, felt)

    def lying(self, seconds: float) -> Samples:
        """On the back after the fall: gravity along -z's axis, breathing, nothing else."""
        rng = self._rng(4)
        n = _count(seconds)
        breath = 8 * np.sin(2 * np.pi * 0.25 * np.arange(n) / RATE_HZ)
        felt = _gravity(np.full(n, np.pi / 2))
        felt[:, 2] += breath
        return self._felt(rng, felt)

    def walk_fall_lie(self, walk_s: float = 12.0, lie_s: float = 30.0) -> Samples:
        """The demonstration: walking, a fall, lying still."""
        return np.concatenate([self.walking(walk_s), self.fall(), self.lying(lie_s)])

    def _rng(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, part])

    def _sway(self, rng: np.random.Generator, seconds: float, mg: float) -> _Floats:
        n = _count(seconds)
        t = np.arange(n)[:, None] / RATE_HZ
        phase = rng.uniform(0, 2 * np.pi, 3)
        return mg * np.sin(2 * np.pi * np.array([0.3, 0.5, 0.4]) * t + phase)

    def _hit(self, rng: np.random.Generator, since_s: _Floats, strength: float) -> _Floats:
        """A damped oscillation of the trunk on the floor, mostly across the body."""
        ring = np.exp(-since_s.clip(0) / 0.035) * np.cos(2 * np.pi * 11 * since_s)
        ring[since_s < 0] = 0
        direction = np.array([0.25 * rng.normal(), 0.35, 1.0])
        hit: _Floats = self.impact_mg * strength * ring[:, None] * direction
        return hit

    def _felt(self, rng: np.random.Generator, mg: _Floats) -> Samples:
        noisy = mg + rng.normal(0, _NOISE_MG, mg.shape)
        return np.clip(np.rint(noisy), -32768, 32767).astype(np.int16)


def _count(seconds: float) -> int:
    return round(seconds * RATE_HZ)


def _gravity(tilt_rad: _Floats) -> _Floats:
    """1 g as the badge feels it, the trunk tilted back by `tilt_rad`."""
    zero = np.zeros_like(tilt_rad)
    felt: _Floats = 1000 * np.stack([zero, np.cos(tilt_rad), np.sin(tilt_rad)], axis=1)
    return felt
