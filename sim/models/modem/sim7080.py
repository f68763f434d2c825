"""SIM7080G at the level of its AT commands, behind a UART that takes its time.

This file has the power key and the commands; its neighbours have the rest. Not modelled: flow
control, TLS of the modem, more than one PDP context. PSM is a modem that switches itself off.
"""

from sim.models.modem.answers import Answers
from sim.models.modem.commands import ASKED, COMMANDS, EDRX_COMMANDS, SMS_COMMANDS, split
from sim.models.modem.data_bearer import BearerHearers, DataBearer
from sim.models.modem.gnss import COMMANDS as GNSS_COMMANDS
from sim.models.modem.gnss import ModemGnss
from sim.models.modem.line import LINE_VERBS, ModemLine
from sim.models.modem.mobile_network import Air
from sim.models.modem.power import ModemPower
from sim.models.modem.power_key import PowerKey
from sim.models.modem.registration import REGISTERED, Hearers, Registration
from sim.models.modem.servers import servers_for
from sim.models.modem.sms import ModemSms
from sim.models.modem.sockets import ModemSockets
from sim.options.modem import UNASKED

_PROMPT = b"\r\n> "
_LINE_MAX = 556


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
        paging, psm = self._air.paging, options["psm"]
        self.power = ModemPower(world, (dtr, ri), paging, psm, self._saves_power)
        self.servers = servers or servers_for(world, options)
        self.sockets = ModemSockets(
            world, self._air, self.servers, self.line, options["gives_up_ms"]
        )
        hearers = Hearers(self._later, self._registration_changed, self._network_lets_go)
        self.registration = Registration(world, self._air, options, hearers)
        self.sms = ModemSms(
            world,
            options["sms"],
            self.line.say,
            self.registration,
            receiver=self.servers if hasattr(self.servers, "text") else None,
            radio=self.power.text,
            reach=paging.reach,
            prompt=lambda: self._prompt(self.sms),
        )
        self._told = Answers(world, options, self.registration, self.sms, self.line.say)
        self._gnss = ModemGnss(world, options["gnss"], self.line.say, self._crash)
        hears = BearerHearers(self._later, self._drop_sockets)
        self._bearer = DataBearer(self.line, self.registration, self._air, options, hears)
        self._command_us = int(options["command_ms"] * 1000)
        self._powered = False
        self._supplied = True
        self._epoch = 0
        self.commands = 0
        # 1 presses the power key, 0 lets go.
        self.pwrkey = PowerKey(world, self._is_on, self._boot, self._key_off).level
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

    def control(self, what, given):
        """Do a verb of sim/options/modem.py with its arguments."""
        if what in LINE_VERBS:
            self.line.control(what, given)
        elif what == "unasked":
            self._say_unasked()
        elif what == "power_loss":
            self.lose_power()
        elif what == "hang_up":
            self._drop_sockets(tell=True)
        elif what == "card_out":
            self._config["sim"] = ""
            self.registration.lose_card()
        elif what == "hang":
            self._busy = True
        elif what == "text":
            self.sms.arrive(given["sender"], given["text"])
        elif what == "cell":
            self.registration.move(given["ci"])
        elif what in ("sky", "place"):
            self._gnss.control(what, given)
        elif what == "deny":
            self.registration.deny(given["for_ms"], given["cause"])
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
        self._gnss.reset()
        self.power.power(False)
        self._world.observe({"modem": "off"})

    def _reset_state(self):
        self._input = b""
        self._want = None
        self._busy = self._crashed = False
        self._echo = True
        self._errors = 0
        self._cereg = 0
        self.registration.reset()
        self.sms.reset()
        self._gnss.reset()
        self._bearer.reset()

    def _is_on(self):
        return self._powered

    def _boot(self):
        if not self._supplied:
            return
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
        sim = self._config["sim"].encode()
        for line in (b"RDY", b"+CFUN: 1", b"+CPIN: " + (sim or b"NOT INSERTED")):
            self.line.say(line)
        if sim == b"READY":
            self._later(self.sms.booted(), lambda: self.line.say(b"SMS Ready"))

    def _network_lets_go(self):
        self._bearer.detach()

    def _drop_sockets(self, tell):
        self.sockets.drop_all(tell=tell)

    def _crash(self):
        """Nothing is heard of it until its power has gone."""
        self._world.observe({"modem": "crashed"})
        self.sockets.drop_all(tell=False)
        self.registration.stop()
        self._busy = self._crashed = True

    def _registration_changed(self):
        is_registered = self.registration.stat in REGISTERED
        self.power.registered(is_registered)
        if self._cereg:
            self.line.say(b"+CEREG: " + self.registration.tail())
        if is_registered and self._config["unasked"]:
            self._say_unasked()

    def _say_unasked(self):
        for line in UNASKED:
            self.line.say(line.encode())

    def _saves_power(self):
        self._power_down(b"PSM POWER DOWN")

    def _key_off(self):
        if not (self._crashed and self._gnss.deafens()):
            self._power_down()

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
        if self._want is self.sms:
            self._want, self._input = self.sms.typed(self._input, self._epoch_answer())
            self._busy = self._want is None
            return
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

    def _epoch_answer(self):
        """What answers a message, unless the modem was switched off meanwhile."""
        epoch = self._epoch
        return lambda result: self._epoch == epoch and self._answer(ok=result)

    def _execute(self, text):
        name, mark, rest = split(text)
        method = COMMANDS.get((name, mark))
        try:
            if name in SMS_COMMANDS:
                done = self.sms.command(name, mark, rest)
            elif (name, mark) in ASKED:
                done = self._told.say(ASKED[name, mark])
            elif name in EDRX_COMMANDS:
                done = self._air.paging.command((name, mark, rest), self.line.say)
            elif name in GNSS_COMMANDS:
                done = self._gnss.command(name, mark, rest)
                done = None if self._crashed else done
            else:
                done = getattr(self, method)(rest) if method else False
        except (ValueError, IndexError):
            done = False
        if done is not None:
            self._answer(ok=done)

    def _answer(self, ok):
        if ok is True:
            self.line.send(b"\r\nOK\r\n")
        elif ok:
            self.line.send(b"\r\n+CMS ERROR: %d\r\n" % ok)
        elif self._errors:
            # 10: no card; 3: not allowed.
            self.line.send(b"\r\n+CME ERROR: %d\r\n" % (3 if self._config["sim"] else 10))
        else:
            self.line.send(b"\r\nERROR\r\n")
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

    def _cmd_set_cfun(self, rest):
        mode = int(rest)
        self.registration.switch(mode == 1)
        self._bearer.radio(mode == 1)
        self.power.fly(mode != 1)
        self._gnss.fun(mode)
        return None if self._crashed else True

    def _cmd_set_csclk(self, rest):
        self.power.set_slow_clock(rest == b"1")
        return True

    def _cmd_set_cereg(self, rest):
        self._cereg = int(rest)
        return True

    def _cmd_get_cereg(self, _rest):
        self.line.say(b"+CEREG: %d,%s" % (self._cereg, self.registration.tail()))
        return True

    def _cmd_set_cnact(self, rest):
        return self._bearer.ask(rest)

    def _cmd_get_cnact(self, _rest):
        self._bearer.tell()
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
        return self._prompt((cid, count))

    def _prompt(self, want):
        self._want = want
        self.line.send(_PROMPT)
        self._busy = False
        self._run()

    def _cmd_carecv(self, rest):
        data = self.sockets.receive(*[int(n) for n in rest.split(b",")[:2]])
        if data is None:
            return False
        self.line.say(b"+CARECV: %d,%s" % (len(data), data) if data else b"+CARECV: 0")
        return True

    def _cmd_caclose(self, rest):
        return self.sockets.close(int(rest))
