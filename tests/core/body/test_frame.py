"""The badge learns how it hangs on its wearer from walking, and from nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from badge.core.body.frame import BodyFrame
from badge.core.detector import detect
from badge.core.detector.second import Second
from badge.core.settings import config
from nabij.detector.worn import Badge
from nabij.virtual.body_model import Body, Samples

BODY = Body(seed=3)


def _turned(samples: Samples, axis: tuple[float, float, float], degrees: float) -> Samples:
    unit: npt.NDArray[np.float64] = np.array(axis) / np.linalg.norm(axis)
    x, y, z = unit
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    turned: Samples = np.rint(samples @ rotation.T).astype(np.int16)
    return turned


def _frame_deg(badge: Badge, way: tuple[int, int, int]) -> int:
    return int(badge.man_down.conditions.frame.from_upright_deg(*way))


@pytest.mark.requirement("R03")
@pytest.mark.parametrize(
    ("axis", "degrees"), [((0, 0, 1), 0), ((0, 0, 1), 90), ((1, 0, 0), 130), ((1, 2, 3), 200)]
)
def test_a_badge_that_hangs_any_way_tells_lying_from_upright(
    axis: tuple[float, float, float], degrees: float
) -> None:
    parts = [BODY.walking(30), BODY.standing(30), BODY.lying(30)]
    badge = Badge(config.defaults()).wear(_turned(np.concatenate(parts), axis, degrees))
    (learned_s,) = badge.of("frame.learned")
    assert 10 <= learned_s <= 20
    (met_s,) = badge.of("pre_alarm", "tilt")
    assert 79 <= met_s <= 82


@pytest.mark.parametrize("name", ["standing", "sitting", "driving", "lying", "rolling"])
def test_what_is_no_walking_teaches_nothing(name: str) -> None:
    badge = Badge(config.defaults()).wear(getattr(BODY, name)(60))
    assert not badge.man_down.conditions.frame.known


def test_the_jerks_of_a_seizure_do_not_make_lying_upright() -> None:
    parts = [BODY.walking(30), BODY.faint(), BODY.seizure(170)]
    badge = Badge(config.defaults()).wear(np.concatenate(parts))
    # To the kernel they are steps; the body frame stays where walking has put it.
    assert badge.man_down.state[11] >= 7
    assert _frame_deg(badge, (0, 500, 0)) < 20
    assert len(badge.of("frame.learned")) == 1


def test_a_badge_that_is_hung_otherwise_is_followed_by_a_minute_of_walking() -> None:
    turned = _turned(BODY.walking(120), (0, 0, 1), 45)
    badge = Badge(config.defaults()).wear(np.concatenate([BODY.walking(30), turned]))
    _, second_s = badge.of("frame.learned")
    assert second_s - 30 > 55
    assert not badge.of("pre_alarm")
    assert _frame_deg(badge, (-354, 354, 0)) < 15


def test_a_badge_that_was_put_down_learns_anew_in_twelve_seconds_of_walking() -> None:
    turned = _turned(BODY.walking(40), (0, 0, 1), 90)
    parts = [BODY.walking(30), BODY.taken_off(), BODY.table(100), turned]
    badge = Badge(config.defaults()).wear(np.concatenate(parts))
    again_s = badge.of("frame.learned")[1]
    assert again_s - (30 + 2.8 + 100) < 20
    assert not badge.of("pre_alarm")


def test_a_cancelled_tilt_makes_the_badge_ask_the_gait_again() -> None:
    badge = Badge(config.defaults()).wear(np.concatenate([BODY.walking(30), BODY.lying(25)]))
    assert badge.of("pre_alarm", "tilt")
    badge.keeper.cancel(badge.now_ms)
    # Hammering above the head shakes him like steps.
    badge.wear(BODY.seizure(40))
    # A mechanic on his back is not asked again every twenty seconds.
    assert len(badge.of("pre_alarm", "tilt")) == 1
    badge.wear(np.concatenate([BODY.walking(20), BODY.lying(30)]))
    assert len(badge.of("pre_alarm", "tilt")) == 2


@pytest.mark.parametrize("axis", [(0, 0, 1), (1, 0, 0)])
def test_the_frame_follows_slowly_within_one_way_of_hanging(axis: tuple[int, int, int]) -> None:
    badge = Badge(config.defaults()).wear(BODY.walking(30))
    seen = [_frame_deg(badge, (0, 500, 0))]
    for _ in range(4):
        badge.wear(_turned(BODY.walking(20), axis, 25))
        seen.append(_frame_deg(badge, (0, 500, 0)))
    assert all(after >= before for before, after in pairwise(seen))
    assert seen[0] < 10 < seen[-1] < 30


class Walker:
    """Walks in stretches of 4 s, with the badge as it is told."""

    def __init__(self) -> None:
        self.frame = BodyFrame()
        self._state = [0] * detect.STATE_WORDS
        self._state[detect.S_UPRIGHTS] = 1

    def stretch(
        self, *vectors: tuple[int, int, int], walks: bool = True, held: bool = False
    ) -> bool:
        """One of so many looks; whether any of them made the frame known or moved it."""
        told = []
        for k, (x, y, z) in enumerate(vectors):
            now = Second()
            now.x, now.y, now.z = x, y, z
            is_last = k == len(vectors) - 1
            self._state[detect.S_BLOCKS] += 32 - 8 * k if is_last else 8
            self._state[detect.S_FRAME + 1] += walks and is_last
            told.append(bool(self.frame.look(self._state, now, held)))
        assert not any(told[:-1])
        return told[-1]

    def deg(self, *vector: int) -> int:
        return int(self.frame.from_upright_deg(*vector))


def turned(degrees: float, axes: tuple[int, int]) -> tuple[int, int, int]:
    """1 g that is turned from the first axis to the second by so much."""
    vector = [0, 0, 0]
    vector[axes[0]] = round(500 * np.cos(np.radians(degrees)))
    vector[axes[1]] = round(500 * np.sin(np.radians(degrees)))
    return (vector[0], vector[1], vector[2])


@pytest.mark.parametrize("axes", [(0, 1), (1, 2), (2, 0), (1, 0), (0, 2), (2, 1)])
def test_each_stretch_moves_the_frame_an_eighth_of_the_way(axes: tuple[int, int]) -> None:
    walker = Walker()
    assert [walker.stretch(turned(0, axes)) for _ in range(3)] == [False, False, True]
    aim = turned(30, axes)
    assert not walker.stretch(aim)
    assert 25 <= walker.deg(*aim) <= 27
    for _ in range(40):
        walker.stretch(aim)
    assert walker.deg(*aim) <= 1


@pytest.mark.parametrize(("degrees", "is_same"), [(34, True), (35, True), (37, False)])
def test_up_to_35_degrees_away_it_hangs_as_before(degrees: int, is_same: bool) -> None:
    walker = Walker()
    for _ in range(3):
        walker.stretch(turned(0, (0, 1)))
    for _ in range(14):
        assert not walker.stretch(turned(degrees, (0, 1)))
    assert (walker.deg(*turned(degrees, (0, 1))) < 20) is is_same
    # A minute of it is another way of hanging.
    assert walker.stretch(turned(degrees, (0, 1))) is not is_same
    assert walker.deg(*turned(degrees, (0, 1))) < 20


def test_the_posture_of_a_stretch_is_the_mean_of_its_seconds() -> None:
    walker = Walker()
    for _ in range(3):
        walker.stretch((500, 0, 0), (500, 0, 0), (0, 500, 0), (0, 0, 500))
    assert walker.deg(1000, 500, 500) <= 1


def test_what_is_no_walking_or_is_held_down_is_not_counted() -> None:
    walker = Walker()
    for _ in range(2):
        walker.stretch(turned(0, (0, 1)))
    for _ in range(20):
        assert not walker.stretch(turned(0, (0, 1)), walks=False)
        assert not walker.stretch(turned(0, (0, 1)), held=True)
    assert walker.frame.stretches == 2
    assert not walker.frame.known
    assert walker.stretch(turned(0, (0, 1)))
    assert walker.frame.stretches == 3


def test_a_frame_that_is_doubted_is_known_again_at_the_next_stretch() -> None:
    walker = Walker()
    for _ in range(3):
        walker.stretch(turned(0, (0, 1)))
    now = Second()
    now.x = 500
    assert walker.frame.tilt_deg(now) in (0, 1)
    walker.frame.doubt()
    assert walker.frame.tilt_deg(now) is None
    assert walker.stretch(turned(10, (0, 1)))
    assert walker.frame.tilt_deg(now) is not None
    assert not walker.stretch(turned(10, (0, 1)))


def test_after_the_badge_was_taken_off_three_stretches_decide() -> None:
    walker = Walker()
    for _ in range(3):
        walker.stretch(turned(0, (0, 1)))
    walker.stretch(turned(90, (0, 1)))
    walker.frame.expect_another()
    told = [walker.stretch(turned(90, (0, 1))) for _ in range(3)]
    assert told == [False, False, True]
    assert walker.deg(*turned(90, (0, 1))) <= 1
    # And from then on it takes a minute again.
    assert [walker.stretch(turned(0, (0, 1))) for _ in range(15)] == [False] * 14 + [True]
