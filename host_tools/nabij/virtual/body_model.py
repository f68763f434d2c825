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
# Of the chip itself (DS12814: 110 ug/sqrt(Hz) at 16 g), without a body under it.
_CHIP_NOISE_MG: Final = 0.9


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

    def sitting(self, seconds: float, fidget_s: float | None = 25.0) -> Samples:
        """Leaning back a little, breathing; every `fidget_s` moving for a second."""
        rng = self._rng(5)
        n = _count(seconds)
        t = np.arange(n) / RATE_HZ
        felt = _gravity(np.full(n, 0.2)) + _breath(t, 10)
        if fidget_s is not None:
            moving = (t % fidget_s) > fidget_s - 1
            felt[:, 0] += 220 * moving * np.sin(2 * np.pi * 1.5 * t)
        return self._felt(rng, felt)

    def table(self, seconds: float) -> Samples:
        """The badge face up on a table: nothing but the noise of the chip."""
        return _still(self._rng(6), seconds, (0, 0, 1000))

    def hook(self, seconds: float) -> Samples:
        """The badge on a hook: as still, but hanging."""
        return _still(self._rng(7), seconds, (0, 1000, 0))

    def taken_off(self) -> Samples:
        """Over the head with a hand, carried, and put softly onto a table."""
        way = [(0, 1000, 0), (600, 500, 600), (900, -300, 300), (300, -200, 930), (0, 0, 1000)]
        felt = _between(way, 0.7)
        felt += self._wobble(self._rng(8), len(felt), 120)
        felt[-6:, 2] += 180
        return self._felt(self._rng(9), felt)

    def tossed(self) -> Samples:
        """Taken off, held in a hand, and thrown onto a table; lying there follows."""
        rng = self._rng(10)
        held = _between([(0, 1000, 0), (800, 400, 400), (950, -200, 200), (950, -100, 300)], 0.9)
        held += self._wobble(rng, len(held), 90)
        flight = 60 * rng.normal(size=(_count(0.35), 3))
        return np.concatenate([self._felt(rng, held), self._felt(rng, flight), _clatter(rng)])

    def faint(self, sink_s: float = 2.5) -> Samples:
        """Sinking down without a blow, as along a wall; lying follows."""
        rng = self._rng(11)
        tilt = np.linspace(0, np.pi / 2, _count(sink_s))
        felt = _gravity(tilt) + self._wobble(rng, len(tilt), 60)
        return self._felt(rng, felt)

    def freezing(self, seconds: float) -> Samples:
        """Lying unconscious in the cold: shallow breath and shivering."""
        rng = self._rng(12)
        n = _count(seconds)
        t = np.arange(n) / RATE_HZ
        shiver = (np.sin(2 * np.pi * 0.05 * t) > 0.3) * np.sin(2 * np.pi * 9 * t)
        felt = _gravity(np.full(n, np.pi / 2)) + _breath(t, 4)
        felt[:, 0] += 15 * shiver
        return self._felt(rng, felt)

    def seizure(self, seconds: float, jerk_mg: float = 700.0) -> Samples:
        """Lying and jerking two or three times a second: to a step counter, walking."""
        rng = self._rng(13)
        n = _count(seconds)
        phase = 2 * np.pi * np.cumsum(2.2 * (1 + rng.normal(0, 0.05, n))) / RATE_HZ
        felt = _gravity(np.full(n, np.pi / 2))
        felt[:, 2] += jerk_mg * (np.maximum(0, np.cos(phase)) ** 4 - 0.37)
        felt[:, 0] += 0.5 * jerk_mg * np.sin(phase)
        return self._felt(rng, felt)

    def rolling(self, seconds: float, turn_s: float = 6.0) -> Samples:
        """Rolling on the floor about the body's own axis."""
        rng = self._rng(14)
        turn = 2 * np.pi * np.arange(_count(seconds)) / RATE_HZ / turn_s
        across = [1000 * np.sin(turn), np.zeros_like(turn), 1000 * np.cos(turn)]
        return self._felt(rng, np.stack(across, axis=1) + self._wobble(rng, len(turn), 80))

    def jogging(self, seconds: float) -> Samples:
        """Running: hard steps, nearly weightless between them."""
        rng = self._rng(15)
        n = _count(seconds)
        phase = 2 * np.pi * np.cumsum(2.7 * (1 + rng.normal(0, 0.01, n))) / RATE_HZ
        up = 1000 + 950 * np.cos(phase) + 500 * np.maximum(0, np.cos(phase)) ** 8 - 70
        felt = np.stack([250 * np.sin(phase / 2), up, 300 * np.sin(phase + 0.6)], axis=1)
        return self._felt(rng, felt)

    def jog_to_stop(self, jog_s: float = 15.0, stand_s: float = 30.0) -> Samples:
        """Running, one last hard step, and standing still."""
        rng = self._rng(16)
        stop = _gravity(np.zeros(_count(0.8)))
        stop[:12, 1] += 1800 * np.sin(np.linspace(0, np.pi, 12))
        stop[:12, 2] -= 700
        return np.concatenate([self.jogging(jog_s), self._felt(rng, stop), self.standing(stand_s)])

    def driving(self, seconds: float) -> Samples:
        """At the wheel of a van: the road's vibration, bends and brakes."""
        rng = self._rng(17)
        n = _count(seconds)
        t = np.arange(n) / RATE_HZ
        felt = _gravity(np.full(n, 0.35))
        for hz, mg in ((1.7, 25), (4.3, 20), (11.0, 40), (17.0, 25)):
            felt[:, 1] += mg * np.sin(2 * np.pi * hz * t + rng.uniform(0, 6))
        felt[:, 0] += 180 * np.sin(2 * np.pi * 0.06 * t) ** 3
        felt[:, 2] += 150 * np.sin(2 * np.pi * 0.04 * t + 1) ** 3
        return self._felt(rng, felt)

    def speed_bump(self) -> Samples:
        """A van over a speed bump, the driver belted in: up, down, and two swings after it."""
        rng = self._rng(18)
        t = np.arange(_count(2.0)) / RATE_HZ
        felt = _gravity(np.full(len(t), 0.35))
        felt[:, 1] += 1700 * np.exp(-t / 0.35) * np.sin(2 * np.pi * 1.8 * t)
        felt[:, 2] += 500 * np.exp(-t / 0.3) * np.sin(2 * np.pi * 1.8 * t + 0.5)
        return self._felt(rng, felt)

    def ladder_fall(self, drop_s: float = 0.65) -> Samples:
        """From a ladder onto the floor; the badge tears off, and clatters away over the floor."""
        rng = self._rng(19)
        slip = _gravity(np.linspace(0, 0.5, _count(0.25)))
        drop = 80 * rng.normal(size=(_count(drop_s), 3))
        hit = _gravity(np.full(_count(0.3), np.pi / 2))
        hit += self._hit(rng, np.arange(len(hit)) / RATE_HZ, 1.6)
        away = 60 * rng.normal(size=(_count(0.2), 3))
        parts = [self._felt(rng, part) for part in (slip, drop, hit, away)]
        return np.concatenate([*parts, _clatter(rng)])

    def _rng(self, part: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, part])

    def _sway(self, rng: np.random.Generator, seconds: float, mg: float) -> _Floats:
        n = _count(seconds)
        t = np.arange(n)[:, None] / RATE_HZ
        phase = rng.uniform(0, 2 * np.pi, 3)
        return mg * np.sin(2 * np.pi * np.array([0.3, 0.5, 0.4]) * t + phase)

    def _wobble(self, rng: np.random.Generator, n: int, mg: float) -> _Floats:
        """The unsteadiness of a hand or a body that is let down."""
        t = np.arange(n)[:, None] / RATE_HZ
        felt: _Floats = mg * np.sin(
            2 * np.pi * np.array([1.3, 2.1, 1.7]) * t + rng.uniform(0, 6, 3)
        )
        return felt

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


