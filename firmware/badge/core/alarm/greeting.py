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
# Of a keep-alive that learns: above the silences at which it changes fast, so that most of these
# hellos follow an answered ping, while the radio is on anyhow.
_KEEPALIVE_AGAIN_MS = const(240_000)
_TOLD = {
    life.RECEIVED: wire.STATUS_RECEIVED,
    life.TAKEN: wire.STATUS_TAKEN,
    life.HELP_COMING: wire.STATUS_HELP_COMING,
}


# percent() is the battery's, or None; keepalive_s() the present one. where(now_ms): position, cell
# and zone as wire.Hello has them, wire.NOWHERE where they are nobody's business.
Says = namedtuple("Says", ("version", "percent", "keepalive_s", "where"))


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
        self._where = says.where
        self._where_ms = None
        self._count = 0
        self._said_ms = self._told_s = None

    def session_is_new(self):
        """A session has come up: nothing is said in it yet."""
        self._said_ms = None

    def is_due(self, alarms, now_ms):
        """Whether a hello is due now."""
        if self._said_ms is None or (
            self._may_tell_where(now_ms) and self._where(now_ms) != wire.NOWHERE
        ):
            return True
        ages_ms = [alarm.age_ms(now_ms) for alarm in alarms if alarm.is_red()]
        if ages_ms:
            again_ms = _AGAIN_MS if min(ages_ms) < _OLD_MS else _OLD_AGAIN_MS
        elif abs(self._keepalive_s() - self._told_s) * 4 >= self._told_s:
            again_ms = _KEEPALIVE_AGAIN_MS
        elif self._config.check_in_min:
            again_ms = _IDLE_AGAIN_MS
        else:
            return False
        return not 0 <= ticks.diff(now_ms, self._said_ms) < again_ms

    def frames(self, alarms, now_ms, outage=None):
        """Return the frames that tell of all alarms that the receiver can know of.

        `outage`: what core/outage.py tells.
        """
        self._said_ms, self._told_s = now_ms, self._keepalive_s()
        where = self._where(now_ms) if self._may_tell_where(now_ms) else wire.NOWHERE
        if where != wire.NOWHERE:
            self._where_ms = now_ms
        told = [_standing(alarm) for alarm in alarms if alarm.rev]
        most = wire.HELLO_ALARMS_MAX
        parts = [told[at : at + most] for at in range(0, len(told), most)]
        return [self._frame(part, where, outage) for part in parts or [[]]]

    def _may_tell_where(self, now_ms):
        """Whether it was not told so lately that it may not be told again."""
        every_ms = self._config.locate_every_min * 60_000
        told_ms = self._where_ms
        return told_ms is None or not 0 <= ticks.diff(now_ms, told_ms) < every_ms

    def _frame(self, standings, where, outage):
        self._count += 1
        own = self._badge, self._boot, self._count, self._version, self._told_s
        hello = wire.Hello(*own, self._percent(), standings, *where)
        return wire.encode_hello(self._key, hello, outage)


def _standing(alarm):
    state = _TOLD.get(alarm.state, wire.STATUS_NONE)
    return wire.Standing(alarm.boot, alarm.seq, alarm.rev, state, alarm.heard)
