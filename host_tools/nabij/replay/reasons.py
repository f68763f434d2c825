"""Why the detector decided as it did, in words that a person understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from badge.core.detector import detect
from nabij.detector import points
from nabij.detector.decide import Decision
from nabij.detector.points import Score
from nabij.replay.outcome import MAN_DOWN, Outcome, Raised, squares

_KINDS: Final = (
    (detect.EV_FALL, "fall"),
    (detect.EV_REJECTED, "rejected"),
    (detect.EV_CONFIRMED, "confirmed"),
    (detect.EV_RECOVERED, "recovered"),
)
_MOST_FACTS: Final = 12
_MOST_NAMED: Final = 3


@dataclass(frozen=True)
class Fact:
    """One piece of evidence: what was measured, its points, and whether they speak for a fall."""

    name: str
    measured: str
    points: str
    is_for: bool


@dataclass(frozen=True)
class Explained:
    """A decision in words; times in seconds of the recording."""

    kind: str
    at_s: float
    impact_s: float
    sentence: str
    facts: list[Fact]
    points: int | None = None


def explain(event: Decision, config: Any) -> Explained:
    """Return a decision in words."""
    kind = next(name for bit, name in _KINDS if event.bits & bit)
    at_s, impact_s = seconds(event.at), seconds(event.anchor)
    score = _score(event, kind, config)
    total = None if score is None else score.total
    impact = f"the impact{f' of {event.peak_mg / 1000:.1f} g' if event.peak_mg else ''}"
    impact += f" at {impact_s:.1f} s"
    why = _because(score, is_for=kind in {"fall", "confirmed"})
    if kind == "fall":
        sentence = f"At {at_s:.1f} s {impact} was judged a fall{why}."
    elif kind == "rejected" and score is not None and score.passed:
        sentence = f"At {at_s:.1f} s {impact} did not replace the fall that was open{why}."
    elif kind == "rejected":
        sentence = f"At {at_s:.1f} s {impact} was judged no fall{why}."
    elif kind == "confirmed":
        sentence = f"At {at_s:.1f} s the wearer was still down{why}."
    else:
        sentence = f"At {at_s:.1f} s the wearer counted as up again{why}."
    return Explained(kind, at_s, impact_s, sentence, _facts(score), total)


def verdict(outcome: Outcome, config: Any) -> str:
    """Return in one or two sentences why the badge stayed silent, or why it raised an alarm."""
    told = [explain(event, config) for event in outcome.events if _within(event, outcome)]
    if outcome.raised:
        text = _raised(outcome.raised[0], told)
    elif outcome.raised is not None and any(fall.kept for fall in outcome.falls):
        text = _cleared(told)
    elif outcome.is_false_alarm:
        text = _alarm(told, seconds(outcome.alarms[0].judged))
    elif outcome.falls:
        text = _taken_back(told)
    else:
        rejected = [one for one in told if one.kind == "rejected"]
        peak_s = seconds(outcome.peak_index)
        if not rejected:
            return _nothing_proposed(outcome, config)
        nearest = min(rejected, key=lambda one: abs(one.impact_s - peak_s))
        text = f"Silent. {nearest.sentence}"
    if outcome.events and outcome.events[-1].at > len(outcome.acc):
        text += (
            f" (The recording ends at {seconds(len(outcome.acc)):.1f} s; what follows is its last "
            "second, back and forth.)"
        )
    return text


def reason(outcome: Outcome) -> str:
    """Return in a few words why: few enough to choose recordings by."""
    if outcome.raised:
        return f"alarm by {outcome.raised[0].cause}"
    if outcome.raised is not None and any(fall.kept for fall in outcome.falls):
        return "seen upright and moving"
    if outcome.alarms:
        return "judged a fall, still down"
    if outcome.falls:
        back = any(event.bits & detect.EV_RECOVERED for event in outcome.events)
        return "judged a fall, taken back" if back else "judged a fall, recording ended"
    judged = any(event.bits & detect.EV_REJECTED for event in outcome.events)
    return "judged no fall" if judged else "no impact seen"


def seconds(samples: int) -> float:
    """Return a number of samples as seconds."""
    return float(samples / detect.RATE_HZ)


def _alarm(told: Sequence[Explained], judged_s: float) -> str:
    fall = next(one for one in told if one.kind == "fall" and one.at_s == judged_s)
    after = [one for one in told if one.kind == "confirmed" and one.at_s > judged_s]
    stayed = f"; at {after[0].at_s:.1f} s the wearer was still down" if after else ""
    return f"Alarm. {fall.sentence.removesuffix('.')}{stayed}."


def _raised(alarm: Raised, told: Sequence[Explained]) -> str:
    """The alarm of a worn badge, and what the detector had said if it was that of a fall."""
    at_s, met_s = seconds(alarm.at), seconds(alarm.pre_alarm)
    text = f"Alarm by {alarm.cause} at {at_s:.1f} s, after a pre-alarm from {met_s:.1f} s on."
    if alarm.cause != MAN_DOWN:
        return text
    fell = [one for one in told if one.kind == "fall" and one.at_s <= at_s]
    after = {"confirmed": "still down", "recovered": "up again, but not seen upright"}
    said = after.get(alarm.verdict, "nothing yet")
    return " ".join([text, *(one.sentence for one in fell[-1:]), f"The verdict was: {said}."])


def _cleared(told: Sequence[Explained]) -> str:
    fall = [one for one in told if one.kind == "fall"][-1]
    return (
        f"Seen as a fall at {fall.at_s:.1f} s and confirmed; the pre-alarm ended because the "
        f"wearer was upright and moving. {fall.sentence}"
    )


def _taken_back(told: Sequence[Explained]) -> str:
    fall = [one for one in told if one.kind == "fall"][-1]
    back = [one for one in told if one.kind == "recovered" and one.at_s > fall.at_s]
    if not back:
        return f"Seen, but not settled when the recording ended. {fall.sentence}"
    return f"Seen as a fall at {fall.at_s:.1f} s, then taken back. {back[-1].sentence}"


def _score(event: Decision, kind: str, config: Any) -> Score | None:
    if event.words is None:
        return None
    if kind in {"confirmed", "recovered"}:
        return points.of_rest(event.words, config)
    return points.of_impact(event.words, config)


def _facts(score: Score | None) -> list[Fact]:
    """The start, the weightiest evidence and all the rest: together the points of the verdict."""
    if score is None:
        return []
    shown, rest = score.parts[:_MOST_FACTS], score.parts[_MOST_FACTS:]
    told = [("before any evidence", "", score.start)]
    told += [(part.name, part.measured, part.points) for part in shown]
    if rest:
        told.append(("all else", "", sum(part.points for part in rest)))
    return [Fact(name, measured, f"{gave:+.0f}", gave > 0) for name, measured, gave in told]


def _because(score: Score | None, *, is_for: bool) -> str:
    """The points and the evidence that weighed most on the side that won."""
    if score is None:
        return ""
    weighed = [part for part in score.parts if (part.points > 0) == is_for][:_MOST_NAMED]
    told = "; ".join(f"{p.name} {p.measured}: {p.points:+.0f}" for p in weighed)
    return f": {score.total} points, {score.needed} needed" + (f" ({told})" if told else "")


def _nothing_proposed(outcome: Outcome, config: Any) -> str:
    peak = outcome.peak_index
    peak_mg = 2 * int(squares(outcome.acc[peak : peak + 1])[0]) ** 0.5
    told = f"the largest acceleration was {peak_mg / 1000:.2f} g at {seconds(peak):.1f} s"
    if peak_mg < config.impact_mg:
        return (
            f"Silent. Nothing looked like an impact: {told}, and an impact starts at "
            f"{config.impact_mg / 1000:.2f} g."
        )
    return (
        f"Silent. No impact could be judged: {told}, too soon after the start of the "
        "recording to know the posture before it."
    )


def _within(event: Decision, outcome: Outcome) -> bool:
    return bool(event.anchor - detect.BLOCK_SAMPLES < len(outcome.acc))
