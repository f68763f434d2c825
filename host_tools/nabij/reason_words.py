"""The words of each reason that speaks against "protected" (badge.core.wearer.reasons)."""

from typing import Final

from badge.core.wearer import reasons

WORDS: Final = {
    "identity": "The badge has no identity or none that works; provision it.",
    "network": "No connection to the receiver: an alarm would go out later.",
    "undelivered": "An alarm is open that the receiver has not confirmed.",
    "battery.empty": "The battery is empty.",
    "battery.reserve": "The battery is kept for SOS, amber, check-in.",
    "battery.low": "The battery may not last until the shift ends.",
    "battery.unknown": "The battery cannot be read.",
    "motion": "The accelerometer fails: no man-down to rely on.",
    "button": "A button is stuck.",
    "buttons": "The buttons were not tried in this shift, or not all.",
    "lanyard": "The lanyard is off: no alarm when it is torn off.",
    "coverage": "The signal of the network is weak.",
    "flash": "An alarm would not survive a reset: flash fails.",
    "not_worn": "The badge lies still: no man-down alarm.",
    "charging": "The badge is on the charger: no man-down alarm.",
    "driving": "The badge is in a vehicle: no man-down alarm.",
    "shift": "The shift has ended: no man-down and no check-in.",
    "test": "The test of this shift failed, or is more than 24 h old.",
    "config": "The settings were damaged or lost: others may be in force.",
    "memory": "Memory is nearly full.",
    "clock": "No network has told the time: alarms have no date.",
    "sleep": "A line keeps the chip awake: the battery will not last.",
    "certificate": "The certificate ends within 30 days, or has ended: provision anew.",
    "storage": "A file on the badge cannot be read or written.",
    "restarts": "The badge restarts again and again.",
    "stopped": "Somebody stopped the badge over USB; it has armed itself again.",
    "reset.watchdog": "A watchdog started the badge anew: something in it hung.",
    "reset.brownout": "The badge started anew because its supply dipped.",
    "reset.fault": "The badge started anew because a part of it failed.",
    "form": "This form of badge cannot tell a fall, nor who lies down: only its button, and rest.",
    "permit": "No permit is valid for this work now: ask your supervisor.",
    "task.feedback": "What the wearer is to feel fails.",
    "task.power": "The watch over the battery fails.",
    "task.buttons": "The buttons fail.",
    "task.alarms": "The alarms fail.",
    "task.lanyard": "The watch over the lanyard fails.",
    "task.motion": "Man-down fails.",
    "task.chores": "Slow work fails: motion is not kept, memory fills.",
    "task.modem": "Reading from the modem fails.",
    "task.link": "The connection to the receiver fails.",
    "task.shift": "The shift fails: its end, its test, its answers.",
    "task.timers": "Check-in and amber fail.",
    "task.config": "Settings on trial are not watched.",
    "task.usb": "The console on USB fails.",
    "task.events": "The journal of events fails.",
    "task.nearby": "Calling for a gateway by BLE fails.",
    "motor": "The chip that drives the motor does not answer: its wearer feels nothing.",
    "task.relay": "Carrying for colleagues by BLE fails; its own alarms go as ever.",
    "task.sms": "Telling of alarms by SMS fails.",
    "task.tags": "Listening for room tags by BLE fails; alarms say no room.",
    "task.gnss": "Listening to the satellite receiver fails; alarms say no new position.",
}

# Why the centre gets no technical message of the others.
UNTOLD: Final = {
    "identity": "nothing can be sent without one",
    "network": "nothing can be sent without it; the receiver sees that the badge is gone",
    "undelivered": "the alarm itself is sent until it has its receipt",
    "battery.empty": "told as `battery`",
    "charging": "after half an hour the shift ends, which is told",
    "driving": "part of a day's work",
    "shift": "its end is told with a test",
    "test": "the receiver has it, or misses it",
    "permit": "the receiver found it, and has told the supervisor",
}


def of_number(number: int) -> str:
    """The words of a number on the wire, also of one that later firmware sends."""
    for reason in reasons.TABLE:
        if reason.number == number:
            words = WORDS[reason.name]
            if reason.told_s < reasons.LATER:
                return words
            return f"{words.rstrip('.')} (for {reason.told_s // 60} minutes)."
    return f"Fault {number}, which this release does not know."
