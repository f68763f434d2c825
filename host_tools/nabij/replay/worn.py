"""The engine "badge": each recording on somebody who wears the badge since a minute of walking.

What is judged is the shipped badge above its drivers: detector, worn or not, body frame, fall with
its third look, tilt, rest, alarm book. Nobody answers.

* Before a recording comes the person's own walk (walks.py), where there is one. What lies between
  the two was not seen: no posture of the walk is held against the recording.
* After a fall that nobody gets up from its last second runs backwards and forwards until an alarm
  goes, for 5 minutes at most. After all others so too, until nothing is under way; or the person
  walks on (`then="walk"`). With `then="up"` whoever fell does so too, once the fall is settled.
* Pre-alarms and alarms of the recording and of what comes after it count, by any cause.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from badge.core.alarm import kinds, life
from badge.core.detector import detect
from nabij.data.bundles import Trial
from nabij.data.walks import by_person
from nabij.detector import decide
from nabij.detector.decide import Decision, Samples
from nabij.detector.worn import Badge
from nabij.replay.outcome import MAN_DOWN, Outcome, Raised, judge_worn

THEN: Final = ("walk", "up")
_RATE_HZ: Final[int] = detect.RATE_HZ
_WALK_ON_S: Final = 45
_LIE_ON_S: Final = 300
_JUDGE_S: Final = 3
# A verdict comes at most 11 s after the first impact that was judged.
_SETTLE_S: Final = 15
# The longest hold of a pre-alarm and the pre-alarm itself.
_UNTIL_QUIET_S: Final = 60
_VERDICTS: Final = {"motion.confirmed": "confirmed", "motion.recovered": "recovered"}


@dataclass(frozen=True)
class _Worn:
    """A badge that is worn, and the walk that its wearer goes on with."""

    badge: Badge
    walk: Samples


def wear_each(
    trials: Sequence[Trial],
    parts: Sequence[Samples],
    known: Sequence[Trial],
    config: Any,
    *,
    then: str | None = None,
    done: Callable[[], object] = lambda: None,
) -> list[Outcome]:
    """Return what a worn badge makes of each trial; `parts` are its samples at 104 Hz.

    Own walks are looked for in `known`. `done` is called after each recording.
    """
    walks = by_person(known)
    worn: dict[tuple[str, str], _Worn] = {}
    found = []
    for trial, acc in zip(trials, parts, strict=True):
        key = (trial.person, trial.placement)
        if key not in worn:
            walk = walks.get(key, np.zeros((0, 3), np.int16))
            worn[key] = _Worn(Badge(config).wear(walk), walk[: _WALK_ON_S * _RATE_HZ])
        found.append(_wear(trial, acc, worn[key], then))
        done()
    return found


def alarms_of(badge: Badge, start: int, asked: Collection[str] = ()) -> list[Raised]:
    """Return the alarms of the recording that began at `start`; of a fall with its last verdict.

    `asked` are the causes that the wearer was asked about as it began: what came of those
    pre-alarms is not of the recording.
    """
    found = []
    began: dict[str, float] = {}
    for moment in badge.happened:
        if moment.what == "pre_alarm":
            began[moment.kind] = moment.at_s
        elif moment.what == "alarm" and (moment.kind in began or moment.kind not in asked):
            met_s = began.get(moment.kind, moment.at_s)
            verdict = _verdict(badge, met_s, moment.at_s) if moment.kind == MAN_DOWN else ""
            met, at = (round(one * _RATE_HZ) - start for one in (met_s, moment.at_s))
            found.append(Raised(moment.kind, met, at, verdict))
    return found


def _verdict(badge: Badge, met_s: float, alarm_s: float) -> str:
    """Return the last verdict before an alarm since the fall that began its pre-alarm.

    That fall may be judged long before: while the wearer is asked about another, or held back.
    """
    judged_s = max((at for at in badge.of("motion.fall") if at <= met_s), default=met_s)
    given = [
        _VERDICTS[one.what]
        for one in badge.happened
        if one.what in _VERDICTS and judged_s <= one.at_s <= alarm_s
    ]
    return given[-1] if given else ""


def _wear(trial: Trial, acc: Samples, worn: _Worn, then: str | None) -> Outcome:
    badge = worn.badge.fork().leap()
    start = badge.samples
    badge.decisions.clear()
    badge.happened.clear()
    asked = {kinds.of(one.kind).name for one in badge.keeper.book.in_state(life.PRE_ALARM)}
    badge.wear(acc)
    stays_down = trial.is_fall and not decide.gets_up_again(trial.activity)
    if stays_down and then != "up":
        _lie_on(badge, acc, _LIE_ON_S, lambda: not alarms_of(badge, start, asked))
    elif then is not None and len(worn.walk):
        if stays_down:
            _lie_on(badge, acc, _SETTLE_S, lambda: _phase(badge) != detect.PHASE_IDLE)
        # The last impact is judged first; only who is being asked goes from here into the walk.
        _lie_on(badge, acc, _JUDGE_S, lambda: _phase(badge) == detect.PHASE_WAIT)
        if _phase(badge) != detect.PHASE_CONFIRM and not _is_asked(badge):
            badge.leap()
        badge.wear(worn.walk)
    else:
        _lie_on(badge, acc, _UNTIL_QUIET_S, lambda: _is_under_way(badge))
    events = [
        Decision(one.at - start, one.bits, one.anchor - start, one.peak_mg, one.words)
        for one in badge.decisions
        if one.anchor > start
    ]
    return judge_worn(trial, acc, events, _felt(badge), alarms_of(badge, start, asked))


def _lie_on(badge: Badge, acc: Samples, seconds: int, goes_on: Callable[[], bool]) -> None:
    """Let the last second of a recording run backwards and forwards."""
    if not len(acc):
        return
    for second in range(seconds):
        if not goes_on():
            break
        at = np.arange(second * _RATE_HZ, (second + 1) * _RATE_HZ)
        badge.wear(acc[decide.tail_index(len(acc) - 1, at)])


def _is_under_way(badge: Badge) -> bool:
    return _phase(badge) != detect.PHASE_IDLE or _is_asked(badge)


def _is_asked(badge: Badge) -> bool:
    return bool(badge.keeper.book.in_state(life.PRE_ALARM))


def _phase(badge: Badge) -> int:
    phase: int = badge.man_down.state[detect.S_PHASE]
    return phase


def _felt(badge: Badge) -> list[str]:
    """Return the cause of each pre-alarm that the wearer felt."""
    return [moment.kind for moment in badge.happened if moment.what == "pre_alarm"]
