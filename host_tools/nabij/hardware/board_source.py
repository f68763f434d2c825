"""The firmware's wiring, generated from a board definition."""

from typing import Final

from nabij.hardware.board_parts import RAILS, Board

# Neither accelerometer nor power chip stretches the clock: an edge that takes longer never comes.
_EDGE_US: Final = 100


def firmware_source(board: Board) -> str:
    """The text of firmware/badge/boards/<id>.py: wiring only, imports only `machine`."""
    imu, sos, haptic, modem, pmu = board.imu, board.sos, board.haptic, board.modem, board.pmu
    buzzer, led = board.buzzer, board.status_led
    pull = "Pin.PULL_DOWN" if sos.active_level else "Pin.PULL_UP"
    idle = 1 - modem.pwrkey_active_level
    rails = [
        sum(1 << bit for bit, name in enumerate(register) if name in pmu.rails)
        for register in RAILS
    ]
    kept = [haptic.pin, modem.pwrkey, modem.dtr]
    kept += [part.pin for part in (buzzer, led) if part.fitted]
    sounder = f"PWM(Pin({buzzer.pin}), freq={buzzer.pwm_hz}, duty_u16=0)"
    light = f"Pin({led.pin}, Pin.OUT, value={1 - led.active_level})"
    return f'''\
# Generated from hardware/boards/{board.id}.toml by `make boards`; edit that file, not this one.
from machine import PWM, UART, WDT, Pin, SoftI2C, mem32


class Board:
    """{board.name}: which pin and bus belongs to which part."""

    NAME = "{board.id}"
    DATA_DIR = "{board.data_dir}"
    # Ways to the receiver.
    UPLINKS = {str(tuple(board.uplink.kinds)).replace("'", '"')}
    IMU_ADDR = 0x{imu.address:02X}
    PMU_ADDR = 0x{pmu.address:02X}
    # What the charger may do to the cell.
    CHARGE_MA = {board.battery.charge_ma}
    CHARGE_MV = {board.battery.charge_mv}
    # Rails of the power chip that feed something: bits of its registers 0x80, 0x90 and 0x91.
    PMU_RAILS = ({", ".join(f"0x{bits:02X}" for bits in rails)})
    SOS_ACTIVE_LEVEL = {sos.active_level}
    RIP_CLOSED_LEVEL = {board.rip.closed_level}
    STATUS_LED_ACTIVE_LEVEL = {led.active_level}
    PWRKEY_ACTIVE_LEVEL = {modem.pwrkey_active_level}
    # Outputs, which must keep their level while the chip sleeps.
    KEPT_PADS = {tuple(sorted(kept))}

    def imu_i2c(self):
        return _bus({imu.scl}, {imu.sda}, {imu.freq_hz})

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
        return _bus({pmu.scl}, {pmu.sda}, {pmu.freq_hz})

    def pmu_int(self):
        return Pin({pmu.irq}, Pin.IN, Pin.PULL_UP)

    def registers(self):
        return mem32

    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)


def _bus(scl, sda, hz):
    # In software: the port gives its hardware 100 ms for each byte, 22 s for 32 words of a FIFO.
    lines = [Pin(pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1) for pin in (scl, sda)]
    return SoftI2C(lines[0], lines[1], freq=hz, timeout={_EDGE_US})
'''
