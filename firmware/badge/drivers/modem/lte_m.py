"""LTE-M as a bearer (link/bearer.py): the modem's power, registration, data, sockets and sleep."""

import asyncio

from badge.core.link_ladder import CONTEXT, RADIO
from badge.core.portable import const
from badge.drivers.modem.at import AtError, ModemError
from badge.drivers.modem.modem_socket import ModemSocket

_REGISTER_MS = const(120_000)
# While the serial port still sends; while what the receiver says would go unheard.
_SENDING_LOOK_MS = const(20)
_DEAF_LOOK_MS = const(250)


class LteM:
    """The bearer of a Sim7080 on `uart`; `ring_pin` is low when it has something to say."""

    name = "lte_m"
    errors = (AtError, ModemError)
    weak_dbm = -118
    ways = 1

    def __init__(self, modem, uart, ring_pin):
        self.modem = modem
        self.ring_pin = ring_pin
        self.utc_s = modem.network_time
        self.rest = modem.rest
        self.hurry = modem.hurry
        self.missed = modem.at.missed
        self._uart = uart

    async def open(self, feed, is_over=None):
        """On, registered and with an address: three short commands when all is well.

        When `is_over()` it looks for a network no longer; the modem goes on by itself.
        """
        modem = self.modem
        feed()
        await modem.power_on()
        feed()
        try:
            await modem.wait_registered(_REGISTER_MS, feed, is_over)
        except asyncio.CancelledError:
            # Perhaps between radio off and on, and a text message may have to go.
            from badge.drivers.modem.radio_on import radio_on  # noqa: PLC0415  seldom so

            asyncio.create_task(radio_on(modem))  # noqa: RUF006  MicroPython keeps it
            raise
        feed()
        await modem.pdp_up()
        feed()

    async def cell(self):
        """The serving cell as a place.Cell when it is another than before, else None."""
        if not self.modem.moved:
            return None
        try:
            return await self.modem.cell()
        except AtError:
            return None

    def stream(self):
        """A connection that is not open yet."""
        return ModemSocket(self.modem.at)

    async def signal(self):
        """(dBm, area, cell), or None without a cell and where the modem cannot tell."""
        try:
            return await self.modem.signal()
        except AtError:
            return None

    def is_dead(self, error):
        """Whether nothing but `revive` helps."""
        return error.code == "modem.dead"

    async def revive(self, rung):
        """That begins anew; the next `open` waits for it."""
        if rung == CONTEXT:
            await self.modem.pdp_down()
        elif rung == RADIO:
            await self.modem.renew_radio()
        else:
            await self.modem.power_cycle()

    def heard(self):
        """Nothing depends on it."""

    def cost_ua(self, _is_awake):
        """By docs/power.md."""
        return 12_000

    async def leave(self):
        """It sleeps, and stays registered."""

    def end(self):
        """No session of it is ever left for another."""

    def awake_ms(self, now_ms, is_open):
        """For how long the serial port must keep listening; `is_open`: there is a session."""
        if not self._uart.txdone():
            return _SENDING_LOOK_MS
        if is_open and not self.modem.rings:
            return _DEAF_LOOK_MS
        return self.modem.at.awake_ms(now_ms)
