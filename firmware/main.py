"""Starts the badge. The watchdog runs before anything that could hang or fail."""

import sys

import machine

from badge.boards.t_sim7080g_s3 import Board

board = Board()
watchdog = board.watchdog(30_000)

from badge.app import run  # noqa: E402  the watchdog must already guard these imports

try:
    run(board, watchdog)
except KeyboardInterrupt:
    # An engineer on USB wants the prompt; the watchdog arms the badge again when it is left alone.
    raise
except Exception as error:  # noqa: BLE001  a badge that fails starts again
    sys.print_exception(error)
machine.reset()