def _breath(t: _Floats, mg: float) -> _Floats:
    """A chest that rises and sinks 15 times a minute."""
    felt: _Floats = np.zeros((len(t), 3))
    felt[:, 2] = mg * np.sin(2 * np.pi * 0.25 * t)
    return felt


def _still(rng: np.random.Generator, seconds: float, posture: tuple[int, int, int]) -> Samples:
    felt = np.array(posture) + rng.normal(0, _CHIP_NOISE_MG, (_count(seconds), 3))
    return np.rint(felt).astype(np.int16)


def _between(way: list[tuple[int, int, int]], leg_s: float) -> _Floats:
    """Postures in order, each leg as long, 1 g throughout."""
    points = np.array(way, np.float64)
    at = np.linspace(0, len(way) - 1, _count(leg_s * (len(way) - 1)))
    felt = np.stack([np.interp(at, np.arange(len(way)), points[:, k]) for k in range(3)], axis=1)
    scaled: _Floats = 1000 * felt / np.linalg.norm(felt, axis=1, keepdims=True)
    return scaled


def _clatter(rng: np.random.Generator) -> Samples:
    """A light card that hits something hard: sharp knocks, and at once it lies face up."""
    felt = np.tile([0.0, 0.0, 1000.0], (_count(0.5), 1))
    for at, mg in ((0, 6500), (14, 3000), (24, 1200)):
        felt[at : at + 2] += mg * rng.uniform(-1, 1, (2, 3)) + [0, 0, mg / 2]
    clattering: Samples = np.clip(np.rint(felt), -32768, 32767).astype(np.int16)
    return clattering
