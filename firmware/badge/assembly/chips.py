"""The drivers of the parts of which there are several kinds; a board loads its own alone."""

from badge.drivers.haptic_motor import HapticMotor
from badge.drivers.imu_fifo import ImuFifo


def imu(board):
    """The accelerometer's ImuFifo."""
    if board.IMU == "bma423":
        from badge.drivers.bma423 import Bma423 as Chip  # noqa: PLC0415
    else:
        from badge.drivers.lsm6dsox import Lsm6dsox as Chip  # noqa: PLC0415

    return ImuFifo(Chip(board.imu_i2c(), board.IMU_ADDR), board.IMU_AXES)


def gauge(board):
    """(what knows of the battery, its interrupt line or None)."""
    if board.PMU == "axp2101":
        from badge.drivers.axp2101 import Axp2101, Supply  # noqa: PLC0415

        supply = Supply(board.CHARGE_MA, board.CHARGE_MV, board.PMU_RAILS)
        has_key = board.SOS == "pmu_key"
        return Axp2101(board.pmu_i2c(), supply, board.PMU_ADDR, has_key=has_key), board.pmu_int()
    from badge.drivers.adc_gauge import AdcGauge  # noqa: PLC0415

    return AdcGauge(board.cell_adc(), board.CELL_DIVIDER), None


def motor(board):
    """The HapticMotor, still."""
    if board.HAPTIC == "drv2605":
        from badge.drivers.drv2605 import Drv2605  # noqa: PLC0415

        return HapticMotor(Drv2605(board.haptic_i2c(), board.HAPTIC_ADDR))
    return HapticMotor(board.haptic_pwm())


def buttons(board, power):
    """The left and the right button, as pins, and the key of the power chip among them or None."""
    left, right, key = board.sos_left_pin(), board.sos_right_pin(), None
    if board.SOS == "pmu_key":
        from badge.drivers.pmu_key import PmuKey  # noqa: PLC0415

        left = key = PmuKey(*power.chip_and_line())
    if right is None:
        from badge.drivers.no_button import NoButton  # noqa: PLC0415

        right = NoButton(board.SOS_ACTIVE_LEVEL)
    return (left, right), key
