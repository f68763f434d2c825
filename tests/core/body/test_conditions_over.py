"""After an alarm, a silence or a wearer is over: from where each condition counts again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from badge.core.settings import config
from nabij.detector.worn import Badge
from tests.core.body.wearers import BODY, WALK_S, worn


@pytest.mark.parametrize(
    ("kind", "hold_s", "settings"),
    [
        ("tilt", 20, {"rest_alarm": False}),
        ("rest", 60, {"tilt_alarm": False}),
        ("man_down", None, {"rest_alarm": False, "tilt_alarm": False}),
    ],
)
def test_after_the_centre_closed_an_alarm_the_next_takes_the_whole_hold(
    kind: str, hold_s: int | None, settings: dict[str, Any]
) -> None:
    """The wearer still lies there: the centre must not get the alarm that it closed once more."""
    begins = BODY.fall() if kind == "man_down" else BODY.faint()
    badge = worn(begins, BODY.lying(180), **settings)
    pre_alarms, alarms = badge.of("pre_alarm", kind), badge.of("alarm", kind)
    assert alarms
    if hold_s is None:
        assert len(pre_alarms) == 1
    else:
        assert pre_alarms[1] - alarms[0] == pytest.approx(hold_s, abs=2)


def test_the_end_of_a_rip_alarm_is_not_the_end_of_a_hold_that_runs() -> None:
    usual = worn(BODY.standing(20), BODY.faint(), BODY.lying(40))
    torn = worn(BODY.standing(10))
    torn.watch.lanyard(False, torn.now_ms)
    # Pre-alarm, alarm and its closing take 21 s: the last in the middle of the tilt's hold.
    torn.wear(np.concatenate([BODY.standing(10), BODY.faint(), BODY.lying(40)]))
    assert torn.of("alarm", "rip")[0] < usual.of("pre_alarm", "tilt")[0] - 5
    assert torn.of("pre_alarm", "tilt")[:1] == usual.of("pre_alarm", "tilt")[:1]


@pytest.mark.parametrize("closed_s", [1, 3])
def test_a_contact_that_only_chattered_was_no_lanyard_that_was_on(closed_s: int) -> None:
    badge = Badge(config.defaults())
    badge.watch.lanyard(False, badge.now_ms)
    badge.pass_time(10)
    badge.watch.lanyard(True, badge.now_ms)
    badge.pass_time(closed_s)
    badge.watch.lanyard(False, badge.now_ms)
    badge.pass_time(120)
    assert not badge.of("pre_alarm")


def test_a_badge_that_was_put_down_learns_at_once_how_it_hangs_on_its_next_wearer() -> None:
    """While it is worn, another posture takes a minute of walking."""
    badge = worn(BODY.taken_off(), BODY.table(400))
    assert badge.watch.reason() == "not_worn"
    turned = BODY.walking(20)[:, [1, 2, 0]]
    on_again_s = WALK_S + len(BODY.taken_off()) / 104 + 400
    badge.wear(turned)
    assert badge.of("frame.learned")[-1] > on_again_s
    still_worn = worn(turned)
    assert len(still_worn.of("frame.learned")) == 1
