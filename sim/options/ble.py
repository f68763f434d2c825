"""Options of the chip's BLE (sim/models/ble.py) and of who is in reach: gateway, badge, tags."""

from sim.options.option import Option

# What a badge that calls does once somebody comes: as it should; or never connects, goes in the
# middle, answers nothing, has nothing, has rubbish, has more than fits, is no badge; or is another
# address each time that it is heard.
CALLER = ("calls", "refuses", "vanishes", "hangs", "empty", "rubbish", "long", "foreign", "moves")

OPTIONS = (
    Option("gateway", "flag", True, "a gateway is in reach, in fast mode"),
    Option("away_ms", "spans_ms", (), "spans of world time in which it is not"),
    Option("hear_ms", "ms", 300, "from an advertisement to a connection"),
    Option(
        "fetch_ms", "ms", 200, "from a connection to what is read, and from one look to another"
    ),
    Option("rtt_ms", "ms", 120, "from the gateway to the receiver and back"),
    Option("copies", "count", 0, "so many times more each frame is carried, half a second apart"),
    Option("rubbish", "count", 0, "so many writes of rubbish come before each status"),
    Option("again", "count", 0, "so many times each status is written once more"),
    Option("idle", "flag", False, "who connects reads nothing, writes nothing and stays"),
    Option("flits", "count", 0, "so many times who connects is gone again at once"),
    Option("broken", "flag", False, "the radio cannot be switched on"),
    Option("calls_ms", "spans_ms", (), "spans of world time in which another badge calls"),
    Option("caller_key", "hex", "00" * 32, "the key of that badge"),
    Option("caller_does", CALLER, "calls", "what it does once it is visited"),
    Option("caller_step_ms", "ms", 60, "what each request of a visit takes"),
    Option(
        "around", "count", 0, "so many others, of no meaning, are heard in each tenth of a second"
    ),
    Option(
        "tags",
        "list",
        (),
        "what else is heard ten times a second: [from_ms, to_ms, payload in hexadecimal, dBm]",
    ),
    Option("loses_events", "flag", False, "a request under way when its peer goes never ends"),
    Option(
        "air_port", "nth", None, "in live mode: the port on this machine behind which the air is"
    ),
)
