"""Options of the modem's satellite receiver (sim/models/modem/gnss.py), and of its verbs."""

from sim.options.option import NEEDED, Option

SKY = ("open", "indoors")

OPTIONS = (
    Option("lat_e7", "integer", 523_702_160, "where the badge is, degrees times 10,000,000"),
    Option("lon_e7", "integer", 48_951_680, "the same, east"),
    Option("sky", SKY, "open", "what it sees: indoors it never has a fix"),
    Option("cold_ms", "ms", 45_000, "from power to the first fix, every time: it forgets all"),
    Option("accuracy_m", "count", 12, "of a fix; the first is five times as bad"),
    Option("kmh", "count", 0, "how fast the badge moves"),
    Option("lies", "flag", True, "without a fix it reports a place of its own, 150 km off"),
    Option("old", "count", 2, "its first so many fixes are of last week, and say that they are"),
    Option("frozen", "flag", False, "it repeats its first fix, time and all"),
    Option("clashes", "flag", True, "with LTE on as well the module crashes"),
    Option("deaf", "flag", True, "crashed, its power key does nothing: only its supply helps"),
    Option(
        "crash_ms", "ms", None, "the module crashes so long after the receiver was switched on"
    ),
)

SKY_ARGUMENTS = (Option("view", SKY, NEEDED, "what it sees from now on"),)
PLACE_ARGUMENTS = (
    Option("lat_e7", "integer", NEEDED, "degrees times 10,000,000, north"),
    Option("lon_e7", "integer", NEEDED, "the same, east"),
    Option("kmh", "count", 0, "how fast"),
)
CELL_ARGUMENTS = (Option("ci", "nth", NEEDED, "the number of the cell that serves it"),)
