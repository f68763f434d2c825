"""Options of the power chip and its battery (sim/models/axp2101.py)."""

from sim.options.option import Option

OPTIONS = (
    Option(
        "absent", "flag", False, "nothing answers at its address, and the modem has its supply"
    ),
    Option("percent", "percent", 100, "what the battery holds"),
    Option("vbus", "flag", False, "a charger is plugged in"),
    Option("battery", "flag", True, "a battery is fitted"),
)
