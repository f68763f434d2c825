"""The chip's WLAN station: radio, association, address, and packets on the simulated network.

Statuses and reasons as MicroPython's port passes them on (network_wlan.c). What the chip loses by
light sleep, and connections that an association takes with it, are observed and not forgiven: such
a connection says nothing any more, neither data nor an end.
"""

import struct

from sim.models.modem.mobile_network import OPENED, UNANSWERED, Air, Path
from sim.models.modem.network_time import utc_s
from sim.models.modem.servers import servers_for

IDLE, CONNECTING, GOT_IP = 1000, 1001, 1010
BEACON_TIMEOUT, NO_AP = 200, 201
_LEFT = 8
# Assumption: six seconds of missed beacons (the default of esp_wifi_set_inactive_time).
_BEACON_US = 6_000_000
# Assumption: a scan of 13 channels that finds nothing.
_SCAN_US = 2_500_000
ADDRESS, NAME_SERVER = "192.0.2.7", "192.0.2.53"
_DNS_PORT, _NTP_PORT = 53, 123
_NTP_TO_UNIX_S = 2_208_988_800


class WlanModel:
    """`options` are all of sim/options/wlan.py; `servers` what a modem beside it reaches."""

    def __init__(self, world, options, servers=None):
        self._world = world
        self._options = options
        # Nobody denies it, and nobody calls it seldom.
        calls = {"edrx": "", "edrx_granted": "none", "edrx_answer": "error"}
        self.air = Air(world, dict(options, denied_ms=(), nat_ms=0, rrc_ms=0, **calls))
        shares = servers is not None and options["remote"] is None
        self.servers = servers if shares else servers_for(world, options)
        self.is_on = False
        self.is_joined = False
        self._reason = 0
        self._is_asked = False
        self._joining = None
        self._open = []
        for start_us, _end in self.air.gaps_us:
            world.at(start_us + _BEACON_US, self._miss_beacons)

    def switch(self, on):
        """The radio; OSError when the scenario has no memory for it, or has it stuck."""
        if on and self._options["no_memory"]:
            raise OSError("WiFi Out of Memory")
        if self.is_on and not on and self._options["stuck"]:
            raise OSError("Wifi Internal Error")
        if on != self.is_on:
            self._world.observe({"wlan": "on" if on else "off"})
        self.is_on = on
        if not on:
            self._leave(0)
        self._charge("idle" if on else "off")

    def join(self, name, password):
        """An attempt begins; how it went is its status."""
        if not self.is_on:
            raise OSError("Wifi Not Started")
        if self._is_asked and not self.is_joined:
            raise OSError("Wifi Internal State Error")
        self._leave(0)
        self._is_asked = True
        self._charge("join")
        us = int(self._options["join_ms"] * 1000)
        self._joining = self._world.after(us, lambda: self._joined(name, password))

    def leave(self):
        """The station leaves by its own wish."""
        self._leave(_LEFT)

    def status(self):
        """STAT_GOT_IP, STAT_CONNECTING, STAT_IDLE, or the reason for which it is away."""
        if self.is_joined:
            return GOT_IP
        if self._is_asked:
            return CONNECTING
        return self._reason or IDLE

    def rssi_dbm(self):
        """Of the access point; OSError while there is none."""
        if not self.is_joined:
            raise OSError("Wifi Not Connected")
        return self._options["rssi_dbm"]

    def drop(self):
        """Verb `wlan_drop`: the access point sends the station away."""
        self._world.observe({"wlan": "dropped"})
        self._leave(_LEFT)

    def sleep_begins(self):
        """Light sleep ends the association of a radio that is on."""
        if self.is_on:
            self._world.observe({"sleep": "cuts WLAN off"})
            self._leave(BEACON_TIMEOUT)

    def dial(self, host, port, opened, arrived):
        """A TCP connection: `opened(is_open)` once, then `arrived(data)`, b"" for its end."""
        connection = _Connection(self._world, self.air, arrived)
        self._open.append(connection)

        def reach():
            result = connection.dial(self.servers, host, port)
            if result is UNANSWERED:
                return
            self._world.at(self.air.arrival_us(), lambda: opened(result == OPENED))

        if self.is_joined:
            self._world.at(self.air.arrival_us(), reach)
        return connection

    def ask(self, port, packet, arrived):
        """A datagram; `arrived(packet)` when somebody answers."""
        answer = None
        if port == _DNS_PORT and self._options["dns"]:
            answer = self._address(packet)
        elif port == _NTP_PORT and self._options["ntp"]:
            answer = self._time()
        if answer is not None and self.is_joined:
            self._world.at(self.air.arrival_us(one_way=False), lambda: arrived(answer))

    def _joined(self, name, password):
        options = self._options
        self._is_asked = False
        if name != options["name"] or self.air.gap_end_us(self._world.now_us) is not None:
            self._reason = NO_AP
        elif password != (options["password"] or None):
            self._reason = options["refusal"]
        else:
            self._reason = 0
            self.is_joined = True
        self._world.observe({"wlan": "joined" if self.is_joined else self._reason})
        self._charge("on" if self.is_joined else "idle")

    def _leave(self, reason):
        self._world.cancel(self._joining)
        self._joining = None
        self._is_asked = False
        self._reason = reason
        if self.is_joined:
            self.is_joined = False
            self._charge("idle")
            for connection in self._open:
                connection.cut()
            self._open = []

    def _miss_beacons(self):
        if self.is_joined and self.air.gap_end_us(self._world.now_us) is not None:
            self._world.observe({"wlan": BEACON_TIMEOUT})
            self._leave(BEACON_TIMEOUT)

    def _address(self, question):
        """The answer to a question for a name: this machine, and in live mode for its own name."""
        name = _asked_name(question)
        is_here = not self._world.live or name == "localhost"
        if not is_here:
            why = "the simulator only dials loopback"
            self._world.observe({"modem": "refused", "host": name, "why": why})
            return question[:2] + b"\x81\x83" + question[4:]
        head = question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
        return head + question[12:] + record

    def _time(self):
        seconds = utc_s(self._world) + _NTP_TO_UNIX_S
        return b"\x24\x02" + bytes(38) + struct.pack(">II", seconds & 0xFFFFFFFF, 0)

    def _charge(self, state):
        if self._world.ledger is not None:
            self._world.ledger.set("wlan", state)


class _Connection:
    """One TCP connection of the chip."""

    def __init__(self, world, air, arrived):
        self._up = Path(world, air, self._pass_on)
        self._down = Path(world, air, arrived)
        self._far = None

    def dial(self, servers, host, port):
        """Ask for the far end; the result (mobile_network.py)."""
        result, self._far = servers.connect(host, port, self._down.send)
        return result

    def send(self, data):
        """What the badge writes; b"" is its end."""
        self._up.send(data)

    def cut(self):
        """Nothing passes any more, either way."""
        self._up.cut()
        self._down.cut()

    def _pass_on(self, data):
        if self._far is not None:
            if data:
                self._far.send(data)
            else:
                self._far.close()


def _asked_name(question):
    at, labels = 12, []
    while at < len(question) and question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode())
        at += 1 + question[at]
    return ".".join(labels)
