"""What the wearer is told: each signal with its pattern and, where the profile allows, sound and
light.

In profile `discreet` there is neither, whatever else is configured.
"""

from collections import namedtuple

from badge.core.portable import const
from badge.core.wearer import haptics

# How urgent: an answer to a squeeze, a pre-alarm and the tick of a tried button break off what is
# less urgent; the rest waits its turn, an alarm's life first.
_AT_ONCE = const(0)
PRE_ALARM = const(1)
_ALARM = const(2)
_ASKS = const(3)
_TELLS = const(4)

# pattern: one of haptics.PATTERNS. sound, light: of SOUNDS and LIGHTS, or "". doc: what it tells.
Signal = namedtuple("Signal", ("name", "pattern", "urgency", "sound", "light", "doc"))

SIGNALS = (
    Signal("RAISED", "RAISED", _AT_ONCE, "RAISED", "ALARM", "Your alarm is stored and goes out."),
    Signal(
        "PRE_ALARM",
        "PRE_ALARM",
        PRE_ALARM,
        "PRE_ALARM",
        "ALARM",
        "An alarm follows; cancel it now.",
    ),
    Signal("RECEIVED", "RECEIVED", _ALARM, "YES", "YES", "The receiver has your alarm."),
    Signal("TAKEN", "TAKEN", _ALARM, "YES", "YES", "A person has your alarm."),
    Signal("HELP_COMING", "HELP_COMING", _ALARM, "YES", "YES", "Help is on its way."),
    Signal(
        "NOT_DELIVERED", "NOT_DELIVERED", _ALARM, "NO", "NO", "Your alarm has not arrived yet."
    ),
    Signal("CHECK_IN_DUE", "ASK", _ASKS, "ASK", "ASK", "Are you well? Tap, or an alarm follows."),
    Signal("AMBER_ENDING", "ASK", _ASKS, "ASK", "ASK", "Your amber ends soon: extend or end it."),
    Signal("TRY_BUTTONS", "TRY", _ASKS, "ASK", "ASK", "Try the buttons: tap each of them once."),
    Signal("LOW_BATTERY", "LOW_BATTERY", _ASKS, "BATTERY", "NO", "Charge the badge."),
    Signal(
        "NO_NETWORK", "NOT_DELIVERED", _ASKS, "NO", "NO", "No network: an alarm cannot go out."
    ),
    Signal("NETWORK_BACK", "YES", _TELLS, "YES", "YES", "The network is back."),
    Signal("ARMED", "YES", _TELLS, "YES", "YES", "The badge has started."),
    Signal("PROTECTED", "YES", _TELLS, "YES", "YES", "You are protected."),
    Signal(
        "LIMITED", "LIMITED", _TELLS, "LIMITED", "LIMITED", "SOS works; something else does not."
    ),
    Signal("NOT_PROTECTED", "NOT_DELIVERED", _TELLS, "NO", "NO", "An alarm could not go out now."),
    Signal("NOT_WORN", "NOT_WORN", _TELLS, "LIMITED", "LIMITED", "Wear the badge: it lies still."),
    Signal("TEST_PASSED", "YES", _TELLS, "YES", "YES", "The test reached the receiver."),
    Signal(
        "TEST_FAILED", "NOT_DELIVERED", _TELLS, "NO", "NO", "The test did not; do not rely on it."
    ),
    Signal("CHECKED_IN", "YES", _TELLS, "YES", "YES", "Your check-in is noted."),
    Signal(
        "AMBER_STARTED", "AMBER_STARTED", _TELLS, "YES", "YES", "Amber runs: from now, or anew."
    ),
    Signal("AMBER_ENDED", "AMBER_ENDED", _TELLS, "YES", "YES", "Amber has ended."),
    Signal(
        "SHIFT_ENDED", "SHIFT_ENDED", _TELLS, "YES", "YES", "Only SOS and amber work from now."
    ),
    # Whoever feels nothing taps again, and two taps may be the SOS.
    Signal("BUTTON_TRIED", "TICK", PRE_ALARM, "", "", "That button works."),
    Signal(
        "UNKNOWN_PRESS", "TICK", _TELLS, "", "", "The press was noted; there is no more to tell."
    ),
    Signal("SELF_TEST", "SELF_TEST", _TELLS, "ASK", "ASK", "An engineer tries the motor."),
    Signal("STOPPED", "STOPPED", _AT_ONCE, "NO", "NO", "An engineer has stopped the badge."),
)

# (on_ms, off_ms, hertz); a piezo disc is loudest at its 2.7 kHz.
SOUNDS = {
    "RAISED": ((300, 100, 2700), (300, 100, 3200), (600, 0, 2700)),
    "PRE_ALARM": ((200, 100, 2700), (200, 100, 3200)) * 3,
    "YES": ((150, 0, 2700),),
    "LIMITED": ((150, 100, 2700), (150, 0, 1800)),
    "NO": ((500, 200, 1350), (500, 200, 1350), (500, 0, 1350)),
    "ASK": ((150, 100, 1800), (300, 0, 2700)),
    "BATTERY": ((300, 100, 2700), (300, 100, 1800), (300, 0, 1350)),
}

# How long the light is on, and off after it.
LIGHTS = {
    "ALARM": ((100, 100),) * 8,
    "YES": ((300, 0),),
    "LIMITED": ((600, 250), (120, 0)),
    "NO": ((600, 400),) * 3,
    "ASK": ((150, 150),) * 4,
}


class Feeling:
    """One signal as it is played: pulses for the motor, tones and blinks, each may be empty."""

    def __init__(self, urgency, pulses, tones, blinks):
        self.urgency = urgency
        self.pulses = pulses
        self.tones = tones
        self.blinks = blinks


def has_sound(config):
    """Whether the badge may ever be heard."""
    return config.profile != "discreet" and config.sound_percent > 0


def has_light(config):
    """Whether the badge may ever light up."""
    return config.profile != "discreet" and config.light


def plan(config):
    """Return every signal by name as the Feeling it is under this configuration."""
    sounds = SOUNDS if has_sound(config) else {}
    lights = LIGHTS if has_light(config) else {}
    return {
        signal.name: Feeling(
            signal.urgency,
            haptics.pattern(signal.pattern, config.haptic_strength_percent),
            sounds.get(signal.sound, ()),
            lights.get(signal.light, ()),
        )
        for signal in SIGNALS
    }
