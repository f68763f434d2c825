"""The verbs of a scenario (sim/world/control.py)."""

from sim.options import gnss_serial, modem
from sim.options.option import NEEDED, Option, OptionError, check
from sim.options.verb import STATE, arguments, find, verb

# When a verb is done: in a scenario `at_ms`, typed to a live badge now or `in_ms`.
WHEN = (
    Option("at_ms", "ms", NEEDED, "in a scenario: world time"),
    Option("every_ms", "ms", None, "again and again after so long"),
    Option("until_ms", "ms", None, "the last time at which it comes again"),
)
# In a scenario, in place of `at_ms`.
AWAITED = (
    Option(
        "once",
        "table",
        NEEDED,
        "in place of `at_ms`: what an observation has, such as {'modem': 'open'}, counted from "
        "each start of the badge",
    ),
    Option("nth_time", "nth", 1, "the n-th observation that has it"),
    Option("later_ms", "ms", 0, "so long after it"),
    Option("before_ms", "ms", None, "not when it is seen after this world time"),
)
TYPED = (Option("in_ms", "ms", 0, "typed to a live badge: from now, by its own clock"),)

_BUTTON = Option("button", ("both", "left", "right"), "both", "of the hidden ones")
_FOR_MS = Option("for_ms", "ms", NEEDED, "how long")
_SPAN_MS = Option("for_ms", "ms", None, "how long, or")
_NTH = Option("nth", "nth", None, "the n-th from now fails")
_TIMES = Option("times", "nth", 1, "and so many in all")


def _span_or_nth(given):
    if ("for_ms" in given) == ("nth" in given):
        return "needs either 'for_ms' or 'nth'"
    if "times" in given and "nth" not in given:
        return "has 'times' only with 'nth'"
    return None


def _fits_garbage(given):
    other = {"tag_bit": "word", "word": "bit"}[given["kind"]]
    return "has no %r with kind %r" % (other, given["kind"]) if other in given else None


def _whole_word(given):
    if given.get("word") is not None and len(given["word"]) != 14:
        return "has a word of 14 digits"
    return _fits_garbage(given)


def _noise_of_something(given):
    return "has 'noisy' only with 'mg'" if "noisy" in given and "mg" not in given else None


