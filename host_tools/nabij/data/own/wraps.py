"""Clocks that begin anew and lose nothing: days, hours, and counters of so many bits."""

from typing import Final

import numpy as np

from nabij.data import stamps
from nabij.data.common import Floats

# What counters and fields of a time hold, in their own ticks, as it is called.
COUNTERS: Final = {
    **{float(1 << bits): f"2^{bits}" for bits in (8, 10, 12, 15, 16, 20, 24, 31, 32)},
    **{float(one): str(one) for one in (60, 100, 1000, 3600, 60_000, 86_400, 604_800, 1_000_000)},
    **{float(one): str(one) for one in (3_600_000, 86_400_000, 604_800_000, 86_400_000_000)},
}
# Of clocks as text, in seconds.
_CLOCKS: Final = {
    43_200.0: "12 h, as of a clock without am and pm",
    3600.0: "1 h, as at the end of summer time",
}
_NEAR: Final = 0.5


def over(t_s: Floats, wrap_s: float | None) -> Floats:
    """Seconds that go on where a clock without a date began a new day, or a new hour."""
    if wrap_s is None or len(t_s) < 2:
        return t_s
    new = np.flatnonzero(t_s[1:] - t_s[:-1] < -wrap_s / 2)
    return _moved(t_s, new, np.full(len(new), wrap_s))


def continued(t_s: Floats, seconds_a_tick: float | None) -> tuple[Floats, str]:
    """Seconds that go on where a counter began anew, and what is to be said of that.

    Only where the next sample comes just one step later: then nothing is missing.
    """
    back = np.flatnonzero(t_s[1:] < t_s[:-1]) if len(t_s) > 2 else np.empty(0, np.intp)
    step_s = abs(stamps.usual_step(t_s)) if len(back) else 0.0
    if step_s == 0:
        return t_s, ""
    known = _CLOCKS
    if seconds_a_tick is not None:
        known = {ticks * seconds_a_tick: word for ticks, word in COUNTERS.items()}
    found: dict[int, float] = {}
    words: list[str] = []
    for at in back.tolist():
        left_s = float(t_s[at + 1] - t_s[at]) - step_s
        for wrap_s, word in known.items():
            if wrap_s > 4 * step_s and abs(left_s + wrap_s) <= _NEAR * step_s:
                found[at] = wrap_s
                words.append(word)
                break
    if not found:
        return t_s, ""
    first_s = float(t_s[next(iter(found))] - t_s[0])
    moved = _moved(t_s, np.array(list(found), np.intp), np.array(list(found.values())))
    times = f" and {len(found) - 1} times more" if len(found) > 1 else ""
    return moved, (
        f"has a clock that begins anew after {words[0]}, first {first_s:.2f} s from its "
        f"beginning{times}: taken to go on, as no sample is missing"
    )


def _moved(t_s: Floats, after: stamps.Indices, by_s: Floats) -> Floats:
    """Seconds that are so much later behind these rows."""
    if not len(after):
        return t_s
    turns = np.zeros(len(t_s))
    turns[after + 1] = by_s
    moved: Floats = t_s + np.cumsum(turns)
    return moved
