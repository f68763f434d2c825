# Generated from hardware/boards/xiao_s3_fob.toml by `make boards`; edit that file, not this one.
from machine import ADC, PWM, WDT, Pin, SoftI2C, mem32


class Board:
    """Seeed XIAO ESP32-S3, key fob: which pin and bus belongs to which part."""

    NAME = "xiao_s3_fob"
    DATA_DIR = "/"
    FORM = "fob"
    # Where it is worn (core/placement.py).
    PLACEMENT = "pocket"
    # Ways to the receiver.
    UPLINKS = ("wlan", "ble")
    # Of what there are several kinds (assembly/chips.py).
    IMU = "lsm6dsox"
    # The chip's axes that the badge's x, y and z are.
    IMU_AXES = ("x", "y", "z")
    PMU = "adc"
    SOS = "pin"
    HAPTIC = "pwm"
    BUTTONS = 1
    IMU_ADDR = 0x6A
    # The pin has one part of the cell's voltage in so many.
    CELL_DIVIDER = 2
    SOS_ACTIVE_LEVEL = 1
    RIP_CLOSED_LEVEL = 0
    STATUS_LED_ACTIVE_LEVEL = 0
    # A satellite receiver of its own.
    HAS_GNSS = False
    # Settings of which nothing comes: it has no part for them.
    IN_VAIN = ("edrx_s", "gnss", "sound_percent", "light")
    # Outputs, which must keep their level while the chip sleeps.
    KEPT_PADS = (9,)

    def imu_i2c(self):
        return _bus(6, 5, 400000)

    def imu_int1(self):
        return Pin(4, Pin.IN)

    def sos_left_pin(self):
        return Pin(2, Pin.IN, Pin.PULL_DOWN)

    def sos_right_pin(self):
        return None

    def rip_pin(self):
        return None

    def haptic_pwm(self):
        return PWM(Pin(9), freq=20000, duty_u16=0)

    def buzzer_pwm(self):
        return None

    def status_led_pin(self):
        return None

    def cell_adc(self):
        return ADC(Pin(1), atten=ADC.ATTN_11DB)

    def registers(self):
        return mem32

    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)


def _bus(scl, sda, hz):
    # In software: the port gives its hardware 100 ms for each byte, 22 s for 32 words of a FIFO.
    lines = [Pin(pin, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1) for pin in (scl, sda)]
    return SoftI2C(lines[0], lines[1], freq=hz, timeout=100)
