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


def pattern(name, strength_percent):
    """Return the pattern scaled to the configured strength."""
    return tuple(
        (on_ms, off_ms, strength * strength_percent // 100)
        for on_ms, off_ms, strength in PATTERNS[name]
    )
