"""When the modem sleeps and rings, and what its radio draws (SIMCom AT manual V1.05, 5.2).

With CSCLK=1 and DTR high the modem sleeps: its serial port hears nothing, but it is still paged.
With CFGRI=1 each unsolicited line pulls RI low. How long RI leads the line is not in the manuals:
`ri_lead_ms` is 0 unless a scenario says otherwise, so a chip that sleeps misses the first bytes.
"""

# Assumptions, after sibling modules: SIM802 hardware design (about 40 ms from DTR low to a serial
# port that works), SIM7000 (RI low for 120 ms for an unsolicited line).
_ROUSE_US = 40_000
_RI_US = 120_000
# How long the modem stays up after DTR went high, and after it last said or heard something.
_DOZE_US = 100_000
# T3324: after so long without a packet a modem with PSM switches itself off (assumption: 10 s).
_PSM_US = 10_000_000


class ModemPower:
    """`speaks()` before an unsolicited line, `radio()` with each packet, `hears()` the host.

    `lines` are DTR and RI; `paging` is paging.py's; `psm`: whether AT+CPSMS is on, which a modem
    remembers without power; `on_psm()` is called when it saves by it.
    """

    def __init__(self, world, lines, paging, psm, on_psm):
        self._world = world
        self._dtr, self._ri = lines
        self._paging = paging
        self._on = False
        self._registered = False
        self._flies = False
        self._roused_us = 0
        self._busy_us = 0
        self._radio_us = None
        self._packet_us = None
        self._text_us = 0
        self._ring_us = 0
        self._slow_clock = False
        self.ring = 0
        self._psm = psm
        self._on_psm = on_psm
        self._turn_us = None
        if self._dtr is not None:
            self._dtr.listen(self._on_dtr)

    def power(self, on):
        """Supply or power key; a modem that starts has forgotten what it was told."""
        self._on = on
        self._registered = False
        self._flies = False
        self._radio_us = None
        self._text_us = 0
        self._slow_clock = False
        self.ring = 0
        if self._ri is not None:
            self._ri.drive(1)
        self._account()

    def set_ring(self, mode):
        """AT+CFGRI: whether RI tells of unsolicited lines."""
        self.ring = mode

    def set_slow_clock(self, on):
        """AT+CSCLK: whether a high DTR lets it sleep."""
        self._slow_clock = on

    def set_psm(self, on):
        """AT+CPSMS: whether it switches itself off when nothing is said."""
        self._psm = on

    def registered(self, yes):
        """Found a cell, or lost it and searches."""
        self._registered = yes
        if yes:
            self._watch_psm()
        self._account()

    def fly(self, on):
        """AT+CFUN: without its radio it searches for nothing."""
        self._flies = on
        self._radio_us = None
        self._account()

    def speaks(self):
        """An unsolicited line begins."""
        self._busy_us = self._world.now_us
        if self.ring and self._ri is not None:
            self._ring_us = self._world.now_us + _RI_US
            self._ri.drive(0)
            self._world.at(self._ring_us, self._ring_ends)

    def hears(self):
        """Whether bytes of the host get through; those to a sleeping modem are lost."""
        now_us = self._world.now_us
        asleep = self._asleep()
        if not asleep and now_us >= self._roused_us:
            self._busy_us = now_us
            return True
        return False

    def radio(self):
        """A packet goes or comes."""
        self._watch_psm()
        ledger = self._world.ledger
        if ledger is None:
            return
        now_us = self._world.now_us
        self._radio_us = now_us
        self._account()
        for timing in ledger.modem_timing.values():
            for name in ("active_ms", "tail_ms"):
                self._world.after(timing[name] * 1000, self._account)

    def text(self, ms):
        """A text message goes or comes: the radio is on for so long, and has its tail."""
        until_us = self._world.now_us + int(ms * 1000)
        self._text_us = max(self._text_us, until_us)
        self._paging.connected_us()
        self._account()
        self._world.at(until_us, self.radio)

    def _watch_psm(self):
        self._packet_us = packet_us = self._world.now_us
        self._world.after(_PSM_US, lambda: self._save(packet_us))

    def _save(self, packet_us):
        if self._psm and self._on and self._registered and packet_us == self._packet_us:
            self._on_psm()

    def _asleep(self):
        if not self._slow_clock or self._dtr is None or self._dtr.level == 0:
            return False
        return self._world.now_us >= self._busy_us + _DOZE_US

    def _on_dtr(self, level):
        now_us = self._world.now_us
        if level:
            self._busy_us = now_us
            self._world.after(_DOZE_US, self._account)
        elif self._slow_clock:
            self._roused_us = now_us + _ROUSE_US
        self._account()

    def _ring_ends(self):
        if self._world.now_us >= self._ring_us:
            self._ri.drive(1)

    def _account(self):
        ledger = self._world.ledger
        if ledger is None:
            return
        for part, timing in ledger.modem_timing.items():
            ledger.set(part, self._state(timing))
        ledger.set("status_light", "on" if self._on else "off")
        self._watch_window()

    def _watch_window(self):
        turn_us = self._paging.turn_us() if self._asleep() else None
        if turn_us != self._turn_us:
            self._turn_us = turn_us
            if turn_us is not None:
                self._world.at(turn_us, self._account)

    def _state(self, timing):
        if not self._on:
            return "off"
        if self._flies:
            return "idle"
        if not self._registered:
            return "search"
        if self._world.now_us < self._text_us:
            return "text"
        if self._radio_us is not None:
            since_us = self._world.now_us - self._radio_us
            if since_us < timing["active_ms"] * 1000:
                return "active"
            if since_us < timing["tail_ms"] * 1000:
                return "tail"
        if not self._asleep():
            return "idle"
        return "sleep" if self._paging.listens() else "deep"
