"""What the modem says of card, cell and clock when it is asked; None: an error."""

from sim.models.modem.network_time import network_time
from sim.models.modem.registration import REGISTERED


class Answers:
    """`options` are those of the modem; `speak(line)` is its UART."""

    def __init__(self, world, options, registration, sms, speak):
        self._world = world
        self._options = options
        self._registration = registration
        self._sms = sms
        self._speak = speak

    def say(self, what):
        """Say what is asked for; False for an error."""
        line = getattr(self, what)()
        if line is not None:
            self._speak(line)
        return line is not None

    def cpsi(self):
        """The serving cell."""
        if not self._is_registered():
            return b"+CPSI: NO SERVICE,Online"
        return (
            b"+CPSI: LTE CAT-M1,Online,204-08,0x10A0,%d,280,"
            b"EUTRAN-BAND20,6300,3,3,-10,-87,-57,22" % self._registration.ci
        )

    def cpin(self):
        """What the card wants."""
        card = self._options["sim"].encode()
        return b"+CPIN: " + card if card else None

    def ccid(self):
        """The number of the card."""
        return self._sms.card() if self._options["sim"] else None

    def csq(self):
        """The strength of the signal."""
        return b"+CSQ: %s,99" % (b"22" if self._registration.hears() else b"99")

    def cfun(self):
        """Whether the radio is on."""
        return b"+CFUN: %d" % (1 if self._registration.is_on else 0)

    def cpsmrdp(self):
        """The times of PSM that the network provides."""
        active_s = self._options["psm_granted_s"]
        return b"+CPSMRDP: %d,0,0,%d,0,3240" % (active_s > 0, active_s)

    def ceer(self):
        """Why something failed, if it is one that tells."""
        report = self._options["ceer"]
        return None if report is None else b"+CEER: " + report.encode()

    def cclk(self):
        """The time that the network told."""
        text = "80/01/06,00:00:09+00"
        if self._is_registered():
            options = self._options
            text = options["time_utc"] or network_time(
                self._world, options["wrong_time_ms"], options["wrong_by_s"]
            )
        return b'+CCLK: "%s"' % text.encode()

    def _is_registered(self):
        return self._registration.stat in REGISTERED
