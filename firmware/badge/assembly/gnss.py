"""Puts together the look at the satellites with a receiver that is no part of the modem."""

from badge.drivers.serial_gnss import SerialGnss
from badge.tasks.gnss_task import GnssTask
from badge.tasks.sky import Sky
from badge.version import BUILD_UTC_S


def build(base, keeper):
    """The GnssTask, the receiver without supply."""
    board = base.board
    gnss = SerialGnss(board.gnss_uart(), board.gnss_power(), board.GNSS_ON_LEVEL)
    sky = Sky(base.common, gnss, keeper, BUILD_UTC_S, base.ports.speed_measured)
    return GnssTask(sky, gnss, keeper)
