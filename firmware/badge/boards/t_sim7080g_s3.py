# Generated from hardware/boards/t_sim7080g_s3.toml by `make boards`; edit that file, not this one.
from machine import I2C, PWM, UART, WDT, Pin


class Board:
    """LilyGo T-SIM7080G-S3: which pin and bus belongs to which part."""

    NAME = "t_sim7080g_s3"
    DATA_DIR = "/"
    IMU_ADDR = 0x6A
    SOS_ACTIVE_LEVEL = 1
    PWRKEY_ACTIVE_LEVEL = 1

    def imu_i2c(self):
        return I2C(0, scl=Pin(21), sda=Pin(13), freq=400000)

    def imu_int1(self):
        return Pin(12, Pin.IN)

    def sos_pin(self):
        return Pin(14, Pin.IN, Pin.PULL_DOWN)

    def haptic_pwm(self):
        return PWM(Pin(11), freq=20000, duty_u16=0)

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

    def watchdog(self, timeout_ms):
        return WDT(timeout=timeout_ms)
