# Generated from hardware/boards/t_watch_s3.toml by `make boards`; edit that file, not this one.
from machine import WDT, Pin, SoftI2C, mem32


class Board:
    """LilyGo T-Watch S3: which pin and bus belongs to which part."""

    NAME = "t_watch_s3"
    DATA_DIR = "/"
    FORM = "watch"
    # Where it is worn (core/placement.py).
    PLACEMENT = "wrist"
    # Ways to the receiver.
    UPLINKS = ("wlan",)
    # Of what there are several kinds (assembly/chips.py).
    IMU = "bma423"
    # The chip's axes that the badge's x, y and z are.
    IMU_AXES = ("x", "y", "z")
    PMU = "axp2101"
    SOS = "pmu_key"
    HAPTIC = "drv2605"
    BUTTONS = 1
    IMU_ADDR = 0x19
    PMU_ADDR = 0x34
    # What the charger may do to the cell.
    CHARGE_MA = 100
    CHARGE_MV = 4200
    # Rails of the power chip that feed something: bits of its registers 0x80, 0x90 and 0x91.
    PMU_RAILS = (0x01, 0x20, 0x00)
    SOS_ACTIVE_LEVEL = 1
    RIP_CLOSED_LEVEL = 0
    STATUS_LED_ACTIVE_LEVEL = 0
    HAPTIC_ADDR = 0x5A
    # A satellite receiver of its own.
    HAS_GNSS = False
    # Settings of which nothing comes: it has no part for them.
    IN_VAIN = (
        "ble_after_s",
        "relay_scan_s",
        "tag_scan",
        "edrx_s",
        "gnss",
        "sound_percent",
        "light",
    )
    # Outputs, which must keep their level while the chip sleeps.
    KEPT_PADS = ()

    def imu_i2c(self):
        return _bus(11, 10, 400000)

    def imu_int1(self):
        return Pin(14, Pin.IN)

    def sos_left_pin(self):
        return None

    def sos_right_pin(self):
        return None

    def rip_pin(self):
        return None

    def haptic_i2c(self):
        return _bus(11, 10, 400000)

    def haptic_pwm(self):
        return None

    def buzzer_pwm(self):
        return None

    def status_led_pin(self):
        return None

    def pmu_i2c(self):
        return _bus(11, 10, 400000)

    def pmu_int(self):
        return Pin(21, Pin.IN, Pin.PULL_UP)

    def registers(self):
        return mem32

    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)


def _bus(scl, sda, hz):
    # In software: the port gives its hardware 100 ms for each byte, 22 s for 32 words of a FIFO.
    lines = [Pin(pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1) for pin in (scl, sda)]
    return SoftI2C(lines[0], lines[1], freq=hz, timeout=100)
