"""What of the modem is to begin anew: by the time without a session, never by a count."""

from badge.core import ticks

# What of it begins anew: nothing, the data context, the radio, all from the supply on.
NONE, CONTEXT, RADIO, POWER = range(4)

# Of a network that takes the badge and carries nothing: another context costs two seconds, to
# register anew ten. Whether they are to blame, or the far end, nobody can tell from here.
_CONTEXT_MS = 20_000
_RADIO_MS = 90_000
_SPREAD_MS = 30_000
# A search for a network takes up to two minutes, and a power cycle begins it anew.
_FIRST_MS = 180_000
# A modem that does not even answer is helped by nothing else: at once, then after growing pauses.
_DEAD_AGAIN_MS = 60_000
_MOST_DOUBLINGS = 4


class LinkLadder:
    """To be told of each session and of each failure; `now_ms` may wrap.

    With `random_byte()` the pauses that grow are up to a quarter shorter: what befell many badges
    at once must not have them all search at once.
    """

    def __init__(self, now_ms, random_byte=None):
        self._random_byte = random_byte
        self._cycles = 0
        self._rung = NONE
        self._since_ms = now_ms

    def session(self, now_ms):
        """A session is up, or just ended: all is well with the modem."""
        self._cycles = 0
        self._rung = NONE
        self._since_ms = now_ms

    def hurry(self, most=0):
        """An alarm waits: forget how often it was of no use, or for who only asks all but `most`.

        Who asks each minute must not have it switched off and on as often as an alarm.
        """
        self._cycles = min(self._cycles, most)

    def failed(self, now_ms, *, is_dead, is_open=False):
        """Return what is to begin anew now.

        `is_dead`: the modem does not answer. `is_open`: it had an address, and nobody was reached.
        """
        first_ms = _FIRST_MS
        if is_dead:
            first_ms = _DEAD_AGAIN_MS if self._cycles else 0
        wait_ms = first_ms << min(self._cycles, _MOST_DOUBLINGS)
        if self._cycles and self._random_byte is not None:
            wait_ms -= wait_ms * self._random_byte() // 1024
        waited_ms = ticks.diff(now_ms, self._since_ms)
        if waited_ms >= wait_ms:
            self._cycles += 1
            self._rung = NONE
            self._since_ms = now_ms
            return POWER
        rung = NONE
        if is_open and waited_ms >= _CONTEXT_MS:
            # Not all badges of a dead receiver at once.
            spread_ms = 0 if self._random_byte is None else _SPREAD_MS * self._random_byte() // 256
            rung = RADIO if waited_ms >= _RADIO_MS + spread_ms else CONTEXT
        if rung <= self._rung:
            return NONE
        self._rung = rung
        return rung
