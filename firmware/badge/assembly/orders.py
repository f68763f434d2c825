"""Puts together what carries out the receiver's orders, when the first one comes."""

from badge.core.codec.usb_protocol import SERVICE


def maker(parts, consoles):
    """Return what makes it; `consoles` are tables of verb to (access, handler)."""

    def make():
        # Half of it is never needed by most badges, and takes heap.
        from badge.tasks.orders.orders import Hindrance, Orders  # noqa: PLC0415

        async def start_anew(_request):
            parts.restart.soon("order")
            return {}

        verbs = {"reset": (SERVICE, start_anew)}
        for table in consoles:
            verbs.update(table)
        alarms, body, shift = parts.alarms, parts.body, parts.wearer.shift
        hindrance = Hindrance(
            alarms.keeper.under_way,
            lambda: shift.is_on() and not body.watch.rests_on_charger(),
            parts.power,
        )
        return Orders(alarms.who, alarms.boot, verbs, hindrance, parts.base.common).do

    return make
