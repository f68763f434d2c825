"""Puts together the way to the receiver: modem, TLS, and the task that keeps a session open."""

import asyncio
from time import ticks_ms

from badge.assembly.parts import OnAir, Radio
from badge.core.addresses import Addresses, parse
from badge.core.alarm.greeting import Greeting, Says
from badge.core.codec import wire
from badge.core.keep_alive import KeepAlive
from badge.core.portable import const
from badge.link.tls import LinkError, client_context
from badge.storage.address_file import AddressFile
from badge.tasks import beat
from badge.tasks.order_desk import OrderDesk
from badge.tasks.uplink import Uplink
from badge.version import BUILD_UTC_S, VERSION

_READER_LOOK_MS = const(1_000)
# The longest command of the modem, and how long its end may be felt.
_HELD_MS = const(65_000)
_AFTER_HELD_MS = const(30_000)


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
    keep_alives = _keep_alives(common.config, bearer.ways)
    where = _where_on_shift(base, alarms.keeper)
    says = Says(VERSION, lambda: power.percent, lambda: keep_alives.now_s, where)
    greeting = Greeting(who.badge, who.hmac_key, alarms.boot, common.config, says)
    by_ble = _by_ble(base)
    link = Uplink(
        common,
        bearer,
        who,
        tls_context,
        alarms.keeper,
        outbox=alarms.outbox,
        greeting=greeting,
        keep_alives=keep_alives,
        calls=_calls(base, who),
        orders=OrderDesk(common.gate, common.log, base.ports.order_worker),
        motion=_motion(base, alarms, power),
        carried=None if by_ble is None else by_ble.desk,
        locator=_locator(base, alarms, bearer, power),
    )
    on_air = OnAir(None, None, None)
    if by_ble is not None:
        on_air = by_ble.tasks(alarms, power, link, greeting)
    sms, gnss = _sms(base, alarms, bearer, link), _gnss(base, alarms.keeper)
    return Radio(bearer, link, on_air, sms, gnss)


def _keep_alives(config, ways):
    limits = config.keepalive_s, config.keepalive_most_s
    if ways == 1:
        return KeepAlive(*limits)
    from badge.core.keep_alives import KeepAlives  # noqa: PLC0415  only a badge with several

    return KeepAlives(*limits)


def _motion(base, alarms, power):
    if not base.common.config.motion_upload:
        return None
    from badge.assembly.motion_upload import build as build_upload  # noqa: PLC0415  off: it costs nothing

    return build_upload(base, alarms, power)


def _where_on_shift(base, keeper):
    """Return what a hello tells of where the badge is: nothing, unless switched on, on shift."""

    def where(now_ms):
        if not base.common.config.locate_on_shift or base.ports.is_off_shift():
            return wire.NOWHERE
        position, cell, _tag, _speed_cm_s, zone = keeper.where.told(now_ms)
        return position, cell, zone

    return where


def _locator(base, alarms, bearer, power):
    if bearer.modem is None or not base.common.config.gnss or base.board.HAS_GNSS:
        return None
    # Off: it costs nothing.
    from badge.drivers.modem.gnss import ModemGnss  # noqa: PLC0415
    from badge.tasks.locator import Locator  # noqa: PLC0415
    from badge.tasks.sky import Sky  # noqa: PLC0415

    gnss = ModemGnss(bearer.modem, power.feed_antenna)
    sky = Sky(base.common, gnss, alarms.keeper, BUILD_UTC_S, base.ports.speed_measured)
    return Locator(base.common, sky, alarms.keeper)


def _gnss(base, keeper):
    if not base.board.HAS_GNSS or not base.common.config.gnss:
        return None
    from badge.assembly.gnss import build as build_gnss  # noqa: PLC0415  off: it costs nothing

    return build_gnss(base, keeper)


def _by_ble(base):
    """The ByBle, where the settings ask for any of it: off it costs nothing."""
    config = base.common.config
    is_wanted = config.ble_after_s or config.relay_scan_s or config.tag_scan
    if "ble" not in base.board.UPLINKS or not is_wanted:
        return None
    try:
        from badge.assembly.ble import ByBle  # noqa: PLC0415

        return ByBle(base)
    except (ImportError, OSError, RuntimeError) as error:
        # A chip or an image without it is a badge all the same.
        base.common.log.failure("ble.dead", error)
        return None


def _sms(base, alarms, bearer, link):
    if bearer.modem is None or not base.common.config.sms_after_s:
        return None
    from badge.assembly.sms import build as build_sms  # noqa: PLC0415  off: it costs nothing

    return build_sms(base, alarms, bearer.modem, link)


def _bearer(base, alarms, power):
    """All ways that this board and its settings have, as one; None without any."""
    board, config, log = base.board, base.common.config, base.common.log
    found = []
    if "modem" in board.UPLINKS:
        found.append(_lte_m(board, config, alarms, power.cycle_rail))
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


def _lte_m(board, config, alarms, cycle_rail):
    # A board without a modem has none of this.
    from badge.drivers.modem.at import AtChannel  # noqa: PLC0415
    from badge.drivers.modem.lte_m import LteM  # noqa: PLC0415
    from badge.drivers.modem.sim7080 import Sim7080  # noqa: PLC0415

    uart = board.modem_uart()
    at = AtChannel(asyncio.StreamReader(uart))
    dtr = board.modem_dtr() if config.modem_sleep else None
    edrx = None
    if config.edrx_s:
        # Few ask for it.
        from badge.drivers.modem.edrx_request import EdrxRequest  # noqa: PLC0415

        edrx = EdrxRequest(config.edrx_s)
    is_waiting = is_waited_for(alarms.keeper)
    pwrkey, apn = board.modem_pwrkey(), alarms.who.apn
    modem = Sim7080(at, pwrkey, apn, dtr, cycle_rail, edrx=edrx, is_waiting=is_waiting)
    return LteM(modem, uart, board.modem_ri())


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


def patience_of(radio):
    """Return what says after how long without a sign of life the link is missed."""
    if radio.sms is None:
        return radio.link.step_ms
    at = radio.bearer.modem.at

    def step_ms():
        # A message that goes has the modem for itself.
        held_ms = _HELD_MS if at.was_held(ticks_ms(), _AFTER_HELD_MS) else 0
        return radio.link.step_ms() + held_ms

    return step_ms


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
