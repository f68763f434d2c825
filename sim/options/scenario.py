"""Options of a scenario and of its parts (sim/world/run.py); the models have theirs beside."""

from sim.options.option import NEEDED, Option

OPTIONS = (
    Option("mode", ("fast", "live"), NEEDED, "virtual time, or the wall clock"),
    Option("board", "text", None, "name of the board's definition"),
    Option("board_source", "text", None, "its module, where the firmware has none of this board"),
    Option("wiring", "table", NEEDED, "pins by part, as hardware/boards has them"),
    Option("duration_ms", "ms", None, "the scenario ends after so long"),
    Option("provision", "text", None, "folder whose files a blank badge gets"),
    Option("flash", "table", NEEDED, "see FLASH"),
    Option("stalls", "stalls", {}, "entries of sim/stalls.py, or off"),
    Option("trace", "table", None, "see TRACE"),
    Option("events", "list", (), "verbs, each with its time"),
    Option("modem", "table", None, "the modem's; none: no modem"),
    Option("wlan", "table", None, "the chip's WLAN and what is in reach; none: it cannot be used"),
    Option("ble", "table", None, "the chip's BLE and who is near; none: it cannot be used"),
    Option("gnss", "table", None, "a satellite receiver on a serial line; none: there is none"),
    Option("imu", "table", {}, "the accelerometer's"),
    Option("pmu", "table", {}, "the power chip's"),
    Option("power", "table", None, "currents by part and state, as hardware/power.toml has them"),
    Option("engine", ("bytecode", "native", "viper"), None, "how kernels run; the best there is"),
    Option("main", "text", None, "another main.py, absolute path"),
    Option("ticks_offset_ms", "count", 0, "where the chip's ticks begin"),
    Option("seed", "integer", 1, "of os.urandom in fast mode"),
    Option("app", ("repo", "flash"), "repo", "the firmware of this repository, or that in flash"),
    Option("usb", "table", None, "see USB"),
    Option("hear_usb", "flag", False, "what the badge writes to USB is observed, line by line"),
    Option("serial", "text", "6e6162696a01", "the chip's own number, 12 hexadecimal digits"),
    Option("keep_state", "flag", True, "what outlives a reset is kept"),
)

FLASH = (
    Option("size_blocks", "nth", NEEDED, "of 4096 bytes"),
    Option("file", "text", None, "host file that keeps the image"),
    Option("cut_after", "nth", None, "the power goes at this erase or program of the first start"),
    Option("torn", "flag", False, "half of that operation is done"),
)

TRACE = (
    Option("file", "text", NEEDED, "trace file, absolute path"),
    Option("start_ms", "ms", 0, "world time of its first sample"),
    Option("after", ("hold", "loop", "still"), "hold", "what follows its end"),
)

USB = (
    Option("control_fd", "count", NEEDED, "where verbs come from"),
    Option("observe_fd", "count", NEEDED, "where observations go"),
    Option("raw", "flag", False, "the host is in the raw REPL: main.py is not run"),
)
