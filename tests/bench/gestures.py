"""Every gesture, from the moment it is complete to its durable record, amid stalls or without.

As tests/bench/press.py does for the squeeze: fast mode, stalls at every phase of every gesture.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from badge.core.wearer.gestures import GAP_MS
from nabij.data import traces
from nabij.event_lines import LoggedEvent, parse_event
from nabij.virtual.badge import Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.worlds import Site

SOS_HOLD_MS: Final = 1500
_GC_MS: Final = 50
_CLOSED_AFTER_MS: Final = 16_000
_CONFIG: Final = {"shift_test": False}


@dataclass(frozen=True)
class Gesture:
    """What fingers do from `at_ms` on, and the record that is to come of it."""

    means: str
    at_ms: float
    presses: list[tuple[str, float, float]]
    record: dict[str, str] = field(default_factory=dict)

    @property
    def complete_ms(self) -> float:
        """When it could be known: the end of the hold, or of the pause after the last press."""
        if self.means == "SOS":
            return self.at_ms + SOS_HOLD_MS
        return self.at_ms + max(up_ms for _, _, up_ms in self.presses) + int(GAP_MS)

    def verbs(self) -> list[dict[str, Any]]:
        """The presses as verbs of the simulator."""
        return [
            {"at_ms": self.at_ms + down, "do": "press", "button": button, "ms": up - down}
            for button, down, up in self.presses
        ]


def hold(means: str, at_ms: float, button: str, ms: float, **record: str) -> Gesture:
    """One button, held and let go."""
    return Gesture(means, at_ms, [(button, 0, ms)], record)


def double(means: str, at_ms: float, button: str, **record: str) -> Gesture:
    """Two taps of one button."""
    return Gesture(means, at_ms, [(button, 0, 120), (button, 380, 500)], record)


def roll_and_hold(means: str, at_ms: float, button: str, **record: str) -> Gesture:
    """A tap of this button, then a hold of the other."""
    other = "left" if button == "right" else "right"
    return Gesture(means, at_ms, [(button, 0, 120), (other, 380, 3480)], record)


def rounds(count: int, rng: random.Random) -> list[Gesture]:
    """`count` times an amber begun, extended and ended, an SOS called false, and a question."""
    found = []
    for k in range(count):
        begin_ms = 15_000 + 75_000 * k + 100 * rng.random()
        side = ("left", "right")[k % 2]
        found += [
            hold("AMBER", begin_ms, side, 2500, kind="amber", state="WAITING"),
            roll_and_hold("EXTEND", begin_ms + 9_000, side, kind="amber", state="WAITING"),
            double("END", begin_ms + 18_000, side, kind="amber", state="WITHDRAWN"),
            Gesture(
                "SOS",
                begin_ms + 27_000,
                [(one, 0, SOS_HOLD_MS + rng.uniform(1, 10)) for one in ("left", "right")],
                {"kind": "sos", "state": "RAISED"},
            ),
            double("FALSE_ALARM", begin_ms + 37_000, side, kind="sos"),
            hold("STATUS", begin_ms + 50_000, side, 110),
        ]
    return found


def check_ins(count: int) -> list[Gesture]:
    """Answers to a check-in that is due every minute."""
    return [
        hold("CHECK_IN", 75_000 + 75_000 * k, ("left", "right")[k % 2], 110, kind="check_in")
        for k in range(count)
    ]


def run_of(
    gestures: list[Gesture],
    site: Site,
    folder: Path,
    *,
    stalls: bool,
    seed: int = 1,
    trace: Path | None = None,
    **settings: Any,
) -> Run:
    """Live through the gestures, in order of time."""
    rng = random.Random(seed)
    verbs: list[dict[str, Any]] = []
    for k, gesture in enumerate(gestures):
        verbs += gesture.verbs()
        if stalls:
            verbs += _stalls(gesture, k / len(gestures), rng)
    folder.mkdir(parents=True)
    scenario = Scenario(
        duration_ms=round(max([30_000, *(one.complete_ms for one in gestures)]) + 20_000),
        provision=site.provision_with(folder / "provision", {**_CONFIG, **settings}),
        modem=site.modem(register_ms=1000, boot_ms=1000, remote={"then": [[4, _CLOSED_AFTER_MS]]}),
        stalls={} if stalls else "off",
        events=sorted(verbs, key=lambda verb: float(verb["at_ms"])),
        trace=None if trace is None else Trace(trace),
    )
    return run_fast(scenario, folder=folder / "badge", timeout_s=600)


def worst_ms(site: Site, folder: Path, *, stalls: bool, seed: int = 1) -> float:
    """The longest time from complete to durable over every kind of gesture but the cancel."""
    plan = rounds(8, random.Random(seed))
    run = run_of(plan, site, folder / "rounds", stalls=stalls, seed=seed)
    late = [late_ms(gesture, run) for gesture in plan]
    plan = check_ins(6)
    settings: dict[str, Any] = {"check_in_min": 1, "check_in_jitter_s": 0}
    run = run_of(plan, site, folder / "check_ins", stalls=stalls, seed=seed, **settings)
    return max(late + [late_ms(gesture, run) for gesture in plan])


def _stalls(gesture: Gesture, phase: float, rng: random.Random) -> list[dict[str, Any]]:
    """A reconnect with its TLS steps somewhere in it, and a collection around every edge."""
    length_ms = gesture.complete_ms - gesture.at_ms
    hang_up_ms = gesture.at_ms - 4000 + (4000 + length_ms) * phase
    found: list[dict[str, Any]] = [{"at_ms": hang_up_ms, "do": "modem", "what": "hang_up"}]
    edges = [gesture.complete_ms, *(gesture.at_ms + ms for p in gesture.presses for ms in p[1:])]
    for edge_ms in sorted(set(edges)):
        at_ms = edge_ms + rng.uniform(-_GC_MS, 5)
        found.append({"at_ms": at_ms, "do": "stall", "name": "gc_collect", "ms": _GC_MS})
    return found


def late_ms(gesture: Gesture, run: Run) -> float:
    """From complete to durable (or to answered); ValueError when something else came of it."""
    events = [event for event in map(parse_event, run.console) if event is not None]
    near = [event for event in events if -300 < event.ticks_ms - gesture.complete_ms < 3000]
    told = [event for event in near if event.what == "gesture"]
    if [event.fields["means"] for event in told] != [gesture.means]:
        raise ValueError(f"{gesture} became {told}")
    if gesture.record and not any(_is_record(event, gesture, told[0]) for event in near):
        raise ValueError(f"{gesture} left no durable record")
    return told[0].ticks_ms - gesture.complete_ms


def _is_record(event: LoggedEvent, gesture: Gesture, told: LoggedEvent) -> bool:
    # The meaning is logged after it has been carried out, so the record comes first.
    return (
        event.what == "alarm.durable"
        and 0 <= told.ticks_ms - event.ticks_ms <= 5
        and gesture.record.items() <= event.fields.items()
    )


def fall(folder: Path) -> Path:
    """A trace on which a pre-alarm begins."""
    return traces.write_sim_trace(folder / "fall", Body().walk_fall_lie(20.0, 40.0))
