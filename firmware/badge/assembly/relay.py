"""Puts together what carries for colleagues."""

from badge.core import relay
from badge.tasks.relay_task import RelayTask


def build(base, controller, alarms, power, way):
    """The RelayTask; `way` is the Uplink and its CarriedDesk."""
    link, desk = way

    def facts():
        return relay.Facts(
            is_linked=link.is_up,
            is_on_shift=not base.ports.is_off_shift(),
            is_on_charger=power.on_charger is True,
            is_under_way=bool(alarms.keeper.under_way()),
            is_pressed=base.common.gate.is_pressed(),
            saves_power=power.save_gnss,
        )

    return RelayTask(base.common, controller, alarms.who, desk, link, facts)
