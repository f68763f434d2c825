"""Whether the network has the modem (+CEREG, 3GPP TS 27.007): by coverage, and by its own will."""

from collections import namedtuple

HOME, SEARCHING, DENIED, ROAMING = 1, 2, 3, 5
REGISTERED = (HOME, ROAMING)
# Without coverage for this long, the network lets go of the badge: bearer and sockets are gone.
_DETACH_US = 120_000_000


# A modem that was refused tries again after so long (T3411 of 3GPP TS 24.301).
_RETRY_US = 10_000_000
# After these causes it takes the card for invalid until it starts anew (5.5.1.2.5 there).
_FINAL_CAUSES = (3, 6, 7, 8)


# The cell that serves a badge at first.
_CI = 172_776_966


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
        self._hear_later = hearers.later
        self._changed = hearers.changed
        self._detach = hearers.detach
        self._cause = options["reject_cause"]
        self.stat = 0
        self.ci = _CI
        self.is_on = False
        # What a search that was given up would have found is not found.
        self._search = 0

    def reset(self):
        """A modem that starts has not looked for a network yet."""
        self.stat = 0
        self.is_on = False
        self._search += 1

    def switch(self, on):
        """AT+CFUN: the radio comes on and searches, or leaves the network."""
        if on and not self.is_on:
            self.reset()
            self.start(self._world.now_us)
        elif self.is_on and not on:
            self._detach()
            self.stop()

    def stop(self):
        """The radio is off."""
        self.is_on = False
        self._search += 1
        self._set(0)

    def move(self, ci):
        """Another cell serves it from now on."""
        self.ci = ci
        if self.stat in REGISTERED:
            self._changed()

    def start(self, at_us):
        """The modem begins to search at `at_us`."""
        self.is_on = True
        now_us = self._world.now_us
        self._later(at_us + self._register_us, self._ask)
        for start_us, end_us in self._air.gaps_us:
            if end_us > now_us:
                self._later(max(start_us, now_us), self._coverage_lost)
                self._later(end_us, self._ask)
        for start_us, end_us in self._air.denials_us:
            if end_us > now_us:
                self._plan_denial(max(start_us, now_us), end_us)

    def tail(self):
        """What +CEREG says, its <n> apart."""
        if self.stat in REGISTERED:
            return b'%d,"10A0","%08X",7' % (self.stat, self.ci)
        if self.stat == DENIED and self._cause:
            # As 3GPP TS 27.007 has it, with the field for the routing area that this modem adds.
            return b"%d,,,,,0,%d" % (self.stat, self._cause)
        return b"%d" % self.stat

    def hears(self):
        """Whether a signal is detected."""
        return self.is_on and self._air.gap_end_us(self._world.now_us) is None

    def lose_card(self):
        """Without one no network is found, from now on."""
        self._has_card = False
        self._set(SEARCHING)
        self._detach()

    def deny(self, for_ms, cause):
        """From now on the network does not want this badge, for a time, with an EMM cause or 0."""
        self._cause = cause
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
        elif self._granted == DENIED or self._air.denial_end_us(now_us) is not None:
            self._refuse()
        else:
            self._set(self._granted)

    def _refuse(self):
        self._set(DENIED)
        if self._cause not in _FINAL_CAUSES:
            self._later(self._world.now_us + _RETRY_US, self._try_again)

    def _try_again(self):
        if self.stat == DENIED:
            self._set(SEARCHING)
            self._later(self._world.now_us + self._register_us, self._ask)

    def _thrown_out(self):
        if self.stat in REGISTERED:
            self._detach()
            self._refuse()

    def _wanted_again(self):
        now_us = self._world.now_us
        is_open = self.stat == DENIED and self._cause not in _FINAL_CAUSES
        if is_open and self._air.denial_end_us(now_us) is None:
            self._set(SEARCHING)
            self._later(now_us + self._register_us, self._ask)

    def _coverage_lost(self):
        self._set(SEARCHING)
        end_us = self._air.gap_end_us(self._world.now_us)
        if end_us and end_us - self._world.now_us > _DETACH_US:
            self._later(self._world.now_us + _DETACH_US, self._detach)

    def _later(self, at_us, callback):
        search = self._search
        self._hear_later(at_us, lambda: self._search == search and callback())

    def _set(self, stat):
        if stat != self.stat:
            self.stat = stat
            self._world.observe({"modem": "registration", "stat": stat})
            self._changed()
