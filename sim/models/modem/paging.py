"""When the network can call the modem: at once, or with eDRX in the next window alone.

With eDRX (AT+CEDRXS; 3GPP TS 24.008, 10.5.5.32, and TS 36.304, 7.3) a modem whose radio was let go
listens in a window of each cycle. What comes for it waits at the network for that, or until the
modem has something to send, in order; what it sends waits for nothing.

Not modelled: windows of another length; where in the cycle a SIM has its own (here cycles begin at
whole multiples of them); a network that drops what waits, or grants only with the next attach.
"""

from badge.core import edrx

# After so long without a segment the network has let go of the radio connection: an inactivity
# timer of 10 s, as `timing` of hardware/power.toml has it.
_IDLE_US = 10_000_000
# Between two occasions at which the modem listens, also in its window.
_DRX_US = 2_560_000
# The window: that of a network which grants "0011". A cycle of 5.12 s has none, but one occasion.
_WINDOW_US = 2 * _DRX_US
_SHORTEST_US = 2 * _DRX_US
_LTE_M = b"4"


class Paging:
    """`options` are the modem's; `gap_end_us(at_us)` says when coverage is back, None with it."""

    def __init__(self, world, options, gap_end_us):
        self._world = world
        self._gap_end_us = gap_end_us
        self._rrc_us = int(options["rrc_ms"] * 1000)
        self._answer = options["edrx_answer"]
        self._granted = options["edrx_granted"]
        # Kept over a loss of power, as is what the modem asks for.
        self._asked = options["edrx"]
        for bits in (self._asked, self._granted):
            if bits not in ("", "asked", "none") and edrx.cycle_ms(bits) is None:
                raise ValueError("eDRX is '%s'; write four bits." % bits)
        self._heard_us = None
        self._waiting = []

    def command(self, said, say):
        """AT+CEDRXS and AT+CEDRXRDP: True for OK, False for an error, None if it hangs."""
        name, mark, rest = said
        if name == b"+CEDRXRDP":
            bits = self._in_force()
            told = b'4,"%s","%s","0011"' % ((self._asked or "0000").encode(), bits.encode())
            say(b"+CEDRXRDP: " + (told if bits else b"0"))
            return not mark
        if mark != b"=":
            if self._asked:
                say(b'+CEDRXS: 4,"%s"' % self._asked.encode())
            return mark == b"?"
        fields = rest.split(b",")
        if fields[0] in (b"0", b"3"):
            self._asked = ""
            return True
        if self._answer != "ok":
            return False if self._answer == "error" else None
        return self._ask(fields)

    def connected_us(self):
        """When the radio is connected for what goes now; what waited for it comes then."""
        now_us = self._world.now_us
        # What comes while it connects waits for that.
        at_us = max(now_us, self._heard_us or 0)
        if self._rrc_us and not self._is_connected():
            at_us += self._rrc_us
        self._heard_us = at_us
        self._release()
        return at_us

    def reach(self, go):
        """Call `go()` when the modem can be given what came for it; in order."""
        if not self._waiting:
            if self._is_connected() or not self.cycle_us():
                go()
                return
            self._world.observe({"modem": "paged later"})
            self._world.at(self._occasion_us(self._world.now_us), self._called)
        self._waiting.append(go)

    def cycle_us(self):
        """The cycle in force; 0 for none."""
        bits = self._in_force()
        return edrx.cycle_ms(bits) * 1000 if bits else 0

    def listens(self):
        """Whether an idle modem is in its window now; always without eDRX."""
        cycle_us = self.cycle_us()
        return not cycle_us or self._world.now_us % cycle_us < _window_us(cycle_us)

    def turn_us(self):
        """When `listens` changes next; None without eDRX."""
        cycle_us = self.cycle_us()
        if not cycle_us:
            return None
        begun_us = self._world.now_us - self._world.now_us % cycle_us
        return begun_us + (_window_us(cycle_us) if self.listens() else cycle_us)

    def _ask(self, fields):
        if len(fields) != 3 or fields[0] not in (b"1", b"2") or fields[1] not in (b"4", b"5"):
            return False
        bits = fields[2].decode()
        if bits[:1] != '"' or bits[-1:] != '"' or edrx.cycle_ms(bits[1:-1]) is None:
            return False
        # What it asks for in NB-IoT is of no account here.
        if fields[1] == _LTE_M:
            self._asked = bits[1:-1]
        return True

    def _in_force(self):
        if self._granted == "asked":
            return self._asked
        return "" if self._granted == "none" else self._granted

    def _is_connected(self):
        return self._heard_us is not None and self._world.now_us - self._heard_us <= _IDLE_US

    def _occasion_us(self, at_us):
        cycle_us = self.cycle_us()
        if not cycle_us:
            return at_us
        gone_us = at_us % cycle_us
        for late_us in range(0, _window_us(cycle_us), _DRX_US):
            if gone_us <= late_us:
                return at_us - gone_us + late_us
        return at_us - gone_us + cycle_us

    def _called(self):
        if not self._waiting:
            return
        gap_end_us = self._gap_end_us(self._world.now_us)
        if gap_end_us is None:
            self._release()
        else:
            # A call that is not heard is made again in another window.
            self._world.at(self._occasion_us(gap_end_us), self._called)

    def _release(self):
        waiting, self._waiting = self._waiting, []
        for go in waiting:
            go()


def _window_us(cycle_us):
    return _DRX_US if cycle_us <= _SHORTEST_US else _WINDOW_US
