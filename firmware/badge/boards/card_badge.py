# Generated from hardware/boards/card_badge.toml by `make boards`; edit that file, not this one.
from machine import PWM, UART, WDT, Pin, SoftI2C, mem32


class Board:
    """Nabij card badge, stage B (not built): which pin and bus belongs to which part."""

    NAME = "card_badge"
    DATA_DIR = "/"
    FORM = "badge"
    # Where it is worn (core/placement.py).
    PLACEMENT = "neck"
    # Ways to the receiver.
    UPLINKS = ("modem", "ble")
    # Of what there are several kinds (assembly/chips.py).
    IMU = "lsm6dsox"
    # The chip's axes that the badge's x, y and z are.
    IMU_AXES = ("x", "y", "z")
    PMU = "axp2101"
    SOS = "pin"
    HAPTIC = "pwm"
    BUTTONS = 2
    IMU_ADDR = 0x6A
    PMU_ADDR = 0x34
    # What the charger may do to the cell.
    CHARGE_MA = 200
    CHARGE_MV = 4200
    # Rails of the power chip that feed something: bits of its registers 0x80, 0x90 and 0x91.
    PMU_RAILS = (0x05, 0x10, 0x00)
    SOS_ACTIVE_LEVEL = 1
    RIP_CLOSED_LEVEL = 1
    STATUS_LED_ACTIVE_LEVEL = 0
    PWRKEY_ACTIVE_LEVEL = 1
    # A satellite receiver of its own.
    HAS_GNSS = False
    # Settings of which nothing comes: it has no part for them.
    IN_VAIN = ("sound_percent", "light")
    # Outputs, which must keep their level while the chip sleeps.
    KEPT_PADS = (11, 41, 42)

    def imu_i2c(self):
        return _bus(21, 13, 400000)

    def imu_int1(self):
        return Pin(12, Pin.IN)

    def sos_left_pin(self):
        return Pin(14, Pin.IN, Pin.PULL_DOWN)

    def sos_right_pin(self):
        return Pin(10, Pin.IN, Pin.PULL_DOWN)

    def rip_pin(self):
        return Pin(9, Pin.IN)

    def haptic_pwm(self):
        return PWM(Pin(11), freq=20000, duty_u16=0)

    def buzzer_pwm(self):
        return None

    def status_led_pin(self):
        return None

    def modem_uart(self):
        return UART(
            1,
            115200,
            tx=5,
            rx=4,
            rxbuf=4096,
            txbuf=2048,
            timeout=0,
        )

    def modem_pwrkey(self):
        return Pin(41, Pin.OUT, value=0)

    def modem_dtr(self):
        return Pin(42, Pin.OUT, value=0)

    def modem_ri(self):
        return Pin(3, Pin.IN)

    def pmu_i2c(self):
        return _bus(7, 15, 400000)

    def pmu_int(self):
        return Pin(6, Pin.IN, Pin.PULL_UP)

    def registers(self):
        return mem32

    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)


def _bus(scl, sda, hz):
    # In software: the port gives its hardware 100 ms for each byte, 22 s for 32 words of a FIFO.
    lines = [Pin(pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1) for pin in (scl, sda)]
    return SoftI2C(lines[0], lines[1], freq=hz, timeout=100)
