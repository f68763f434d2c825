"""Board definitions: read hardware/boards/*.toml, generate the firmware's wiring from them.

`python -m nabij.hardware.boards` writes firmware/badge/boards/<id>.py, `--check` only compares.
"""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from nabij import places

DEFINITIONS = places.HARDWARE / "boards"
GENERATED = places.FIRMWARE / "badge" / "boards"

LAST_GPIO = 48
# Only RTC pins can wake the chip; what raises an alarm must be able to.
LAST_RTC_GPIO = 21


class BoardError(Exception):
    """A board definition that cannot be built; one sentence that says what to change."""


@dataclass(frozen=True)
class Imu:
    """The accelerometer and the pin its FIFO interrupt is wired to."""

    chip: str
    bus: int
    sda: int
    scl: int
    freq_hz: int
    address: int
    int1: int


@dataclass(frozen=True)
class Sos:
    """One of the hidden buttons; `active_level` is what the pin reads while it is squeezed."""

    pin: int
    active_level: int


@dataclass(frozen=True)
class Rip:
    """The lanyard's contact; `closed_level` is what the pin reads while it is attached."""

    pin: int
    closed_level: int


@dataclass(frozen=True)
class Haptic:
    """The vibration motor's switch."""

    pin: int
    pwm_hz: int


@dataclass(frozen=True)
class Buzzer:
    """The sounder, at the frequency at which it is loudest; a badge may be built without."""

    fitted: bool
    pin: int
    pwm_hz: int


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
class Pmu:
    """The power chip on the board; it holds `irq` low until it has been asked why."""

    chip: str
    bus: int
    sda: int
    scl: int
    freq_hz: int
    address: int
    irq: int


@dataclass(frozen=True)
class Board:
    """One board definition, checked: no pin is used twice and none is reserved."""

    id: str
    name: str
    mcu: str
    micropython_image: str
    data_dir: str
    imu: Imu
    sos: Sos
    sos_right: Sos
    rip: Rip
    haptic: Haptic
    buzzer: Buzzer
    status_led: StatusLed
    modem: Modem
    pmu: Pmu
    reserved: dict[int, str]
    sources: dict[str, str]

    def pins(self) -> Iterator[tuple[str, int]]:
        """Every pin in use, as ("modem.tx", 5)."""
        for part, names in _PIN_FIELDS.items():
            if getattr(getattr(self, part), "fitted", True):
                for name in names:
                    yield f"{part}.{name}", getattr(getattr(self, part), name)


_PIN_FIELDS = {
    "imu": ("sda", "scl", "int1"),
    "sos": ("pin",),
    "sos_right": ("pin",),
    "rip": ("pin",),
    "haptic": ("pin",),
    "buzzer": ("pin",),
    "status_led": ("pin",),
    "modem": ("tx", "rx", "pwrkey", "dtr", "ri"),
    "pmu": ("sda", "scl", "irq"),
}
_WAKE_PINS = ("imu.int1", "sos.pin", "sos_right.pin", "rip.pin", "modem.ri", "pmu.irq")
Part = TypeVar("Part", Imu, Sos, Rip, Haptic, Buzzer, StatusLed, Modem, Pmu)


def load(board_id: str) -> Board:
    """The board definition hardware/boards/<board_id>.toml; raises BoardError."""
    path = DEFINITIONS / f"{board_id}.toml"
    if not path.is_file():
        known = ", ".join(all_ids()) or "none"
        raise BoardError(f"There is no board '{board_id}'; the boards defined are: {known}.")
    return parse(board_id, path.read_text(encoding="utf-8"))


def all_ids() -> list[str]:
    """The ids of all board definitions."""
    return sorted(path.stem for path in DEFINITIONS.glob("*.toml"))


