"""Options of the chip's WLAN (sim/models/wlan.py) and of the access point in reach."""

from sim.options.option import Option

OPTIONS = (
    Option("name", "text", "ward", "of the network in reach"),
    Option("password", "text", "", "of the network; empty: an open one"),
    Option(
        "refusal", (2, 15, 202, 204), 15, "the reason of the port when the password is another"
    ),
    Option("join_ms", "ms", 1500, "from an attempt to an address, or to its refusal"),
    Option("rssi_dbm", "integer", -60, "what is received of the access point"),
    Option("rtt_ms", "ms", 20, "round trip to the server"),
    Option("loss", "share", 0, "of the segments that get lost and are sent again"),
    Option("seed", "count", 1, "which segments those are"),
    Option("no_coverage_ms", "spans_ms", (), "spans of world time out of reach"),
    Option("dns", "flag", True, "the network's name server answers"),
    Option("ntp", "flag", True, "the time server answers"),
    Option("no_memory", "flag", False, "the radio cannot be switched on"),
    Option("stuck", "flag", False, "the radio that is on cannot be switched off"),
    Option("observe_bytes", "flag", False, "the length of each segment is observed"),
    Option(
        "remote",
        "table",
        None,
        "the server inside the simulator; else that of a modem beside it, or real TCP, live only",
    ),
)
