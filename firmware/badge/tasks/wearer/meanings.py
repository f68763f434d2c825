"""Carries out what a gesture means. Under duress everything here is the same but one flag."""

from badge.core.wearer import gesture_map as gestures


class Meanings:
    """`carry_out(meaning, now_ms)`: never waits; an SOS is durable when it returns."""

    def __init__(self, keeper, shift, timers, feel):
        self._keeper = keeper
        self._shift = shift
        self._timers = timers
        self._feel = feel

    def carry_out(self, meaning, now_ms):
        """Do what one of gesture_map.MEANINGS stands for; a press is always felt."""
        if meaning == gestures.SOS:
            self._keeper.squeeze(now_ms)
        elif meaning == gestures.STATUS:
            self._shift.ask(now_ms)
        elif meaning in (gestures.AMBER, gestures.EXTEND):
            self._timers.amber(now_ms)
        elif meaning == gestures.TRIED:
            # Felt when the button was let go.
            pass
        elif not self._answered(meaning, now_ms):
            self._feel("UNKNOWN_PRESS")

    def _answered(self, meaning, now_ms):
        """True when what was meant was there to be done, and is felt for itself."""
        if meaning == gestures.CHECK_IN:
            return self._timers.checked_in(now_ms)
        if meaning in (gestures.END, gestures.END_DURESS):
            return self._timers.end_amber(now_ms, meaning == gestures.END_DURESS)
        if meaning in (gestures.CANCEL, gestures.DURESS_CANCEL):
            # Felt as a pre-alarm that goes quiet.
            return self._keeper.cancel(now_ms, meaning == gestures.DURESS_CANCEL)
        if meaning in (gestures.FALSE_ALARM, gestures.FALSE_ALARM_DURESS):
            self._keeper.false_alarm(now_ms, meaning == gestures.FALSE_ALARM_DURESS)
        return False
