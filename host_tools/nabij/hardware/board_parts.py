"""What a board definition consists of: each part with its pins and the resistors it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar


@dataclass(frozen=True)
class Imu:
    """The accelerometer and the pin its FIFO interrupt is wired to.

    `axes` are the chip's that the badge's x, y and z are, as "x" or "-z"; `mount` says in words
    how it lies.
    """

    chip: str
    mount: str
    axes: list[str]
    sda: int
    scl: int
    freq_hz: int
    address: int
    int1: int


@dataclass(frozen=True)
class Sos:
    """The hidden button at the left, or the only one.

    `kind` pin: a switch, and `active_level` is what its pin reads while it is pressed. pmu_key:
    the key of the power chip, which tells of it by its interrupt.
    `external_pull_ohm` holds the pin at the other level: on one that wakes it by ext1 the chip's
    own pull is gone in light sleep (ESP-IDF, sleep_modes.rst).
    """

    kind: str
    pin: int
    active_level: int
    external_pull_ohm: int


@dataclass(frozen=True)
class SosRight:
    """The hidden button at the right, as Sos; a badge may be built with one button."""

    fitted: bool
    pin: int
    active_level: int
    external_pull_ohm: int


@dataclass(frozen=True)
class Rip:
    """The lanyard's contact; `closed_level` is what the pin reads while it is attached.

    `external_pull_ohm` holds it at the other level; while it is attached it draws all the time.
    """

    fitted: bool
    pin: int
    closed_level: int
    external_pull_ohm: int


@dataclass(frozen=True)
class Haptic:
    """The vibration motor: `kind` pwm, behind a switch; drv2605, a chip on a bus.

    `external_pull_ohm` keeps the switch open while nobody drives it.
    """

    kind: str
    pin: int
    pwm_hz: int
    external_pull_ohm: int
    sda: int
    scl: int
    freq_hz: int
    address: int


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

    fitted: bool
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
class Gnss:
    """A satellite receiver on a serial port, as NMEA 0183; most badges are built without.

    It is only read: `tx` is wired to nothing, and is there because the port takes a pin for it.
    `external_pull_ohm` keeps the switch of its supply, at `power`, open while nobody drives it.
    """

    fitted: bool
    uart: int
    tx: int
    rx: int
    baud: int
    rxbuf_bytes: int
    power: int
    power_active_level: int
    external_pull_ohm: int


@dataclass(frozen=True)
class Battery:
    """The cell: its capacity, and the current and the voltage at which it may be charged."""

    cell: str
    capacity_mah: int
    charge_ma: int
    charge_mv: int


@dataclass(frozen=True)
class Pmu:
    """What knows of the battery: `chip` axp2101, the power chip; adc, a divider at a pin; or none.

    The power chip holds `irq` low until it has been asked why; `rails` are its outputs that feed
    something on this board. The divider leaves one part in `divider` of the cell's voltage.
    """

    chip: str
    pin: int
    divider: int
    sda: int
    scl: int
    freq_hz: int
    address: int
    irq: int
    rails: list[str]


@dataclass(frozen=True)
class Enclosure:
    """The board's outline, and the shell of hardware/enclosures that it goes into; "": none."""

    shell: str
    wide_mm: float
    long_mm: float


@dataclass(frozen=True)
class Uplink:
    """The ways to the receiver that are in the firmware of this board."""

    kinds: list[str]


@dataclass(frozen=True)
class Detector:
    """Where the badge is worn, which says what its accelerometer can tell (core/placement.py)."""

    placement: str


@dataclass(frozen=True)
class Board:
    """One board definition, checked: no pin is used twice and none is reserved."""

    id: str
    name: str
    mcu: str
    micropython_image: str
    data_dir: str
    # Badge, watch or fob.
    form: str
    uplink: Uplink
    detector: Detector
    imu: Imu
    sos: Sos
    sos_right: SosRight
    rip: Rip
    haptic: Haptic
    buzzer: Buzzer
    status_led: StatusLed
    modem: Modem
    gnss: Gnss
    battery: Battery
    pmu: Pmu
    enclosure: Enclosure
    # Connector: what its positions carry, from the first, as "GPIO14", "3V3" or "GND".
    headers: dict[str, list[str]]
    reserved: dict[int, str]
    sources: dict[str, str]
    # What its parts draw, where that is not what hardware/power.toml has: part, state, figure.
    power: dict[str, dict[str, Any]]

    def pins(self) -> Iterator[tuple[str, int]]:
        """Every pin in use, as ("modem.tx", 5)."""
        for part, names in PIN_FIELDS.items():
            one = getattr(self, part)
            if getattr(one, "fitted", True):
                needed = needed_by_kind(part, one)
                for name in names:
                    if needed is None or name in needed:
                        yield f"{part}.{name}", getattr(one, name)

    def buttons(self) -> int:
        """How many there are to press."""
        return 1 + self.sos_right.fitted


# Parts of which there are several kinds: the entry that names it, and what each kind needs beside.
KINDS: Final[dict[str, tuple[str, dict[str, tuple[str, ...]]]]] = {
    "sos": (
        "kind",
        {"pin": ("pin", "active_level", "external_pull_ohm"), "pmu_key": ()},
    ),
    "haptic": (
        "kind",
        {
            "pwm": ("pin", "pwm_hz", "external_pull_ohm"),
            "drv2605": ("sda", "scl", "freq_hz", "address"),
        },
    ),
    "pmu": (
        "chip",
        {
            "axp2101": ("sda", "scl", "freq_hz", "address", "irq", "rails"),
            "adc": ("pin", "divider"),
            "none": (),
        },
    ),
}


def needed_by_kind(part: str, one: object) -> tuple[str, ...] | None:
    """What this kind of the part needs; None for a part of which there is one kind."""
    if part not in KINDS:
        return None
    entry, kinds = KINDS[part]
    return kinds.get(getattr(one, entry), ())


PIN_FIELDS = {
    "uplink": (),
    "detector": (),
    "imu": ("sda", "scl", "int1"),
    "sos": ("pin",),
    "sos_right": ("pin",),
    "rip": ("pin",),
    "haptic": ("pin", "sda", "scl"),
    "buzzer": ("pin",),
    "status_led": ("pin",),
    "modem": ("tx", "rx", "pwrkey", "dtr", "ri"),
    "gnss": ("tx", "rx", "power"),
    "battery": (),
    "pmu": ("sda", "scl", "irq", "pin"),
}
WAKE_PINS = ("imu.int1", "sos.pin", "sos_right.pin", "rip.pin", "modem.ri", "pmu.irq")
# Soldered by the builder: each of their pins must be on a connector.
OWN_PARTS = ("imu", "sos", "sos_right", "rip", "haptic", "buzzer", "status_led", "gnss")
# Resistors on the board: strong enough for a pad's leakage (50 nA) and noise, weak enough to cost
# no battery worth speaking of while the contact is closed.
PULLED = ("sos", "sos_right", "rip", "haptic", "buzzer", "gnss")
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
# Of the chip itself; of the modem, and of the wires between them.
NEEDED_RAILS = frozenset({"dc1"})
MODEM_RAILS = frozenset({"dc3", "bldo1"})
UPLINKS = ("modem", "wlan", "ble")
FORMS = ("badge", "watch", "fob")
IMUS = ("lsm6dsox", "bma423")
Part = TypeVar(
    "Part",
    Uplink,
    Detector,
    Imu,
    Sos,
    SosRight,
    Rip,
    Haptic,
    Buzzer,
    StatusLed,
    Modem,
    Gnss,
    Battery,
    Pmu,
    Enclosure,
)
