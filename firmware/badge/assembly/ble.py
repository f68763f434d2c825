"""Puts together what calls by BLE for whoever is near."""

from badge.link.ble.peripheral import Peripheral
from badge.tasks.nearby_task import NearbyTask


def build(base, alarms, link, greeting):
    """The NearbyTask; where a modem is fitted, that has `ble_after_s` for itself first."""
    has_modem = "modem" in base.board.UPLINKS
    after_ms = base.common.config.ble_after_s * 1000 if has_modem else 0
    return NearbyTask(
        base.common,
        lambda heard: Peripheral(alarms.who.hmac_key, heard),
        alarms.who,
        alarms.keeper,
        outbox=alarms.outbox,
        greeting=greeting,
        link=link,
        after_ms=after_ms,
    )
