"""Fills the planes of a board: run by the Python that has KiCad's own module, not by ours.

`python3 fill_planes.py BOARD.kicad_pcb`; this is what kicad-cli 9 cannot do.
"""

import sys

import pcbnew

board = pcbnew.LoadBoard(sys.argv[1])
if not pcbnew.ZONE_FILLER(board).Fill(board.Zones()):
    sys.exit("the planes could not be filled")
# Without its settings: the project file beside it is ours.
if not pcbnew.SaveBoard(sys.argv[1], board, True):
    sys.exit("the board could not be saved")
