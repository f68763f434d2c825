"""The drivers of the parts of which there are several kinds; a board loads its own alone."""

from badge.drivers.haptic_motor import HapticMotor


def imu(board):
    """The accelerometer."""
    from badge.drivers.lsm6dsox import Lsm6dsox  # noqa: PLC0415

    return Lsm6dsox(board.imu_i2c(), board.IMU_ADDR)


def gauge(board):
    """(what knows of the battery, its interrupt line or None)."""
    if board.PMU == "axp2101":
        from badge.drivers.axp2101 import Axp2101, Supply  # noqa: PLC0415

        supply = Supply(board.CHARGE_MA, board.CHARGE_MV, board.PMU_RAILS)
        return Axp2101(board.pmu_i2c(), supply, board.PMU_ADDR), board.pmu_int()
    from badge.drivers.adc_gauge import AdcGauge  # noqa: PLC0415

    return AdcGauge(board.cell_adc(), board.CELL_DIVIDER), None


def motor(board):
    """The HapticMotor, still."""
    return HapticMotor(board.haptic_pwm())


def buttons(board):
    """The left and the right button, as pins."""
    left, right = board.sos_left_pin(), board.sos_right_pin()
    if right is None:
        from badge.drivers.no_button import NoButton  # noqa: PLC0415

        right = NoButton(board.SOS_ACTIVE_LEVEL)
    return left, right
