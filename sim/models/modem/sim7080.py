"""SIM7080G at the level of its AT commands, behind a UART that takes its time.

This file has the power key, the commands and one data bearer; its neighbours have the rest.
Not modelled: SMS, GNSS, eDRX, flow control, TLS of the modem, more than one PDP context. PSM is a
modem that switches itself off.
"""

import binascii

from sim.models.modem.commands import COMMANDS, split
from sim.models.modem.line import ModemLine
from sim.models.modem.mobile_network import Air
from sim.models.modem.network_time import network_time
from sim.models.modem.power import ModemPower
from sim.models.modem.registration import REGISTERED, Hearers, Registration
from sim.models.modem.servers import servers_for
from sim.models.modem.sockets import ModemSockets
from sim.options.modem import UNASKED

_PROMPT = b"\r\n> "
_LINE_MAX = 556
_PULSE_ON_US = 1_000_000
_PULSE_OFF_US = 1_200_000


class Sim7080Model:
    """`options`: sim/options/modem.py; `servers.connect(host, port, on_data)` is the far end."""

    def __init__(
        self,
        world,
        options,
        *,
        pwrkey=None,
        dtr=None,
        ri=None,
        pwrkey_active_level=1,
        servers=None,
    ):
        self._world = world
        self._config = options
        self._air = Air(world, options)
        self.line = ModemLine(world, self._speaks)
        self.power = ModemPower(world, dtr, ri, options["psm"], self._saves_power)
        self.servers = servers or servers_for(world, options)
        self.sockets = ModemSockets(
            world, self._air, self.servers, self.line, options["gives_up_ms"]
        )
        hearers = Hearers(self._later, self._registration_changed, self._detach)
        self.registration = Registration(world, self._air, options, hearers)
        self._hollow = options["hollow_bearers"]
        self._command_us = int(options["command_ms"] * 1000)
        self._powered = False
        self._supplied = True
        self._epoch = 0
        self._key_down_us = None
        self.commands = 0
        self._reset_state()
        if pwrkey is not None:
            pwrkey.listen(lambda level: self.pwrkey(level == pwrkey_active_level))
        if options["powered"]:
            self._boot()

    def connect(self, uart):
        """The chip opened its serial port; the modem adopts its speed."""
        self.line.connect(uart)

    def on_bytes(self, data):
        """The firmware's bytes, now that the last bit of them is here."""
        if self._powered and not self.power.hears():
            self._world.observe({"modem": "asleep", "lost": len(data)})
            return
        self._input += bytes(data)
        self._run()

    def pwrkey(self, level):
        """1 presses the power key, 0 lets go."""
        now_us = self._world.now_us
        if level:
            self._key_down_us = now_us
            return
        if self._key_down_us is None:
            return
        held_us = now_us - self._key_down_us
        self._key_down_us = None
        if not self._powered and held_us >= _PULSE_ON_US and self._supplied:
            self._boot()
        elif self._powered and held_us >= _PULSE_OFF_US:
            self._power_down()

    def control(self, what, given):
        """Do a verb of sim/options/modem.py with its arguments."""
        if what == "noise":
            self.line.send(binascii.unhexlify(given["hex"]))
        elif what == "line":
            self.line.say(given["text"].encode())
        elif what == "unasked":
            self._say_unasked()
        elif what == "lose":
            self.line.lose_bytes(given["byte"], given["count"])
        elif what == "spoil":
            self.line.spoil_bytes(given["byte"], given["count"])
        elif what == "power_loss":
            self.lose_power()
        elif what == "hang_up":
            self.sockets.drop_all(tell=True)
        elif what == "hang":
            self._busy = True
        elif what == "deny":
            self.registration.deny(given["for_ms"])
        else:
            raise ValueError("The model of the modem has no verb %r." % what)

    def supply(self, on):
        """The rail that feeds the modem; off is a loss of power, on waits for the power key."""
        self._supplied = on
        if not on and self._powered:
            self.lose_power()

    def lose_power(self):
        """A brownout: silent at once, sockets die on the network's side."""
        self.sockets.drop_all(tell=False)
        self.line.cut()
        self._powered = False
        self._epoch += 1
        self.power.power(False)
        self._world.observe({"modem": "off"})

    def _reset_state(self):
        self._input = b""
        self._want = None
        self._busy = False
        self._echo = True
        self._errors = 0
        self._cereg = 0
        self.registration.reset()
        self._bearer = False

    def _boot(self):
        self._powered = True
        self._epoch += 1
        self._reset_state()
        self.power.power(True)
        self._busy = True
        self._world.observe({"modem": "on"})
        boot_us = int(self._config["boot_ms"] * 1000)
        self._after(boot_us, self._booted)
        self.registration.start(self._world.now_us + boot_us)

    def _booted(self):
        self._busy = False
        sim = self._sim()
        for line in (b"RDY", b"+CFUN: 1", b"+CPIN: " + (sim or b"NOT INSERTED"), b"SMS Ready"):
            self.line.say(line)

    def _sim(self):
        return self._config["sim"].encode()

    def _detach(self):
        if self._bearer:
            self._bearer = False
            self.line.say(b"+APP PDP: 0,DEACTIVE")
        self.sockets.drop_all(tell=True)

    def _registration_changed(self):
        is_registered = self.registration.stat in REGISTERED
        self.power.registered(is_registered)
        if self._cereg:
            self.line.say(b"+CEREG: " + self._cereg_tail())
        if is_registered and self._config["unasked"]:
            self._say_unasked()

    def _say_unasked(self):
        for line in UNASKED:
            self.line.say(line.encode())

    def _saves_power(self):
        self._power_down(b"PSM POWER DOWN")

    def _power_down(self, why=b"NORMAL POWER DOWN"):
        self.line.say(why)
        self._later(self.line.quiet_us(), self.lose_power)

    def _run(self):
        while self._input and not self._busy and self._powered:
            if self._want is not None:
                self._take_payload()
                if self._want is not None:
                    return
                continue
            end = self._input.find(b"\r")
            if end < 0:
                if len(self._input) > _LINE_MAX:
                    self._input = b""
                return
            line, self._input = self._input[:end], self._input[end + 1 :]
            # Escape ends nothing outside data entry, and noise before AT is skipped.
            at = line.upper().find(b"AT")
            self._busy = True
            if self._echo and line:
                self.line.send(line + b"\r")
            self._busy = at >= 0
            if at >= 0:
                self.commands += 1
                self._after(self._command_us, lambda text=line[at + 2 :]: self._execute(text))
                return

    def _take_payload(self):
        cid, count = self._want
        if self._input[:1] == b"\x1b":
            self._input = self._input[1:]
            self._want = None
            self._answer(ok=False)
        elif len(self._input) >= count:
            data, self._input = self._input[:count], self._input[count:]
            self._want = None
            sent = self.sockets.send(cid, data)
            self.power.radio()
            self._busy = True
            self._after(self._command_us, lambda: self._answer(ok=sent))

    def _execute(self, text):
        name, mark, rest = split(text)
        method = COMMANDS.get((name, mark))
        try:
            done = getattr(self, method)(rest) if method else False
        except (ValueError, IndexError):
            done = False
        if done is not None:
            self._answer(ok=done)

    def _answer(self, ok):
        if ok:
            self.line.send(b"\r\nOK\r\n")
        else:
            self.line.send(b"\r\n+CME ERROR: 3\r\n" if self._errors else b"\r\nERROR\r\n")
        self._busy = False
        self._run()

    def _speaks(self, data):
        """Unsolicited lines, and only those, ring."""
        if data[:9] in (b"\r\n+CADATA", b"\r\n+CASTAT"):
            self.power.radio()
        if self._busy or not self._powered:
            return 0
        self.power.speaks()
        return int(self._config["ri_lead_ms"] * 1000) if self.power.ring else 0

    def _after(self, delay_us, callback):
        self._later(self._world.now_us + delay_us, callback)

    def _later(self, at_us, callback):
        """What a modem that was switched off meant to do does not happen."""
        epoch = self._epoch
        self._world.at(at_us, lambda: self._epoch == epoch and callback())

    def _cereg_tail(self):
        if self.registration.stat in REGISTERED:
            return b'%d,"10A0","0A4C8A26",7' % self.registration.stat
        return b"%d" % self.registration.stat

    def _cmd_ok(self, _rest):
        return True

    def _cmd_echo_off(self, _rest):
        self._echo = False
        return True

    def _cmd_echo_on(self, _rest):
        self._echo = True
        return True

    def _cmd_set_cmee(self, rest):
        self._errors = int(rest)
        return True

    def _cmd_get_cmee(self, _rest):
        self.line.say(b"+CMEE: %d" % self._errors)
        return True

    def _cmd_set_cfgri(self, rest):
        self.power.set_ring(int(rest))
        return self._config["rings"]

    def _cmd_get_cfgri(self, _rest):
        self.line.say(b"+CFGRI: %d" % self.power.ring)
        return True

    def _cmd_set_cpsms(self, rest):
        self.power.set_psm(rest[:1] == b"1")
        return True

    def _cmd_set_csclk(self, rest):
        self.power.set_slow_clock(rest == b"1")
        return True

    def _cmd_set_cereg(self, rest):
        self._cereg = int(rest)
        return True

    def _cmd_get_cereg(self, _rest):
        self.line.say(b"+CEREG: %d,%s" % (self._cereg, self._cereg_tail()))
        return True

    def _cmd_set_cnact(self, rest):
        context, wanted = rest.split(b",")[:2]
        if context != b"0" or (wanted == b"1" and self.registration.stat not in REGISTERED):
            return False
        was, self._bearer = self._bearer, wanted == b"1"
        if was and not self._bearer:
            self._hollow = max(self._hollow - 1, 0)
            self.sockets.drop_all(tell=True)
        if was == self._bearer:
            return not self._bearer
        state = b"ACTIVE" if self._bearer else b"DEACTIVE"
        self._later(
            self._air.arrival_us(one_way=False), lambda: self.line.say(b"+APP PDP: 0," + state)
        )
        return True

    def _cmd_get_cnact(self, _rest):
        address = b"10.96.7.21" if self._bearer and not self._hollow else b"0.0.0.0"
        self.line.say(b'+CNACT: 0,%d,"%s"' % (self._bearer, address))
        for context in (1, 2, 3):
            self.line.say(b'+CNACT: %d,0,"0.0.0.0"' % context)
        return True

    def _cmd_get_cpsi(self, _rest):
        if self.registration.stat in REGISTERED:
            self.line.say(
                b"+CPSI: LTE CAT-M1,Online,204-08,0x10A0,172776966,280,"
                b"EUTRAN-BAND20,6300,3,3,-10,-87,-57,22"
            )
        else:
            self.line.say(b"+CPSI: NO SERVICE,Online")
        return True

    def _cmd_get_cpin(self, _rest):
        if self._sim():
            self.line.say(b"+CPIN: " + self._sim())
        return self._sim() != b""

    def _cmd_get_csq(self, _rest):
        self.line.say(b"+CSQ: %s,99" % (b"22" if self.registration.stat in REGISTERED else b"99"))
        return True

    def _cmd_get_cclk(self, _rest):
        text = "80/01/06,00:00:09+00"
        if self.registration.stat in REGISTERED:
            config = self._config
            text = config["time_utc"] or network_time(
                self._world, config["wrong_time_ms"], config["wrong_by_s"]
            )
        self.line.say(b'+CCLK: "%s"' % text.encode())
        return True

    def _cmd_cpowd(self, _rest):
        self._power_down()

    def _cmd_caopen(self, rest):
        return None if self.sockets.open(rest, self._bearer, self._opened()) else False

    def _opened(self):
        epoch = self._epoch

        def opened(cid, result):
            # A modem that was switched off meanwhile says nothing, and its socket is nobody's.
            if self._epoch != epoch:
                self.sockets.close(cid)
                return
            self._world.observe({"modem": "open", "cid": cid, "result": result})
            self.line.say(b"+CAOPEN: %d,%d" % (cid, result))
            self._answer(ok=True)

        return opened

    def _cmd_casend(self, rest):
        cid, count = [int(n) for n in rest.split(b",")[:2]]
        if not self.sockets.can_send(cid, count):
            return False
        self._want = (cid, count)
        self.line.send(_PROMPT)
        self._busy = False
        self._run()
        return None

    def _cmd_carecv(self, rest):
        data = self.sockets.receive(*[int(n) for n in rest.split(b",")[:2]])
        if data is None:
            return False
        self.line.say(b"+CARECV: %d,%s" % (len(data), data) if data else b"+CARECV: 0")
        return True

    def _cmd_caclose(self, rest):
        return self.sockets.close(int(rest))
