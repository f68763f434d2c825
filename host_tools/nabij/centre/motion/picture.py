"""A window of motion as the console draws it."""

import json
import math
from typing import Final

from badge.core.alarm import kinds
from nabij.centre.incidents.places import Motion
from nabij.data.alarm_window import Window
from nabij.kind_words import ALARM_WORDS

STEP_MS: Final = 10
# The longest name of a badge and a word.
BY: Final = "badge {badge}"


def of(
    window: Window, raised_ms: int, peak_mg: int | None, tilt_deg: int | None, *, now_ms: int
) -> Motion:
    """The largest magnitude of each step, and when what happened; the alarm came at `raised_ms`.

    The badge counts samples from its alarm, so that no clock of it matters.
    """
    opened = 0 if window.seen is None else window.seen.opened
    event = opened if window.seen is None else window.seen.event
    begin_ms = raised_ms - _ms(opened, window)
    magnitudes: list[int] = []
    for number, (x, y, z) in enumerate(window.samples):
        size = round(math.sqrt(x * x + y * y + z * z))
        step = _ms(number, window) // STEP_MS
        while len(magnitudes) < step:
            # A slower rate than this has no step without a sample.
            magnitudes.append(magnitudes[-1] if magnitudes else size)
        if len(magnitudes) == step:
            magnitudes.append(size)
        else:
            magnitudes[step] = max(magnitudes[step], size)
    kind = kinds.of(0 if window.seen is None else window.seen.kind)
    word = ALARM_WORDS.get(kind.name, "Alarm")
    phases = [{"at_ms": begin_ms + _ms(opened, window), "what": f"{word}: the badge begins it"}]
    if event != opened:
        phases.insert(0, {"at_ms": begin_ms + _ms(event, window), "what": "the blow"})
    return Motion(
        begin_ms=begin_ms,
        step_ms=STEP_MS,
        magnitudes_mg=json.dumps(magnitudes),
        phases=json.dumps(phases),
        why=_why(window, peak_mg, tilt_deg),
        noted_ms=now_ms,
        by=BY.format(badge=window.badge),
    )


def _why(window: Window, peak_mg: int | None, tilt_deg: int | None) -> str:
    parts = []
    if peak_mg is not None:
        parts.append(f"a blow of {peak_mg / 1000:.1f} g")
    if tilt_deg is not None:
        parts.append(f"{tilt_deg} degrees from the posture before")
    if window.seen is not None and window.seen.made_up:
        parts.append(f"{window.seen.made_up} samples were not measured")
    return "; ".join(parts)


def _ms(samples: int, window: Window) -> int:
    return samples * 1000 // window.rate_hz
