"""Puts together what uses BLE: one controller, and the tasks that the settings want of it."""

from badge.assembly.parts import OnAir
from badge.link.ble.controller import Controller


class ByBle:
    """The controller and who uses it. `desk`: what the link sends for others, or None."""

    def __init__(self, base):
        self._base = base
        self._controller = Controller()
        self.desk = None
        if base.common.config.relay_scan_s:
            # Most badges carry for nobody.
            from badge.tasks.carried_desk import CarriedDesk  # noqa: PLC0415

            self.desk = CarriedDesk()

    def tasks(self, alarms, power, link, greeting):
        """The OnAir."""
        nearby = relay = tags = None
        if self._base.common.config.ble_after_s:
            nearby = self._nearby(alarms, link, greeting)
        if self.desk is not None:
            from badge.assembly.relay import build as build_relay  # noqa: PLC0415

            relay = build_relay(self._base, self._controller, alarms, power, (link, self.desk))
        if self._base.common.config.tag_scan:
            from badge.assembly.tags import build as build_tags  # noqa: PLC0415

            tags = build_tags(self._base, self._controller, alarms, power)
        return OnAir(nearby, relay, tags)

    def _nearby(self, alarms, link, greeting):
        """The NearbyTask; where a modem is fitted, that has `ble_after_s` for itself first."""
        from badge.link.ble.peripheral import Peripheral  # noqa: PLC0415
        from badge.tasks.nearby_task import NearbyTask  # noqa: PLC0415

        base = self._base
        has_modem = "modem" in base.board.UPLINKS
        after_ms = base.common.config.ble_after_s * 1000 if has_modem else 0
        return NearbyTask(
            base.common,
            lambda heard: Peripheral(self._controller, alarms.who.hmac_key, heard),
            alarms.who,
            alarms.keeper,
            outbox=alarms.outbox,
            greeting=greeting,
            link=link,
            after_ms=after_ms,
        )
