"""Puts together what carries out the receiver's orders; imported when the first one comes."""

from badge.core.codec.usb_protocol import SERVICE
from badge.tasks.orders.orders import Hindrance, Orders
from badge.tasks.orders.renewal import Renewal


def build(parts, consoles):
    """Return `await do(frame)` of the Orders; `consoles`: tables of verb to (access, handler)."""

    async def start_anew(_request):
        parts.restart.soon("order")
        return {}

    verbs = {"reset": (SERVICE, start_anew)}
    for table in consoles:
        verbs.update(table)
    common, alarms, shift = parts.base.common, parts.alarms, parts.wearer.shift
    under_way = alarms.keeper.under_way
    verbs.update(Renewal(alarms.who, parts.radio.link, under_way, common).verbs())
    hindrance = Hindrance(
        under_way,
        lambda: shift.is_on() and not parts.body.watch.rests_on_charger(),
        parts.power,
    )
    return Orders(alarms.who, alarms.boot, verbs, hindrance, common).do
