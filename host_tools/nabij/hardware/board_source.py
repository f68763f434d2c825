"""The firmware's wiring, generated from a board definition."""

from collections.abc import Iterator
from typing import Final

from nabij.hardware.board_parts import RAILS, Board
from nabij.hardware.board_settings import without_part

# Neither accelerometer nor power chip stretches the clock: an edge that takes longer never comes.
_EDGE_US: Final = 100
# As long as a line may be.
_LINE: Final = 99


def firmware_source(board: Board) -> str:
    """The text of firmware/badge/boards/<id>.py: wiring only, imports only `machine`."""
    body = "".join([*_constants(board), *_methods(board)])
    used = [name for name in ("ADC", "PWM", "UART") if f"{name}(" in body]
    imports = ", ".join(sorted([*used, "WDT", "Pin", "SoftI2C", "mem32"], key=_as_sorted))
    return f'''\
# Generated from hardware/boards/{board.id}.toml by `make boards`; edit that file, not this one.
from machine import {imports}


class Board:
    """{board.name}: which pin and bus belongs to which part."""

{body}

def _bus(scl, sda, hz):
    # In software: the port gives its hardware 100 ms for each byte, 22 s for 32 words of a FIFO.
    lines = [Pin(pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1) for pin in (scl, sda)]
    return SoftI2C(lines[0], lines[1], freq=hz, timeout={_EDGE_US})
'''


def _as_sorted(name: str) -> tuple[int, str]:
    """Constants, classes, variables: as the linter has the names of an import."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def _constants(board: Board) -> Iterator[str]:
    yield f"""\
    NAME = "{board.id}"
    DATA_DIR = "{board.data_dir}"
    FORM = "{board.form}"
    # Where it is worn (core/placement.py).
    PLACEMENT = "{board.detector.placement}"
    # Ways to the receiver.
    UPLINKS = {_tuple(board.uplink.kinds)}
    # Of what there are several kinds (assembly/chips.py).
    IMU = "{board.imu.chip}"
    # The chip's axes that the badge's x, y and z are.
    IMU_AXES = {_tuple(board.imu.axes)}
    PMU = "{board.pmu.chip}"
    SOS = "{board.sos.kind}"
    HAPTIC = "{board.haptic.kind}"
    BUTTONS = {board.buttons()}
    IMU_ADDR = 0x{board.imu.address:02X}
"""
    if board.pmu.chip == "axp2101":
        rails = [
            sum(1 << bit for bit, name in enumerate(register) if name in board.pmu.rails)
            for register in RAILS
        ]
        yield f"""\
    PMU_ADDR = 0x{board.pmu.address:02X}
    # What the charger may do to the cell.
    CHARGE_MA = {board.battery.charge_ma}
    CHARGE_MV = {board.battery.charge_mv}
    # Rails of the power chip that feed something: bits of its registers 0x80, 0x90 and 0x91.
    PMU_RAILS = ({", ".join(f"0x{bits:02X}" for bits in rails)})
"""
    else:
        yield f"""\
    # The pin has one part of the cell's voltage in so many.
    CELL_DIVIDER = {board.pmu.divider}
"""
    yield f"""\
    SOS_ACTIVE_LEVEL = {1 if board.sos.kind == "pmu_key" else board.sos.active_level}
    RIP_CLOSED_LEVEL = {board.rip.closed_level}
    STATUS_LED_ACTIVE_LEVEL = {board.status_led.active_level}
"""
    if board.haptic.kind == "drv2605":
        yield f"    HAPTIC_ADDR = 0x{board.haptic.address:02X}\n"
    if board.modem.fitted:
        yield f"    PWRKEY_ACTIVE_LEVEL = {board.modem.pwrkey_active_level}\n"
    yield f"    # A satellite receiver of its own.\n    HAS_GNSS = {board.gnss.fitted}\n"
    if board.gnss.fitted:
        yield f"    GNSS_ON_LEVEL = {board.gnss.power_active_level}\n"
    yield f"""\
    # Settings of which nothing comes: it has no part for them.
    IN_VAIN = {_wrapped(without_part(board))}
    # Outputs, which must keep their level while the chip sleeps.
    KEPT_PADS = {_tuple(sorted(_kept(board)))}
