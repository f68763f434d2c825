"""Asks the network to call an idle modem more seldom (eDRX; SIMCom AT manual V1.05, AT+CEDRXS)."""

# Cycles that LTE-M has, in s, cut off, and their bits: of core/edrx.py, which no badge has.
_BITS = {5: b"0000", 10: b"0001", 20: b"0010", 40: b"0011"}


class EdrxRequest:
    """`cycle_s`: one of these."""

    def __init__(self, cycle_s):
        self.cycle_s = cycle_s
        # Whether the modem took it; None until it was asked.
        self.taken = None
        self._hung = False

    async def make(self, modem):
        """Said at each start; no must: `taken` is False where it is refused.

        Raises AtError at.timeout.
        """
        if self._hung:
            # Nobody waits for it twice in a row: an alarm may have to go.
            self._hung = False
            return
        # So it stays where no answer comes.
        self.taken, self._hung = False, True
        self.taken = await modem.attempt(b'AT+CEDRXS=1,4,"%s"' % _BITS[self.cycle_s])
        self._hung = False
