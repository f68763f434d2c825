"""How differently two patterns of the motor feel; the tables and pages of them need it."""

from typing import Final

Pulses = tuple[tuple[int, int, int], ...]

# One pulse more or less, or one twice as long. Lengths are felt as ratios (Weber), and of many
# pulses one more is not noticed: from this number on the differences count less.
_CLEAR: Final = 100
_COUNTED: Final = 4


def length_ms(pulses: Pulses) -> int:
    """Return how long a pattern lasts."""
    return sum(on_ms + off_ms for on_ms, off_ms, _ in pulses)


def distance(one: Pulses, other: Pulses) -> int:
    """How differently two patterns feel: 100 is one pulse more, or one that is twice as long.

    The cheapest way to turn the one into the other, pulse by pulse; strength does not count.
    """
    row = [_CLEAR * i for i in range(len(other) + 1)]
    for on_ms, off_ms, _ in one:
        before, row = row, [row[0] + _CLEAR]
        for j, pulse in enumerate(other):
            change = min(2 * _CLEAR, _ratio(on_ms, pulse[0]))
            if off_ms and pulse[1]:
                change += min(_CLEAR, _ratio(off_ms, pulse[1])) // 2
            row.append(min(before[j] + change, before[j + 1] + _CLEAR, row[j] + _CLEAR))
    return row[-1] * _COUNTED // max(_COUNTED, len(one), len(other))


def _ratio(a_ms: int, b_ms: int) -> int:
    return _CLEAR * (max(a_ms, b_ms) - min(a_ms, b_ms)) // min(a_ms, b_ms)