VERBS = (
    verb("press", (Option("ms", "ms", NEEDED, "how long"), _BUTTON), "closes buttons", "ms"),
    verb("sos_down", (_BUTTON,), "closes buttons and leaves them so", STATE),
    verb("sos_up", (_BUTTON,), "opens buttons", STATE),
    verb(
        "bounce",
        (
            Option("closed", "flag", NEEDED, "how it ends"),
            Option("times", "nth", 4, "short contacts before"),
            Option("us", "us", 800, "length of each"),
            _BUTTON,
        ),
        "a contact that bounces",
    ),
    verb("rip_open", (), "the lanyard is torn off", STATE),
    verb("rip_close", (), "the lanyard is back", STATE),
    verb(
        "play",
        (
            Option("trace", "text", NEEDED, "file, absolute path"),
            Option("after", ("hold", "loop", "still"), "hold", "what follows its end"),
        ),
        "moves as a trace file says",
        STATE,
    ),
    verb("stop", (), "stays exactly as now", STATE),
    verb("charger", (Option("on", "flag", NEEDED, "plugged in"),), "USB power", STATE),
    verb("wlan_drop", (), "the access point sends the badge away"),
    verb("gnss", gnss_serial.VERB_ARGUMENTS, "the satellite receiver on a serial line"),
    verb("battery", (Option("percent", "percent", NEEDED, "what is left"),), "so much is left"),
    verb(
        "stall",
        (Option("ms", "ms", NEEDED, "how long"), Option("name", "text", "scenario", "its name")),
        "the program of the chip stands still",
    ),
    verb(
        "heap_pressure",
        (Option("free_kb", "nth", NEEDED, "what is left of the heap"), _FOR_MS),
        "takes the heap away, models of the simulator included",
        "for_ms",
    ),
    verb("heap_used", (), "collects garbage and observes what of the heap is used, models too"),
    verb(
        "i2c_fault",
        (
            Option("kind", ("nak", "stuck", "torn", "low", "cut"), NEEDED, "in which way"),
            Option("chip", ("imu", "pmu", "haptic"), None, "of this chip only"),
            _SPAN_MS,
            _NTH,
            _TIMES,
        ),
        "transfers fail: nobody answers (nak), the clock is held low to the time-out (stuck) or "
        "from the middle of it (torn), the data line is held low, so that zeros are heard (low), "
        "or the chip lets go half-way and nobody notices (cut)",
        "for_ms",
        _span_or_nth,
    ),
    verb(
        "fifo_garbage",
        (
            Option("kind", ("tag_bit", "word"), NEEDED, "one bit of the tag, or all of the word"),
            Option("bit", "bit", 3, "of the tag"),
            Option("word", "hex", "ff" * 7, "in its place, 7 bytes"),
            Option("nth", "nth", 1, "the n-th word read from now"),
            _TIMES,
        ),
        "words of the accelerometer's FIFO are spoilt",
        "",
        _whole_word,
    ),
    verb(
        "imu_stuck",
        (
            _FOR_MS,
            Option("mg", "mg3", None, "at this, clipped at the rail; else exactly as now"),
            Option("noisy", "flag", False, "under the chip's noise"),
        ),
        "the accelerometer feels nothing any more",
        "for_ms",
        _noise_of_something,
    ),
    verb("imu_reset", (), "the accelerometer resets itself"),
    verb(
        "line_stuck",
        (
            Option(
                "line",
                ("int1", "sos", "sos_right", "rip", "ri", "dtr", "pwrkey", "pmu_irq"),
                NEEDED,
                "which",
            ),
            Option("level", "level", NEEDED, "at which it stays"),
            _FOR_MS,
        ),
        "a wire has a short circuit",
        "for_ms",
    ),
    verb(
        "flash_cut",
        (
            Option("after", "nth", NEEDED, "the n-th erase or program from now"),
            Option("torn", "flag", False, "half of it is done"),
        ),
        "the power goes in the middle of a flash operation",
    ),
    verb(
        "flash_error",
        (
            Option("kind", ("read", "write", "erase"), NEEDED, "what fails"),
            _SPAN_MS,
            _NTH,
            _TIMES,
        ),
        "flash operations fail with EIO and change nothing",
        "for_ms",
        _span_or_nth,
    ),
    verb("power_cut", (), "the power goes"),
    verb("brownout", (), "the supply dips: the chip starts again, and the port calls it power-on"),
    verb("sleep_stuck", (_FOR_MS,), "no light sleep ends for so long, whatever should end it"),
    verb("modem", (), "what else happens to the modem: `what`, with arguments of its own"),
    verb(
        "usb",
        (
            Option("text", "text", NEEDED, "what"),
            Option("newline", "flag", True, "with the end of the line"),
        ),
        "types on the console",
    ),
    verb("usb_break", (), "types Ctrl-C"),
    verb(
        "usb_stuck",
        (_FOR_MS,),
        "the host keeps the port open and does not read: each write stalls 500 ms",
        "for_ms",
    ),
    verb("end", (), "ends the scenario"),
)


def _together(timing):
    every_ms, until_ms = timing.get("every_ms"), timing.get("until_ms")
    return (every_ms is None) == (until_ms is None) and every_ms != 0


def parse(event, when):
    """(verb, its arguments with all defaults, what `when` says) of one event; raises OptionError.

    Of the verb `modem` it is the verb of the modem that `what` names.
    """
    if not isinstance(event, dict) or "do" not in event:
        raise OptionError('What is done to a badge is {"do": verb, ..}, not %r.' % event)
    one = find(VERBS, event["do"])
    whose = "The verb '%s'" % one.name
    timing = {name: event[name] for name in [option.name for option in when] if name in event}
    given = {name: event[name] for name in event if name != "do" and name not in timing}
    check(when, timing, whose)
    if not _together(timing):
        raise OptionError("%s has 'every_ms' above 0 together with 'until_ms'." % whose)
    if one.name == "modem":
        one = find(modem.VERBS, given.pop("what", None))
        whose += " with what '%s'" % one.name
    return one, arguments(one, given, whose), timing
