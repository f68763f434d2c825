"""The one world of this process, for the stand-in modules that firmware imports by name."""

world = None
board = None
