"""Options of the chip's BLE (sim/models/ble.py) and of the gateway in reach."""

from sim.options.option import Option

OPTIONS = (
    Option("gateway", "flag", True, "a gateway is in reach, in fast mode"),
    Option("away_ms", "spans_ms", (), "spans of world time in which it is not"),
    Option("hear_ms", "ms", 300, "from an advertisement to a connection"),
    Option(
        "fetch_ms", "ms", 200, "from a connection to what is read, and from one look to another"
    ),
    Option("rtt_ms", "ms", 120, "from the gateway to the receiver and back"),
    Option("rubbish", "count", 0, "so many writes of rubbish come before each status"),
    Option("again", "count", 0, "so many times each status is written once more"),
    Option("idle", "flag", False, "who connects reads nothing, writes nothing and stays"),
    Option("broken", "flag", False, "the radio cannot be switched on"),
    Option(
        "air_port", "nth", None, "in live mode: the port on this machine behind which the air is"
    ),
)
