"""The modem's one data bearer (PDP context 0, AT+CNACT): up while registered, and its address."""

from collections import namedtuple

from sim.models.modem.registration import REGISTERED

# later(at_us, callback): calls back unless the modem is off by then. dropped(tell): its sockets
# die, and the modem tells of it.
BearerHearers = namedtuple("BearerHearers", ("later", "dropped"))


class DataBearer:
    """By the options `hollow_bearers`, `dead_bearers` and `dead_radio`."""

    def __init__(self, line, registration, air, options, hearers):
        self._line = line
        self._registration = registration
        self._air = air
        self._hollow = options["hollow_bearers"]
        self._dead = options["dead_bearers"]
        self._is_radio_dead = options["dead_radio"]
        self._later = hearers.later
        self._dropped = hearers.dropped
        self.is_up = False

    def reset(self):
        """The modem starts."""
        self.is_up = False

    def carries(self):
        """Whether anything passes; one that is up with an address may carry nothing."""
        return not self._dead and not self._is_radio_dead

    def radio(self, on):
        """AT+CFUN: with the radio off ends whatever was wrong with it."""
        self._is_radio_dead = self._is_radio_dead and on

    def detach(self):
        """The network has let go."""
        if self.is_up:
            self.is_up = False
            self._line.say(b"+APP PDP: 0,DEACTIVE")
        self._dropped(True)

    def ask(self, rest):
        """AT+CNACT=: up or down; whether the modem agrees."""
        context, wanted = rest.split(b",")[:2]
        is_registered = self._registration.stat in REGISTERED
        if context != b"0" or (wanted == b"1" and not is_registered):
            return False
        was, self.is_up = self.is_up, wanted == b"1"
        if was and not self.is_up:
            self._hollow = max(self._hollow - 1, 0)
            self._dead = max(self._dead - 1, 0)
            self._dropped(True)
        if was == self.is_up:
            return not self.is_up
        state = b"ACTIVE" if self.is_up else b"DEACTIVE"
        self._later(
            self._air.arrival_us(one_way=False), lambda: self._line.say(b"+APP PDP: 0," + state)
        )
        return True

    def tell(self):
        """AT+CNACT?: which are up, with their addresses."""
        address = b"10.96.7.21" if self.is_up and not self._hollow else b"0.0.0.0"
        self._line.say(b'+CNACT: 0,%d,"%s"' % (self.is_up, address))
        for context in (1, 2, 3):
            self._line.say(b'+CNACT: %d,0,"0.0.0.0"' % context)
