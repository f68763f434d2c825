"""Puts together the way to the receiver: modem, TLS, and the task that keeps a session open."""

import asyncio

from badge.assembly.parts import Radio
from badge.core.addresses import Addresses, parse
from badge.core.alarm.greeting import Greeting, Says
from badge.core.keep_alive import KeepAlive
from badge.core.portable import const
from badge.link.tls import LinkError, client_context
from badge.storage.address_file import AddressFile
from badge.tasks import beat
from badge.tasks.order_desk import OrderDesk
from badge.tasks.uplink import Uplink
from badge.version import VERSION

_READER_LOOK_MS = const(1_000)


def build(base, alarms, power):
    """The Radio; None, and said, without an identity that works."""
    common, who = base.common, alarms.who
    if who is None:
        return None
    try:
        tls_context = client_context(who.ca_der, who.cert_der, who.key_der)
    except LinkError as error:
        common.log.failure("identity.unusable", error)
        return None
    bearer = _bearer(base, alarms, power)
    if bearer is None:
        common.log.failure("link.none", LinkError("link.none", "no network is configured"))
        return None
    keep_alive = KeepAlive(common.config.keepalive_s, common.config.keepalive_most_s)
    says = Says(VERSION, lambda: power.percent, lambda: keep_alive.now_s)
    greeting = Greeting(who.badge, who.hmac_key, alarms.boot, common.config, says)
    link = Uplink(
        common,
        bearer,
        who,
        tls_context,
        alarms.keeper,
        outbox=alarms.outbox,
        greeting=greeting,
        keep_alive=keep_alive,
        calls=_calls(base, who),
        orders=OrderDesk(common.gate, common.log, base.ports.order_worker),
    )
    return Radio(bearer, link, _nearby(base, alarms, link, greeting))


def _nearby(base, alarms, link, greeting):
    if "ble" not in base.board.UPLINKS or not base.common.config.ble_after_s:
        return None
    try:
        from badge.assembly.ble import build as build_ble  # noqa: PLC0415  off: it costs nothing

        return build_ble(base, alarms, link, greeting)
    except (ImportError, OSError, RuntimeError) as error:
        # A chip or an image without it is a badge all the same.
        base.common.log.failure("ble.dead", error)
        return None


def _bearer(base, alarms, power):
    """All ways that this board and its settings have, as one; None without any."""
    board, config, log = base.board, base.common.config, base.common.log
    found = []
    if "modem" in board.UPLINKS:
        found.append(_lte_m(board, config, alarms.who.apn, power.cycle_rail))
    if "wlan" in board.UPLINKS and (config.wlan_beside_modem or not found):
        # A badge with a modem alone needs none of it.
        from badge.assembly.wlan import build as build_wlan  # noqa: PLC0415

        wlan = build_wlan(config, log)
        if wlan is not None:
            found.append(wlan)
    if len(found) < 2:
        return found[0] if found else None
    from badge.link.bearers import Bearers  # noqa: PLC0415  only a badge with both

    return Bearers(found, is_waited_for(alarms.keeper), lambda: power.vbus is True, log)


def _lte_m(board, config, apn, cycle_rail):
    # A board without a modem has none of this.
    from badge.drivers.modem.at import AtChannel  # noqa: PLC0415
    from badge.drivers.modem.lte_m import LteM  # noqa: PLC0415
    from badge.drivers.modem.sim7080 import Sim7080  # noqa: PLC0415

    uart = board.modem_uart()
    at = AtChannel(asyncio.StreamReader(uart))
    dtr = board.modem_dtr() if config.modem_sleep else None
    return LteM(Sim7080(at, board.modem_pwrkey(), apn, dtr, cycle_rail), uart, board.modem_ri())


def _calls(base, who):
    """The addresses to call, and the file that keeps which of them is good."""
    address_file, good = AddressFile(base.directory + "address"), None
    try:
        good = address_file.load()
    except OSError as error:
        base.common.log.failure("address.unreadable", error)
    given = [(who.host, who.port)]
    for address in parse(base.common.config.more_addresses):
        if address not in given:
            given.append(address)
    return Addresses(given, good), address_file


def is_waited_for(keeper):
    """Return what says whether somebody waits for an alarm that the receiver does not have."""
    return lambda: any(alarm.is_due_for_sending() for alarm in keeper.under_way())


def reader(at):
    """Return the task that takes what the modem says."""

    async def read(feed):
        reading = asyncio.create_task(at.run())
        try:
            while not reading.done():
                feed()
                await asyncio.sleep_ms(beat.until_ms(_READER_LOOK_MS))
            # Raises what the reader died of.
            await reading
        finally:
            # Two cannot read one line: left running it would end each that follows.
            reading.cancel()

    return read
