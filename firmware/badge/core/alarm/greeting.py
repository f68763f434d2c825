"""What a badge says of itself after each connect, and again while an alarm is open."""

from collections import namedtuple

from badge.core import ticks
from badge.core.alarm import life
from badge.core.codec import wire
from badge.core.portable import const

_AGAIN_MS = const(30_000)
# Of an old alarm: each hello keeps the radio on for a while.
_OLD_MS = const(600_000)
_OLD_AGAIN_MS = const(300_000)
# For the local time in the answer: a session can outlast summer time.
_IDLE_AGAIN_MS = const(3_600_000)
_TOLD = {
    life.RECEIVED: wire.STATUS_RECEIVED,
    life.TAKEN: wire.STATUS_TAKEN,
    life.HELP_COMING: wire.STATUS_HELP_COMING,
}


# percent() is the battery's, or None; keepalive_s() the present one.
Says = namedtuple("Says", ("version", "percent", "keepalive_s"))


class Greeting:
    """When a hello is due, and its frames. `says` is a Says.

    The receiver answers with the state of each alarm in it: what it said while the badge was away
    is kept by nobody else.
    """

    def __init__(self, badge, key, boot, config, says):
        self._badge = badge
        self._key = key
        self._boot = boot
        # A version is for people: one that is too long still greets.
        self._version = says.version[: wire.VERSION_MAX]
        self._config = config
        self._percent = says.percent
        self._keepalive_s = says.keepalive_s
        self._count = 0
        self._said_ms = None

    def session_is_new(self):
        """A session has come up: nothing is said in it yet."""
        self._said_ms = None

    def is_due(self, alarms, now_ms):
        """Whether a hello is due now."""
        if self._said_ms is None:
            return True
        ages_ms = [alarm.age_ms(now_ms) for alarm in alarms if alarm.is_red()]
        if ages_ms:
            again_ms = _AGAIN_MS if min(ages_ms) < _OLD_MS else _OLD_AGAIN_MS
        elif self._config.check_in_min:
            again_ms = _IDLE_AGAIN_MS
        else:
            return False
        return not 0 <= ticks.diff(now_ms, self._said_ms) < again_ms

    def frames(self, alarms, now_ms):
        """Return the frames that tell of all alarms that the receiver can know of."""
        self._said_ms = now_ms
        told = [_standing(alarm) for alarm in alarms if alarm.rev]
        most = wire.HELLO_ALARMS_MAX
        parts = [told[at : at + most] for at in range(0, len(told), most)]
        return [self._frame(part) for part in parts or [[]]]

    def _frame(self, standings):
        self._count += 1
        hello = wire.Hello(
            badge=self._badge,
            boot=self._boot,
            count=self._count,
            version=self._version,
            keepalive_s=self._keepalive_s(),
            battery_percent=self._percent(),
            open=standings,
        )
        return wire.encode_hello(self._key, hello)


def _standing(alarm):
    state = _TOLD.get(alarm.state, wire.STATUS_NONE)
    return wire.Standing(alarm.boot, alarm.seq, alarm.rev, state, alarm.heard)
