"""Who carries what badges nearby have to say: gateways, by their names, and other badges."""

from typing import Final

from badge.core.codec import wire
from badge.core.codec.carried import TYPE_CARRIED

PREFIX: Final = "gw_"


def is_gateway(name: str) -> bool:
    """Whether this is the name of a gateway and not of a badge."""
    return name.startswith(PREFIX)


def carrier_of(topic: str, frame: bytes) -> str | None:
    """Who carried this message on its own topic; None when it speaks of itself there.

    A gateway says nothing of itself; of a badge the frame tells, and nothing of it is proven.
    """
    parts = topic.split("/")
    if len(parts) != 3 or topic != wire.up_topic(parts[1]):
        return None
    name = parts[1]
    return name if is_gateway(name) or wire.type_of(frame) == TYPE_CARRIED else None
