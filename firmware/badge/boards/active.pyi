# On a badge this is the board that was flashed (nabij/usb/build.py), in the simulator that of the
# scenario.
from badge.boards.t_sim7080g_s3 import Board as Board