def parse(board_id: str, text: str) -> Board:
    """A checked Board from the text of its definition; raises BoardError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{board_id}.toml is not valid TOML: {error}.") from error
    reserved = raw.pop("reserved", {})
    sources = raw.pop("sources", {})
    board = Board(
        id=board_id,
        name=_text(board_id, "name", raw),
        mcu=_text(board_id, "mcu", raw),
        micropython_image=_text(board_id, "micropython_image", raw),
        data_dir=_text(board_id, "data_dir", raw),
        imu=_part(board_id, "imu", Imu, raw),
        sos=_part(board_id, "sos", Sos, raw),
        sos_right=_part(board_id, "sos_right", Sos, raw),
        rip=_part(board_id, "rip", Rip, raw),
        haptic=_part(board_id, "haptic", Haptic, raw),
        buzzer=_part(board_id, "buzzer", Buzzer, raw),
        status_led=_part(board_id, "status_led", StatusLed, raw),
        modem=_part(board_id, "modem", Modem, raw),
        pmu=_part(board_id, "pmu", Pmu, raw),
        reserved={_whole(board_id, "reserved", pin): str(why) for pin, why in reserved.items()},
        sources={str(key): str(value) for key, value in sources.items()},
    )
    if raw:
        raise BoardError(f"{board_id}.toml has an unknown entry '{next(iter(raw))}'; remove it.")
    _check_pins(board)
    return board


def wiring(board: Board) -> dict[str, Any]:
    """What hangs on which bus and pin, part by part, for the scenario of the virtual badge."""
    return {part: asdict(getattr(board, part)) for part in _PIN_FIELDS}


def firmware_source(board: Board) -> str:
    """The text of firmware/badge/boards/<id>.py: wiring only, imports only `machine`."""
    imu, sos, haptic, modem, pmu = board.imu, board.sos, board.haptic, board.modem, board.pmu
    buzzer, led = board.buzzer, board.status_led
    pull = "Pin.PULL_DOWN" if sos.active_level else "Pin.PULL_UP"
    idle = 1 - modem.pwrkey_active_level
    sounder = f"PWM(Pin({buzzer.pin}), freq={buzzer.pwm_hz}, duty_u16=0)"
    light = f"Pin({led.pin}, Pin.OUT, value={1 - led.active_level})"
    return f'''\
# Generated from hardware/boards/{board.id}.toml by `make boards`; edit that file, not this one.
from machine import I2C, PWM, UART, WDT, Pin


class Board:
    """{board.name}: which pin and bus belongs to which part."""

    NAME = "{board.id}"
    DATA_DIR = "{board.data_dir}"
    IMU_ADDR = 0x{imu.address:02X}
    PMU_ADDR = 0x{pmu.address:02X}
    SOS_ACTIVE_LEVEL = {sos.active_level}
    RIP_CLOSED_LEVEL = {board.rip.closed_level}
    STATUS_LED_ACTIVE_LEVEL = {led.active_level}
    PWRKEY_ACTIVE_LEVEL = {modem.pwrkey_active_level}

    def imu_i2c(self):
        return I2C({imu.bus}, scl=Pin({imu.scl}), sda=Pin({imu.sda}), freq={imu.freq_hz})

    def imu_int1(self):
        return Pin({imu.int1}, Pin.IN)

    def sos_left_pin(self):
        return Pin({sos.pin}, Pin.IN, {pull})

    def sos_right_pin(self):
        return Pin({board.sos_right.pin}, Pin.IN, {pull})

    def rip_pin(self):
        return Pin({board.rip.pin}, Pin.IN)

    def haptic_pwm(self):
        return PWM(Pin({haptic.pin}), freq={haptic.pwm_hz}, duty_u16=0)

    def buzzer_pwm(self):
        return {sounder if buzzer.fitted else None}

    def status_led_pin(self):
        return {light if led.fitted else None}

    def modem_uart(self):
        return UART(
            {modem.uart},
            {modem.baud},
            tx={modem.tx},
            rx={modem.rx},
            rxbuf={modem.rxbuf_bytes},
            txbuf={modem.txbuf_bytes},
            timeout=0,
        )

    def modem_pwrkey(self):
        return Pin({modem.pwrkey}, Pin.OUT, value={idle})

    def modem_dtr(self):
        return Pin({modem.dtr}, Pin.OUT, value=0)

    def modem_ri(self):
        return Pin({modem.ri}, Pin.IN)

    def pmu_i2c(self):
        return I2C({pmu.bus}, scl=Pin({pmu.scl}), sda=Pin({pmu.sda}), freq={pmu.freq_hz})

    def pmu_int(self):
        return Pin({pmu.irq}, Pin.IN, Pin.PULL_UP)

    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)
'''


def stale(target_dir: Path = GENERATED) -> list[str]:
    """Names of generated files that differ from what their definition gives, or are orphans."""
    wrong = []
    expected = {f"{board_id}.py": firmware_source(load(board_id)) for board_id in all_ids()}
    for name, text in expected.items():
        path = target_dir / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    present = {path.name for path in target_dir.glob("*.py")} - {"__init__.py"}
    return wrong + sorted(present - expected.keys())


def generate(target_dir: Path = GENERATED) -> list[str]:
    """Write the wiring of every board; the names of the files that changed."""
    changed = []
    for name in stale(target_dir):
        if name.removesuffix(".py") in all_ids():
            text = firmware_source(load(name.removesuffix(".py")))
            (target_dir / name).write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nabij.hardware.boards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 when stale")
    options = parser.parse_args(arguments)
    try:
        names = stale() if options.check else generate()
    except BoardError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check and names:
        print(
            f"{', '.join(names)} in firmware/badge/boards does not match hardware/boards; "
            "run `make boards`.",
            file=sys.stderr,
        )
        return 1
    for name in names:
        print(f"wrote firmware/badge/boards/{name}")
    return 0


def _part(board_id: str, key: str, kind: type[Part], raw: dict[str, Any]) -> Part:
    table = raw.pop(key, None)
    if not isinstance(table, dict):
        raise BoardError(f"{board_id}.toml needs a table [{key}].")
    wanted = {field.name: field.type for field in fields(kind)}
    for name in table:
        if name not in wanted:
            raise BoardError(f"{board_id}.toml [{key}] has an unknown entry '{name}'; remove it.")
    for name, expected in wanted.items():
        value = table.get(name)
        # type() and not isinstance(): to Python a bool is an int, to a definition it is not.
        if type(value) is not expected:
            words = ((str, "a text"), (int, "a whole number"), (bool, "true or false"))
            word = next(text for kind_of, text in words if kind_of is expected)
            raise BoardError(f"{board_id}.toml [{key}] needs '{name}', {word}.")
        if name.endswith("_level") and value not in {0, 1}:
            raise BoardError(f"{board_id}.toml [{key}] needs '{name}' to be 0 or 1.")
    return kind(**table)


def _text(board_id: str, key: str, raw: dict[str, Any]) -> str:
    value = raw.pop(key, None)
    if not isinstance(value, str):
        raise BoardError(f"{board_id}.toml needs a text '{key}'.")
    return value


def _whole(board_id: str, key: str, text: str) -> int:
    if not text.isdecimal():
        raise BoardError(f"{board_id}.toml [{key}] has '{text}' where a GPIO number is needed.")
    return int(text)


def _check_pins(board: Board) -> None:
    taken: dict[int, str] = {}
    for what, pin in board.pins():
        if not 0 <= pin <= LAST_GPIO:
            raise BoardError(f"{board.id}.toml: {what} is GPIO{pin}; use 0 to {LAST_GPIO}.")
        if pin in board.reserved:
            raise BoardError(
                f"{board.id}.toml: {what} is GPIO{pin}, which is reserved for "
                f"{board.reserved[pin]}; choose another pin."
            )
        if pin in taken:
            raise BoardError(
                f"{board.id}.toml: {what} and {taken[pin]} are both GPIO{pin}; move one."
            )
        if what in _WAKE_PINS and pin > LAST_RTC_GPIO:
            raise BoardError(
                f"{board.id}.toml: {what} is GPIO{pin}, which cannot wake the chip; "
                f"use 0 to {LAST_RTC_GPIO}."
            )
        taken[pin] = what
    if board.sos.active_level != board.sos_right.active_level:
        raise BoardError(
            f"{board.id}.toml: sos and sos_right have different active levels; wire both alike."
        )
    if board.imu.bus == board.pmu.bus:
        raise BoardError(
            f"{board.id}.toml: imu and pmu are both on I2C bus {board.imu.bus} with different "
            "pins; give one of them another bus."
        )


if __name__ == "__main__":
    sys.exit(main())
