"""What is drawn of the weather of one life: what its network does, and what its wearer does."""

from dataclasses import dataclass, field
from typing import Final

from nabij.virtual.badge import Fact

STORM_MS: Final = 300_000
SQUEEZE_MS: Final = 1_600

# States in which the modem is reset.
STATES: Final = (
    "starting",
    "registering",
    "attaching",
    "TLS",
    "CONNECT",
    "SUBACK",
    "publishing",
    "waiting for the receipt",
    "GNSS window",
    "sending SMS",
)
# All that the lives together have to meet, in the words of who asked for it.
WORDS: Final = frozenset(
    {
        "loss",
        "delay",
        "duplication on MQTT",
        "duplication on BLE",
        "duplication on SMS",
        "reordering on MQTT",
        "reordering on BLE",
        "reordering on SMS",
        "NAT expiry",
        "registration loss",
        "denial",
        "brokers restarting",
        "addresses failing over",
        "clock jumps",
        "hours without coverage",
        "BLE gateways coming and going",
        "a colleague who calls",
        "SMS",
        "WLAN alone",
        "WLAN beside a modem",
        "two squeezes",
        "a fall",
        "a fall and a squeeze",
        "a cancelled fall",
        "a false alarm",
        "duress",
        "amber",
        "torn off",
        "a tap",
        "the badge starts again",
        "motion upload",
        "GNSS",
        *(f"modem reset: {state}" for state in STATES),
    }
)


@dataclass(frozen=True, slots=True)
class Wearer:
    """What the wearer does; `calls_ms` are the squeezes, or where there are none the call.

    `walks_ms` is the first step before a fall. `is_forced`: whether what was taken back was so
    under threat; `takes_back` whether something may be.
    """

    calls_ms: list[int]
    squeezes: int
    walks_ms: int | None
    takes_back: bool
    is_forced: bool
    events: list[Fact]
    settings: Fact
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Network:
    """The ways of a badge and who is near; `modem`, `wlan`, `ble` are options of the simulator."""

    uplinks: tuple[str, ...]
    modem: Fact | None
    wlan: Fact | None
    ble: Fact | None
    settings: Fact
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Blows:
    """What happens at single moments."""

    events: list[Fact] = field(default_factory=list)
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Weather:
    """All that was drawn of one life; `storm_ms` is when it is clear again."""

    seed: int
    words: frozenset[str]
    uplinks: tuple[str, ...]
    modem: Fact | None
    wlan: Fact | None
    ble: Fact | None
    settings: Fact
    events: list[Fact]
    wearer: Wearer
    storm_ms: int
    ticks_offset_ms: int
