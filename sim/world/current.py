"""The one world of this process, for the stand-in modules that firmware imports by name.

State of a module, because `import machine` has no argument by which a badge could be given.
"""

world = None
board = None
