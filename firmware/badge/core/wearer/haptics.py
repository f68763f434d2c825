"""What the motor can say: each pattern is a tuple of pulses (on_ms, off_ms, strength_percent)."""

# Told apart by the number of pulses and their length, because strength is felt badly on a lanyard.
PATTERNS = {
    "TICK": ((60, 0, 100),),
    "YES": ((300, 0, 80),),
    "RAISED": ((100, 250, 80), (100, 0, 80)),
    "RECEIVED": ((1200, 0, 100),),
    "TAKEN": ((120, 250, 100), (600, 0, 100)),
    "HELP_COMING": ((200, 200, 100),) * 3 + ((200, 0, 100),),
    "NOT_DELIVERED": ((600, 400, 100),) * 2 + ((600, 0, 100),),
    "PRE_ALARM": ((60, 60, 100),) * 7 + ((60, 0, 100),),
    "LIMITED": ((600, 250, 100), (120, 0, 100)),
    # Running down, a question, and a way in and out.
    "LOW_BATTERY": ((800, 200, 100), (400, 200, 100), (200, 200, 100), (100, 0, 100)),
    "ASK": ((100, 150, 100), (100, 600, 100), (100, 150, 100), (500, 0, 100)),
    # A question like ASK, then one pulse for each button.
    "TRY": ((100, 150, 100), (100, 600, 100), (300, 300, 100), (300, 0, 100)),
    "AMBER_STARTED": ((120, 250, 100), (600, 250, 100), (120, 250, 100), (600, 0, 100)),
    "AMBER_ENDED": ((600, 250, 100), (120, 250, 100), (600, 250, 100), (120, 0, 100)),
    "NOT_WORN": ((120, 120, 100),) * 2 + ((120, 0, 100),),
    "SHIFT_ENDED": ((600, 250, 100), (300, 250, 100), (300, 250, 100), (600, 0, 100)),
    # An engineer has stopped the application: nothing else feels like one long and four short.
    "STOPPED": ((500, 150, 100),) + ((80, 120, 100),) * 3 + ((80, 0, 100),),
    # An engineer asks whether the motor turns.
    "SELF_TEST": ((150, 150, 100),) * 5 + ((150, 0, 100),),
}

# One pulse more or less, or one twice as long. Lengths are felt as ratios (Weber), and of many
# pulses one more is not noticed: from this number on the differences count less.
_CLEAR = 100
_COUNTED = 4


def pattern(name, strength_percent):
    """Return the pattern scaled to the configured strength."""
    return tuple(
        (on_ms, off_ms, strength * strength_percent // 100)
        for on_ms, off_ms, strength in PATTERNS[name]
    )


def length_ms(pulses):
    """Return how long a pattern lasts."""
    return sum(on_ms + off_ms for on_ms, off_ms, _ in pulses)


def distance(one, other):
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


def _ratio(a_ms, b_ms):
    return _CLEAR * (max(a_ms, b_ms) - min(a_ms, b_ms)) // min(a_ms, b_ms)
