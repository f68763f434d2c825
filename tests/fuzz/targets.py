"""The one table of what is fed with rubbish."""

import importlib
from dataclasses import dataclass
from typing import Any, Final, Protocol


class Fed(Protocol):
    """What a target is, under either interpreter."""

    def make(self, seed: int) -> list[bytes]:
        """The input of a seed, in pieces."""

    def run(self, pieces: list[bytes]) -> Any:
        """Raises when it fails; awaited if it can be."""


@dataclass(frozen=True, slots=True)
class Target:
    """`place` is `module`, or `module:name`; a name that is a class is made once a process.

    `is_badge`: it needs MicroPython, else it runs under CPython. `is_both`: under either.
    `short`: so many inputs in the tests.
    """

    what: str
    place: str
    is_badge: bool = False
    is_both: bool = False
    short: int = 400


def made(place: str) -> Fed:
    """The target at a place, under CPython."""
    module, _, name = place.partition(":")
    found: Any = importlib.import_module(module)
    if name:
        found = getattr(found, name)
    target: Fed = found() if isinstance(found, type) else found
    return target


def _codec(what: str, name: str) -> Target:
    return Target(what, f"tests.fuzz.mp_codecs:{name}", is_both=True)


TARGETS: Final[dict[str, Target]] = {
    "at": Target("the modem's AT lines and sockets", "tests.fuzz.mp_at", is_badge=True, short=150),
    "mqtt": Target("the broker, at the badge", "tests.fuzz.mp_mqtt", is_badge=True, short=150),
    "gatt": Target("writes and visits by BLE", "tests.fuzz.mp_gatt", is_badge=True, short=150),
    "beacons": _codec("beacons, and all that is veiled in the air", "beacons"),
    "up": _codec("frames to the receiver", "up"),
    "down": _codec("statuses to the badge", "down"),
    "motion": _codec("motion to the receiver", "motion"),
    "kept": _codec("what the receiver kept of it, to the badge", "kept"),
    "orders": _codec("orders to the badge", "orders"),
    "answers": _codec("answers to orders", "answers"),
    "brought": _codec("what the receiver has a carrier bring", "brought"),
    "air": _codec("what anybody advertises by BLE", "air"),
    "packets": _codec("MQTT packets", "packets"),
    "cable": _codec("requests on the cable", "cable"),
    "names": _codec("answers of the DNS", "names"),
    "messages": _codec("text messages as the modem keeps them", "messages"),
    "texts": _codec("text messages", "texts"),
    "nmea": _codec("what a satellite receiver says on a serial line", "satellites"),
    "carried": Target("what gateways carry", "tests.fuzz.receiver:Carrying"),
    "intake": Target("messages beside an alarm", "tests.fuzz.receiver:Taking", short=100),
    "webhook": Target("what is posted as a text message", "tests.fuzz.posting:Posting"),
    "centres": Target("answers of alarm centres", "tests.fuzz.receiver:Handing", short=150),
}
