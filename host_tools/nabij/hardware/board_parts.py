"""What a board definition consists of: each part with its pins and the resistors it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class Imu:
    """The accelerometer and the pin its FIFO interrupt is wired to."""

    chip: str
    sda: int
    scl: int
    freq_hz: int
    address: int
    int1: int


@dataclass(frozen=True)
class Sos:
    """One of the hidden buttons; `active_level` is what the pin reads while it is squeezed.

    `external_pull_ohm` holds it at the other level: on a pin that wakes it by ext1 the chip's own
    pull is gone in light sleep (ESP-IDF, sleep_modes.rst).
    """

    pin: int
    active_level: int
    external_pull_ohm: int


@dataclass(frozen=True)
class Rip:
    """The lanyard's contact; `closed_level` is what the pin reads while it is attached.

    `external_pull_ohm` holds it at the other level; while it is attached it draws all the time.
    """

    pin: int
    closed_level: int
    external_pull_ohm: int


@dataclass(frozen=True)
class Haptic:
    """The vibration motor's switch; `external_pull_ohm` keeps it open while nobody drives it."""

    pin: int
    pwm_hz: int
    external_pull_ohm: int


@dataclass(frozen=True)
class Buzzer:
    """The sounder, at the frequency at which it is loudest; a badge may be built without."""

    fitted: bool
    pin: int
    pwm_hz: int
    external_pull_ohm: int


@dataclass(frozen=True)
class StatusLed:
    """The light; a badge may be built without."""

    fitted: bool
    pin: int
    active_level: int


@dataclass(frozen=True)
class Modem:
    """The modem's serial port, named from the ESP32's side, and its control lines."""

    chip: str
    uart: int
    tx: int
    rx: int
    baud: int
    rxbuf_bytes: int
    txbuf_bytes: int
    pwrkey: int
    pwrkey_active_level: int
    dtr: int
    ri: int


@dataclass(frozen=True)
class Battery:
    """The cell: its capacity, and the current and the voltage at which it may be charged."""

    cell: str
    capacity_mah: int
    charge_ma: int
    charge_mv: int


@dataclass(frozen=True)
class Pmu:
    """The power chip on the board; it holds `irq` low until it has been asked why.

    `rails` are its outputs that feed something on this board.
    """

    chip: str
    sda: int
    scl: int
    freq_hz: int
    address: int
    irq: int
    rails: list[str]


@dataclass(frozen=True)
class Uplink:
    """The ways to the receiver that are in the firmware of this board."""

    kinds: list[str]


@dataclass(frozen=True)
class Board:
    """One board definition, checked: no pin is used twice and none is reserved."""

    id: str
    name: str
    mcu: str
    micropython_image: str
    data_dir: str
    uplink: Uplink
    imu: Imu
    sos: Sos
    sos_right: Sos
    rip: Rip
    haptic: Haptic
    buzzer: Buzzer
    status_led: StatusLed
    modem: Modem
    battery: Battery
    pmu: Pmu
    # Connector: what its positions carry, from the first, as "GPIO14", "3V3" or "GND".
    headers: dict[str, list[str]]
    reserved: dict[int, str]
    sources: dict[str, str]

    def pins(self) -> Iterator[tuple[str, int]]:
        """Every pin in use, as ("modem.tx", 5)."""
        for part, names in PIN_FIELDS.items():
            if getattr(getattr(self, part), "fitted", True):
                for name in names:
                    yield f"{part}.{name}", getattr(getattr(self, part), name)


PIN_FIELDS = {
    "uplink": (),
    "imu": ("sda", "scl", "int1"),
    "sos": ("pin",),
    "sos_right": ("pin",),
    "rip": ("pin",),
    "haptic": ("pin",),
    "buzzer": ("pin",),
    "status_led": ("pin",),
    "modem": ("tx", "rx", "pwrkey", "dtr", "ri"),
    "battery": (),
    "pmu": ("sda", "scl", "irq"),
}
WAKE_PINS = ("imu.int1", "sos.pin", "sos_right.pin", "rip.pin", "modem.ri", "pmu.irq")
# Soldered by the builder: each of their pins must be on a connector.
OWN_PARTS = ("imu", "sos", "sos_right", "rip", "haptic", "buzzer", "status_led")
# Resistors on the board: strong enough for a pad's leakage (50 nA) and noise, weak enough to cost
# no battery worth speaking of while the contact is closed.
PULLED = ("sos", "sos_right", "rip", "haptic", "buzzer")
PULL_OHM = (100_000, 1_000_000)
# What the charger of the AXP2101 can be told (registers 0x62 and 0x64).
CHARGE_MA = (*range(25, 201, 25), *range(300, 1001, 100))
CHARGE_MV = (4000, 4100, 4200, 4350, 4400)
# Its outputs, in the order of their bits in the registers 0x80, 0x90 and 0x91.
RAILS = (
    ("dc1", "dc2", "dc3", "dc4", "dc5"),
    ("aldo1", "aldo2", "aldo3", "aldo4", "bldo1", "bldo2", "cpusldo", "dldo1"),
    ("dldo2",),
)
# Of the chip itself, of the modem, and of the wires between them.
NEEDED_RAILS = frozenset({"dc1", "dc3", "bldo1"})
UPLINKS = ("modem", "wlan")
Part = TypeVar("Part", Uplink, Imu, Sos, Rip, Haptic, Buzzer, StatusLed, Modem, Battery, Pmu)
