"""What the wearer of a drawn life does: calls for help, falls, takes back, asks."""

import random
from collections.abc import Callable
from typing import Any, Final

from nabij.virtual.badge import Fact
from tests.sim.lives import at, hold, squeeze, tap
from tests.sim.weather_record import SQUEEZE_MS, STORM_MS, Wearer

WALK_MS: Final = 12_000
# No gesture begins in another, nor in what a burst of presses waits for.
_APART_MS: Final = 8_000
# From the blow to the end of the pre-alarm.
_FALL_MS: Final = 32_000


def drawn(draw: random.Random) -> Wearer:
    """One squeeze in most lives; in the others more happens."""
    stories: list[tuple[int, Callable[[random.Random], Fact]]] = [
        (56, _squeezed),
        (12, _squeezed_twice),
        (12, _false_alarm),
        (14, _fell),
        (4, _amber),
        (2, _torn_off),
    ]
    (story,) = draw.choices([one for _, one in stories], [share for share, _ in stories])
    told: dict[str, Any] = {
        "squeezes": 0,
        "walks_ms": None,
        "takes_back": False,
        "is_forced": False,
        "settings": {},
        "words": set(),
    }
    told |= story(draw)
    events, words = list(told.pop("events")), set(told.pop("words"))
    if draw.random() < 0.2:
        words.add("a tap")
        events += _taps(draw, events)
    if told["is_forced"]:
        words.add("duress")
    return Wearer(events=events, words=frozenset(words), **told)


def _squeezed(draw: random.Random) -> Fact:
    at_ms = draw.randrange(3_000, STORM_MS - 30_000)
    return {"calls_ms": [at_ms], "squeezes": 1, "events": [squeeze(at_ms, SQUEEZE_MS)]}


def _squeezed_twice(draw: random.Random) -> Fact:
    first_ms = draw.randrange(3_000, STORM_MS - 60_000)
    second_ms = min(first_ms + draw.randrange(_APART_MS, 120_000), STORM_MS - 10_000)
    calls_ms = [first_ms, second_ms]
    events = [squeeze(at_ms, SQUEEZE_MS) for at_ms in calls_ms]
    return {"calls_ms": calls_ms, "squeezes": 2, "events": events, "words": {"two squeezes"}}


def _false_alarm(draw: random.Random) -> Fact:
    """Called false some time after the squeeze, in half of all lives with a hand forced."""
    told = _squeezed(draw)
    back_ms = told["calls_ms"][0] + draw.randrange(4_000, 60_000)
    taken = _taken_back(draw, back_ms)
    return told | taken | {"events": told["events"] + taken["events"], "words": {"a false alarm"}}


def _fell(draw: random.Random) -> Fact:
    """A fall: its pre-alarm runs out, is cancelled or squeezed into; or a squeeze follows."""
    walks_ms = draw.randrange(8_000, STORM_MS - 110_000)
    fell_ms = walks_ms + WALK_MS
    told: Fact = {
        "calls_ms": [fell_ms],
        "walks_ms": walks_ms,
        "events": [],
        "words": {"a fall"},
        # Who lies there after a cancel would be an alarm of its own.
        "settings": {
            "motion_upload": draw.random() < 0.6,
            "tilt_alarm": False,
            "rest_alarm": False,
        },
    }
    if told["settings"]["motion_upload"]:
        told["words"].add("motion upload")
    what = draw.choice(["nothing", "nothing", "cancel", "cancel", "squeeze", "squeeze after"])
    if what == "cancel":
        taken = _taken_back(draw, fell_ms + draw.randrange(12_000, 18_000))
        told |= taken
        told["words"].add("a cancelled fall")
    elif what != "nothing":
        after_ms = draw.randrange(60_000) + _FALL_MS if "after" in what else draw.randrange(20_000)
        at_ms = min(fell_ms + 4_000 + after_ms, STORM_MS - 10_000)
        told |= {
            "calls_ms": [fell_ms, at_ms],
            "squeezes": 1,
            "events": [squeeze(at_ms, SQUEEZE_MS)],
        }
        told["words"].add("a fall and a squeeze")
    return told


def _amber(draw: random.Random) -> Fact:
    """It runs out, is ended or becomes a squeeze."""
    at_ms = draw.randrange(15_000, 200_000)
    told: Fact = {
        "calls_ms": [at_ms],
        "events": [hold(at_ms)],
        "settings": {"amber_min": 5},
        "words": {"amber"},
    }
    what = draw.choice(["runs out", "ended", "squeeze"])
    later_ms = at_ms + draw.randrange(12_000, 80_000)
    if what == "ended":
        taken = _taken_back(draw, later_ms)
        told |= taken | {"events": told["events"] + taken["events"]}
    elif what == "squeeze":
        told |= {
            "calls_ms": [at_ms, later_ms],
            "squeezes": 1,
            "events": [*told["events"], squeeze(later_ms, SQUEEZE_MS)],
        }
    return told


def _torn_off(draw: random.Random) -> Fact:
    at_ms = draw.randrange(15_000, STORM_MS - 60_000)
    return {"calls_ms": [at_ms], "events": [at(at_ms, "rip_open")], "words": {"torn off"}}


def _taken_back(draw: random.Random, at_ms: int) -> Fact:
    is_forced = draw.random() < 0.5
    events = tap(at_ms, "right" if is_forced else "left", times=2)
    return {"takes_back": True, "is_forced": is_forced, "events": events}


def _taps(draw: random.Random, events: list[Fact]) -> list[Fact]:
    """Whoever asks "am I protected?", not in the middle of something else."""
    asked: list[Fact] = []
    for _ in range(draw.randrange(1, 4)):
        at_ms = draw.randrange(3_000, STORM_MS)
        if all(abs(at_ms - one["at_ms"]) > _APART_MS for one in [*events, *asked]):
            asked += tap(at_ms, draw.choice(["left", "right"]))
    return asked
