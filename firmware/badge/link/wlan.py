"""WLAN as a bearer (link/bearer.py): the chip's own radio, as MicroPython's port for it has it.

`network.WLAN` is never asked for a scan, and no name is looked up by `socket`: both would hold the
VM for seconds (ports/esp32/network_wlan.c, modsocket.c of MicroPython 1.27).
"""

import asyncio
import os
import socket
from time import ticks_diff, ticks_ms

from badge.core.codec import dns
from badge.core.link_ladder import POWER
from badge.core.portable import const
from badge.link.plain_socket import PlainSocket, until_readable

_JOIN_MS = const(15_000)
_STEP_MS = const(100)
_FEED_MS = const(1_000)
# The radio that is on keeps the chip from light sleep, which would end the association.
_ON_LOOK_MS = const(1_000)
_ASK_MS = const(2_000)
_ASKS = const(3)
_DNS_PORT = const(53)
_NTP_PORT = const(123)
# Seconds from 1900 to 1970, and a question of version 4 for the time (RFC 5905).
_NTP_TO_UNIX_S = const(2_208_988_800)
_NTP_ERA_S = const(1 << 32)
_NTP_QUESTION = b"\x23" + bytes(47)
# Stratum 1 to 15 knows the time.
_STRATUM_MAX = const(15)
# What the port says of an attempt: that it goes on, or the reason of ESP-IDF for its end
# (wifi_err_reason_t). Which of these a wrong password is, each access point decides.
_STAT_IDLE = const(1000)
_STAT_CONNECTING = const(1001)
_STAT_GOT_IP = const(1010)
_NO_AP = const(201)
_PASSWORD = (2, 15, 202, 204)


class WlanError(Exception):
    """`code`: wlan.dead, .no_network, .password, .refused, .timeout, .dns, .open, .lost, .left."""

    def __init__(self, code, text):
        super().__init__("%s: %s" % (code, text))
        self.code = code


