"""What the console keeps from whoever has not shown the service key: all that an alarm moves."""

from time import ticks_ms

from badge.core.codec.usb_protocol import FRESH, OPEN

# Verbs whose answers an alarm moves: the journal, and checks from buttons to modem.
_TELLING = ("log", "selftest")
# What config.get says of a trial, which an alarm can hold up or end.
_OF_TRIAL = ("trial", "why_not", "left_ms", "reverted")


class Silence:
    """`guard` is the Guard of the service key; alarms that are heard are no secret (`profile`)."""

    def __init__(self, guard, profile):
        self._guard = guard
        self._is_kept = profile == "discreet"

    def is_open(self):
        """Whether how an alarm is may be told just now."""
        return not self._is_kept or self._guard.is_open(ticks_ms())

    def over(self, verbs):
        """The table of verb to (access, handler) as anybody may use it."""
        if not self._is_kept:
            return verbs
        kept = dict(verbs)
        for name in _TELLING:
            _, handler = verbs[name]
            kept[name] = (FRESH, handler)
        _, get = verbs["config.get"]
        kept["config.get"] = (OPEN, self._without_trial(get))
        return kept

    def _without_trial(self, get):
        async def told(request):
            answer = await get(request)
            if not self.is_open():
                for name in _OF_TRIAL:
                    del answer[name]
                answer["locked"] = True
            return answer

        return told
