"""What was logged becomes recordings: one, or one for each part where time stamps jump."""

import dataclasses
from typing import Final

import numpy as np

from nabij.data.common import Floats, Logged, Recorded, UnusableFileError
from nabij.data.stamps import Indices
from nabij.data.timeline import Rules, Segment, Settled, settle

# Marks are read from video, to some frames.
_BEFORE_ONSET_S: Final = 0.5
_AFTER_IMPACT_S: Final = 1.0
# A blow; without one nothing can be said against the marks.
_BLOW_MG: Final = 2000.0


def recorded(name: str, rules: Rules, one: Logged) -> list[Recorded | UnusableFileError]:
    """The recordings in what was logged; UnusableFileError when its rate cannot be trusted.

    Of a fall only the part with the fall is one: what its publisher says is true of that alone.
    """
    settled = settle(name, one.t_s, one.acc_mg, rules)
    if settled.order is not None:
        one = _sorted(one, settled.order)
    notes = (*one.notes, *filter(None, [settled.note(name)]))
    parts = list(settled.parts)
    if one.is_fall and len(parts) > 1:
        parts, why = _with_fall(name, one, settled)
        notes = (*notes, why)
    found: list[Recorded | UnusableFileError] = []
    for number, part in enumerate(parts, 1):
        made = _recorded(one, part, settled)
        if len(parts) > 1:
            made = dataclasses.replace(made, trial_id=f"{one.trial_id}_p{number}")
        if one.marks is not None:
            made, about = _marked(name, made, part, one.marks)
            notes = (*notes, *about)
        found.append(made)
    # Each sentence once, with the first.
    found[0] = dataclasses.replace(found[0], notes=notes)  # type: ignore[type-var]
    return found


def rows_of_times(t_s: Floats, *moments_s: float) -> tuple[int, int]:
    """The rows of two moments that are given by the recording's own stamps."""
    low, high = (int(np.argmin(np.abs(t_s - moment))) for moment in moments_s)
    return low, high


def _sorted(one: Logged, order: Indices) -> Logged:
    """The same with its rows in this order, its marks at their samples."""
    marks = one.marks
    if marks is not None:
        place = np.argsort(order)
        marks = (int(place[marks[0]]), int(place[marks[1]]))
    t_s = None if one.t_s is None else one.t_s[order]
    return dataclasses.replace(one, acc_mg=one.acc_mg[order], t_s=t_s, marks=marks)


def _recorded(one: Logged, part: Segment, settled: Settled) -> Recorded:
    begins_s = None
    if one.t_s is not None and (part.start > 0 or len(settled.parts) > 1):
        begins_s = round(float(one.t_s[part.start] - one.t_s[0]), 3)
    return Recorded(
        trial_id=one.trial_id,
        subject=one.subject,
        activity_code=one.activity_code,
        activity=one.activity,
        is_fall=one.is_fall,
        rate_hz=part.rate_hz,
        placement=one.placement,
        acc_mg=part.samples(one.acc_mg),
        max_gap_s=part.max_gap_s,
        rail_mg=one.rail_mg,
        source_start_s=begins_s,
        flags=(*one.flags, *settled.flags),
    )


def _with_fall(name: str, one: Logged, settled: Settled) -> tuple[list[Segment], str]:
    """The part of a fall that has it, by its marks or else by the largest acceleration."""
    if one.marks is not None:
        for part in settled.parts:
            if all(part.start <= row < part.stop for row in one.marks):
                return [part], f"{name}: only the part with the marked fall is imported."
    peaks = [
        float(np.square(part.samples(one.acc_mg)).sum(axis=1).max()) for part in settled.parts
    ]
    return [settled.parts[int(np.argmax(peaks))]], (
        f"{name}: of the fall only the part with the largest acceleration is imported."
    )


def _marked(
    name: str, made: Recorded, part: Segment, marks: tuple[int, int]
) -> tuple[Recorded, list[str]]:
    """The recording with the moments of its fall, and what is to be said against them."""
    onset_s, impact_s = (part.second_of(row) for row in marks)
    if onset_s is None or impact_s is None or impact_s < onset_s:
        sentence = f"{name}: its fall is marked where it has no samples; imported without moments."
        return dataclasses.replace(made, flags=(*made.flags, "marks_off")), [sentence]
    made = dataclasses.replace(made, fall_start_s=onset_s, fall_end_s=impact_s)
    size = np.sqrt(np.square(made.acc_mg).sum(axis=1))
    peak = int(np.argmax(size))
    peak_s = peak / made.rate_hz
    if size[peak] < _BLOW_MG or (
        onset_s - _BEFORE_ONSET_S <= peak_s <= impact_s + _AFTER_IMPACT_S
    ):
        return made, []
    sentence = (
        f"{name}: its fall is marked from {onset_s:.2f} to {impact_s:.2f} s, but its largest "
        f"acceleration ({size[peak] / 1000:.1f} g) is at {peak_s:.2f} s; look at both."
    )
    return dataclasses.replace(made, flags=(*made.flags, "marks_off")), [sentence]
