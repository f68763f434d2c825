"""Whether the network has the modem (+CEREG, 3GPP TS 27.007): by coverage, and by its own will."""

from collections import namedtuple

HOME, SEARCHING, DENIED, ROAMING = 1, 2, 3, 5
REGISTERED = (HOME, ROAMING)
# Without coverage for this long, the network lets go of the badge: bearer and sockets are gone.
_DETACH_US = 120_000_000


# later(at_us, callback): calls back at a world time, unless the modem is off by then. changed():
# is told of each new `stat`. detach(): is told when the network lets go.
Hearers = namedtuple("Hearers", ("later", "changed", "detach"))


class Registration:
    """`stat` as +CEREG says it, 0 at first; `options` are of sim/options/modem.py."""

    def __init__(self, world, air, options, hearers):
        self._world = world
        self._air = air
        self._register_us = int(options["register_ms"] * 1000)
        self._granted = options["registration"]
        self._has_card = options["sim"] == "READY"
        self._later = hearers.later
        self._changed = hearers.changed
        self._detach = hearers.detach
        self.stat = 0

    def reset(self):
        """A modem that starts has not looked for a network yet."""
        self.stat = 0

    def start(self, at_us):
        """The modem begins to search at `at_us`."""
        now_us = self._world.now_us
        self._later(at_us + self._register_us, self._ask)
        for start_us, end_us in self._air.gaps_us:
            if end_us > now_us:
                self._later(max(start_us, now_us), self._coverage_lost)
                self._later(end_us, self._ask)
        for start_us, end_us in self._air.denials_us:
            if end_us > now_us:
                self._plan_denial(max(start_us, now_us), end_us)

    def deny(self, for_ms):
        """From now on the network does not want this badge, for a time."""
        now_us = self._world.now_us
        end_us = now_us + int(for_ms * 1000)
        self._air.denials_us.append((now_us, end_us))
        self._plan_denial(now_us, end_us)

    def _plan_denial(self, start_us, end_us):
        self._later(start_us, self._thrown_out)
        self._later(end_us, self._wanted_again)

    def _ask(self):
        now_us = self._world.now_us
        if self._air.gap_end_us(now_us) is not None:
            return
        if not self._has_card:
            self._set(SEARCHING)
        elif self._air.denial_end_us(now_us) is not None:
            self._set(DENIED)
        else:
            self._set(self._granted)

    def _thrown_out(self):
        if self.stat in REGISTERED:
            self._detach()
            self._set(DENIED)

    def _wanted_again(self):
        now_us = self._world.now_us
        if self.stat == DENIED and self._air.denial_end_us(now_us) is None:
            self._set(SEARCHING)
            self._later(now_us + self._register_us, self._ask)

    def _coverage_lost(self):
        self._set(SEARCHING)
        end_us = self._air.gap_end_us(self._world.now_us)
        if end_us and end_us - self._world.now_us > _DETACH_US:
            self._later(self._world.now_us + _DETACH_US, self._detach)

    def _set(self, stat):
        if stat != self.stat:
            self.stat = stat
            self._world.observe({"modem": "registration", "stat": stat})
            self._changed()
