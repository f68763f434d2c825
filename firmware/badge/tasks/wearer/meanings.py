"""Carries out what a gesture means. Under duress everything here is the same but one flag."""

from badge.core.wearer import gesture_map


class Meanings:
    """`carry_out(meaning, now_ms)`: never waits; an SOS is durable when it returns."""

    def __init__(self, keeper, shift, timers, feel):
        self._keeper = keeper
        self._shift = shift
        self._timers = timers
        self._feel = feel

    def carry_out(self, meaning, now_ms):
        """Do what one of gesture_map.MEANINGS stands for; a press is always felt."""
        if meaning == gesture_map.SOS:
            self._keeper.squeeze(now_ms)
        elif meaning == gesture_map.STATUS:
            self._shift.ask(now_ms)
        elif meaning in (gesture_map.AMBER, gesture_map.EXTEND):
            self._timers.amber(now_ms)
        elif meaning == gesture_map.TRIED:
            # Felt when the button was let go.
            pass
        elif not self._answered(meaning, now_ms):
            self._feel("UNKNOWN_PRESS")

    def _answered(self, meaning, now_ms):
        """True when what was meant was there to be done, and is felt for itself."""
        if meaning in (gesture_map.CHECK_IN, gesture_map.CHECK_IN_DURESS):
            return self._timers.checked_in(now_ms, meaning == gesture_map.CHECK_IN_DURESS)
        if meaning in (gesture_map.END, gesture_map.END_DURESS):
            return self._timers.end_amber(now_ms, meaning == gesture_map.END_DURESS)
        if meaning in (gesture_map.CANCEL, gesture_map.DURESS_CANCEL):
            # Felt as a pre-alarm that goes quiet.
            return self._keeper.cancel(now_ms, meaning == gesture_map.DURESS_CANCEL)
        if meaning in (gesture_map.FALSE_ALARM, gesture_map.FALSE_ALARM_DURESS):
            self._keeper.false_alarm(now_ms, meaning == gesture_map.FALSE_ALARM_DURESS)
        return False