"""


def _kept(board: Board) -> Iterator[int]:
    if board.haptic.kind == "pwm":
        yield board.haptic.pin
    if board.modem.fitted:
        yield from (board.modem.pwrkey, board.modem.dtr)
    if board.gnss.fitted:
        yield board.gnss.power
    yield from (part.pin for part in (board.buzzer, board.status_led) if part.fitted)


def _methods(board: Board) -> Iterator[str]:
    imu, sos, right, rip = board.imu, board.sos, board.sos_right, board.rip
    buzzer, led, haptic = board.buzzer, board.status_led, board.haptic
    pull = "Pin.PULL_DOWN" if sos.active_level else "Pin.PULL_UP"
    yield _method("imu_i2c", f"_bus({imu.scl}, {imu.sda}, {imu.freq_hz})")
    yield _method("imu_int1", f"Pin({imu.int1}, Pin.IN)")
    left = f"Pin({sos.pin}, Pin.IN, {pull})" if sos.kind == "pin" else "None"
    yield _method("sos_left_pin", left)
    yield _method("sos_right_pin", f"Pin({right.pin}, Pin.IN, {pull})" if right.fitted else "None")
    yield _method("rip_pin", f"Pin({rip.pin}, Pin.IN)" if rip.fitted else "None")
    if haptic.kind == "drv2605":
        yield _method("haptic_i2c", f"_bus({haptic.scl}, {haptic.sda}, {haptic.freq_hz})")
        yield _method("haptic_pwm", "None")
    else:
        yield _method("haptic_pwm", f"PWM(Pin({haptic.pin}), freq={haptic.pwm_hz}, duty_u16=0)")
    sounder = f"PWM(Pin({buzzer.pin}), freq={buzzer.pwm_hz}, duty_u16=0)"
    yield _method("buzzer_pwm", sounder if buzzer.fitted else "None")
    light = f"Pin({led.pin}, Pin.OUT, value={1 - led.active_level})"
    yield _method("status_led_pin", light if led.fitted else "None")
    if board.modem.fitted:
        yield from _modem(board)
    if board.gnss.fitted:
        yield from _gnss(board)
    if board.pmu.chip == "axp2101":
        pmu = board.pmu
        yield _method("pmu_i2c", f"_bus({pmu.scl}, {pmu.sda}, {pmu.freq_hz})")
        yield _method("pmu_int", f"Pin({pmu.irq}, Pin.IN, Pin.PULL_UP)")
    else:
        pin = f"ADC(Pin({board.pmu.pin}), atten=ADC.ATTN_11DB)"
        yield _method("cell_adc", pin if board.pmu.chip == "adc" else "None")
    yield _method("registers", "mem32")
    yield """
    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)
"""


def _modem(board: Board) -> Iterator[str]:
    modem = board.modem
    yield f"""
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
"""
    yield _method("modem_pwrkey", f"Pin({modem.pwrkey}, Pin.OUT, value={_idle(board)})")
    yield _method("modem_dtr", f"Pin({modem.dtr}, Pin.OUT, value=0)")
    yield _method("modem_ri", f"Pin({modem.ri}, Pin.IN)")


def _gnss(board: Board) -> Iterator[str]:
    gnss = board.gnss
    yield f"""
    def gnss_uart(self):
        return UART(
            {gnss.uart},
            {gnss.baud},
            tx={gnss.tx},
            rx={gnss.rx},
            rxbuf={gnss.rxbuf_bytes},
            timeout=0,
        )
"""
    yield _method("gnss_power", f"Pin({gnss.power}, Pin.OUT, value={1 - gnss.power_active_level})")


def _idle(board: Board) -> int:
    return 1 - board.modem.pwrkey_active_level


def _method(name: str, value: str) -> str:
    return f"""
    def {name}(self):
        return {value}
"""


def _tuple(values: list[str] | list[int]) -> str:
    return str(tuple(values)).replace("'", '"')


def _wrapped(values: list[str]) -> str:
    """As `_tuple`, a line for each where the formatter wants that."""
    if len(_tuple(values)) <= _LINE - len("    IN_VAIN = "):
        return _tuple(values)
    return "\n".join(["(", *(f'        "{one}",' for one in values), "    )"])
