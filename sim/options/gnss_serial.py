"""Options of a satellite receiver on a serial line (sim/models/gnss_serial.py), and its verb."""

from sim.options.gnss import SKY
from sim.options.option import NEEDED, Option

OPTIONS = (
    Option("lat_e7", "integer", 523_702_160, "where the badge is, degrees times 10,000,000"),
    Option("lon_e7", "integer", 48_951_680, "the same, east"),
    Option("sky", SKY, "open", "what it sees: indoors it never has a fix"),
    Option("cold_ms", "ms", 30_000, "from supply to the first fix, every time: it forgets all"),
    Option(
        "hdop_tenths", "count", 12, "how badly the satellites stand; of the first fix five times"
    ),
    Option("kmh", "count", 0, "how fast the badge moves"),
    Option("talker", ("GN", "GP", "GL"), "GN", "what its sentences begin with"),
    Option("lies", "flag", True, "before its fix it says a place of its own, marked as no fix"),
    Option("old", "count", 2, "its first so many fixes are of last week, and say that they are"),
    Option("noise", "share", 0, "of the bytes that are spoilt on the line"),
    Option("torn", "share", 0, "of the sentences that break off"),
    Option("false", "share", 0, "of the sentences whose checksum is that of another"),
    Option("seed", "count", 1, "which those are"),
    Option("floods", "flag", False, "it says rubbish without a pause"),
    Option("unplugged", "flag", False, "its line is not connected"),
)

VERB_ARGUMENTS = (
    Option(
        "what",
        ("unplug", "plug", "flood", "open", "indoors"),
        NEEDED,
        "its line torn off; put back; rubbish without a pause; what it sees from now on",
    ),
)
