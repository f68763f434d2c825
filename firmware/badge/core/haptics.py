"""What the wearer feels: each pattern is a tuple of pulses (on_ms, off_ms, strength_percent)."""

# Told apart by the number of pulses and their length, because strength is felt badly on a lanyard.
PATTERNS = {
    "ARMED": ((300, 0, 60),),
    "RAISED": ((100, 250, 80), (100, 0, 80)),
    "RECEIVED": ((900, 0, 100),),
    "TAKEN": ((120, 250, 100), (700, 0, 100)),
    "HELP_COMING": ((200, 200, 100), (200, 200, 100), (200, 200, 100), (200, 0, 100)),
    "NOT_DELIVERED": ((600, 400, 100), (600, 400, 100), (600, 0, 100)),
    "PRE_ALARM": ((60, 60, 100),) * 7 + ((60, 0, 100),),
    # An engineer has stopped the application: nothing else feels like one long and four short.
    "STOPPED": ((500, 150, 100),) + ((80, 120, 100),) * 3 + ((80, 0, 100),),
    # An engineer asks whether the motor turns.
    "SELF_TEST": ((150, 150, 100),) * 5 + ((150, 0, 100),),
}


def pattern(name, strength_percent):
    """Return the pattern scaled to the configured strength."""
    return tuple(
        (on_ms, off_ms, strength * strength_percent // 100)
        for on_ms, off_ms, strength in PATTERNS[name]
    )


def length_ms(pulses):
    """Return how long a pattern lasts."""
    return sum(on_ms + off_ms for on_ms, off_ms, _ in pulses)