class Wlan:
    """The bearer of `nic` (a network.WLAN of a station); `networks` are [(name, password)].

    `time_host` is asked for the time, "" for nobody.
    """

    name = "wlan"
    errors = (WlanError,)
    # Weaker than this the next room may be out of reach.
    weak_dbm = -80
    ways = 1
    ring_pin = modem = None

    def __init__(self, nic, networks, time_host, log):
        self._nic = nic
        self._networks = networks
        self._time_host = time_host
        self._log = log
        self._chosen = 0
        self._is_on = False
        self._addresses = {}
        self._stream = None

    async def open(self, feed, is_over=None):
        """Joined to one of the networks, with an address; the radio is off when that fails.

        When `is_over()` the next network is left to the next try.
        """
        feed()
        if self.is_joined():
            return
        self._switch(True)
        problem = None
        for _ in self._networks:
            try:
                await self._join(feed)
            except WlanError as error:
                problem = problem or error
                self._next()
                if is_over is not None and is_over():
                    break
            except asyncio.CancelledError:
                self._next()
                raise
            else:
                return
        self._switch(False)
        raise problem

    def stream(self):
        """A connection that is not open yet."""
        self._stream = PlainSocket(self, WlanError)
        return self._stream

    def is_joined(self):
        """Whether it is associated and has an address."""
        try:
            return self._is_on and self._nic.isconnected()
        except (OSError, RuntimeError):
            return False

    async def address(self, host):
        """The numbers of `host`, or the last that were told; WlanError wlan.dns without any."""
        if dns.is_address(host):
            return host
        number = int.from_bytes(os.urandom(2), "big")
        try:
            question = dns.query(number, host)
        except ValueError as error:
            raise WlanError("wlan.dns", str(error))
        server = self._nic.ifconfig()[3]
        found = await self._ask(
            server, _DNS_PORT, question, lambda packet: dns.address(number, packet)
        )
        if found:
            self._addresses[host] = found
        known = self._addresses.get(host)
        if known is None:
            raise WlanError("wlan.dns", "%s does not tell the address of %s" % (server, host))
        return known

    async def utc_s(self):
        """As the configured server has it, or None."""
        if not self._time_host:
            return None
        try:
            server = await self.address(self._time_host)
        except WlanError:
            return None
        return await self._ask(server, _NTP_PORT, _NTP_QUESTION, _utc_of)

    async def signal(self):
        """(dBm, None, None) of the access point, or None without one."""
        try:
            return self._nic.status("rssi"), None, None
        except (OSError, RuntimeError):
            return None

    async def cell(self):
        """No network of cells."""

    def is_dead(self, error):
        """Whether nothing but `revive` helps."""
        return error.code == "wlan.dead"

    async def revive(self, rung):
        """The radio off; the next `open` has it on again. It has no smaller rung."""
        if rung == POWER:
            self._switch(False)

    def hurry(self):
        """Nothing: each try is a new one."""

    def heard(self):
        """Nothing depends on it."""

    def cost_ua(self, is_awake):
        """With the radio on the chip cannot sleep; one that does not anyway is on a charger."""
        return 1_000 if is_awake else 50_000

    async def leave(self):
        """The radio off."""
        self._switch(False)

    def end(self):
        """Let the session end, so that the next can go another way."""
        if self._stream is not None:
            self._stream.end()

    def awake_ms(self, _now_ms, _is_open):
        """The chip may sleep only while the radio is off."""
        return _ON_LOOK_MS if self._is_on else 0

    def rest(self, _now_ms):
        """Nothing: it is off already."""

    def missed(self):
        """Nothing: nothing comes while it is off."""

    def _next(self):
        self._chosen = (self._chosen + 1) % len(self._networks)

    def _switch(self, on):
        try:
            self._nic.active(on)
            if on:
                # Which network is tried, and how long, is decided here.
                self._nic.config(reconnects=0)
        except (OSError, RuntimeError) as error:
            raise WlanError("wlan.dead", "the radio cannot be switched (%s)" % error)
        finally:
            self._is_on = on

    async def _join(self, feed):
        name, password = self._networks[self._chosen]
        nic, began_ms = self._nic, ticks_ms()
        self._log.event("wlan.joining", name=repr(name))
        try:
            # None for an open one.
            nic.connect(name, password or None)
            while not nic.isconnected():
                passed_ms = ticks_diff(ticks_ms(), began_ms)
                status = nic.status()
                if status not in (_STAT_IDLE, _STAT_CONNECTING, _STAT_GOT_IP):
                    raise _refusal(status, name)
                if passed_ms >= _JOIN_MS:
                    nic.disconnect()
                    raise WlanError("wlan.timeout", "not joined %r in %d ms" % (name, _JOIN_MS))
                if passed_ms % _FEED_MS < _STEP_MS:
                    feed()
                await asyncio.sleep_ms(_STEP_MS)
        except (OSError, RuntimeError) as error:
            raise WlanError("wlan.dead", "the radio does not obey (%s)" % error)
        self._log.event("wlan.joined", name=repr(name), took_ms=ticks_diff(ticks_ms(), began_ms))

    async def _ask(self, server, port, question, answer):
        """What `answer(packet)` makes of the first packet that it takes; None when none comes."""
        sock = None
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(socket.getaddrinfo(server, port)[0][-1])
            for _ in range(_ASKS):
                sock.send(question)
                if await until_readable(sock, _ASK_MS):
                    found = answer(sock.recv(512))
                    if found is not None:
                        return found
        except OSError as error:
            self._log.failure("wlan.unanswered", error, server=server, port=port)
        finally:
            if sock is not None:
                sock.close()
        return None


def _refusal(status, name):
    if status == _NO_AP:
        return WlanError("wlan.no_network", "%r is not in reach" % name)
    if status in _PASSWORD:
        return WlanError("wlan.password", "%r refuses the password (%d)" % (name, status))
    return WlanError("wlan.refused", "%r refuses the badge (%d)" % (name, status))


def _utc_of(packet):
    """UTC in seconds of a server's answer (RFC 5905), or None."""
    # Mode 4, and not one that asks to be left alone.
    if len(packet) < 48 or packet[0] & 7 != 4 or not 1 <= packet[1] <= _STRATUM_MAX:
        return None
    seconds = int.from_bytes(packet[40:44], "big")
    if seconds < _NTP_ERA_S // 2:
        # Its 32 bits begin anew in 2036 (RFC 4330, 3).
        seconds += _NTP_ERA_S
    return seconds - _NTP_TO_UNIX_S
