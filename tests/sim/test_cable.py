"""A silent alarm cannot be read on the cable: the same bytes with and without one."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from badge.core.alarm import kinds
from badge.core.codec.usb_protocol import SERVICE
from nabij.data.traces import write_sim_trace
from nabij.virtual.badge import Fact, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.firmware.tasks.usb.console import asked, proof
from tests.sim.faults.patches import MAIN
from tests.sim.lives import at, hold, said, squeeze, tap
from tests.worlds import Site

VERBS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("hello", {}),
    ("status", {}),
    ("log", {}),
    ("config.get", {}),
    ("config.get", {"start": 8}),
    ("config.stage", {"settings": {}}),
    ("config.commit", {}),
    ("config.revert", {}),
    ("provision.state", {}),
    ("provision.begin", {}),
    ("provision.put", {"name": "ca.der", "data": ""}),
    ("provision.commit", {}),
    ("update.status", {}),
    ("update.begin", {}),
    ("selftest", {"check": "imu"}),
    ("selftest", {"check": "flash"}),
    ("selftest", {"check": "button"}),
    ("sms.test", {}),
    ("reset", {}),
    ("list", {"path": "/"}),
    ("get", {"path": "/alarms", "offset": 0}),
    ("authorise", {"mac": "00" * 32}),
    ("fly", {}),
)
# main.py of a badge that says which verbs its console has, and who may use each.
TELLS_ITS_VERBS = MAIN.format(
    patch="""
import json
from badge.tasks.usb.usb_console import UsbConsole
init = UsbConsole.__init__
def tells(self, stream, out, verbs, *more):
    init(self, stream, out, verbs, *more)
    print("verbs " + json.dumps({name: access for name, (access, _) in verbs.items()}))
UsbConsole.__init__ = tells
"""
)
QUESTIONS = 132
# What an alarm may delay a line by: public-key steps, flash and collections (sim/stalls.py).
TOLERANCE_MS = 400
SAME_MS = 20
# A TLS signature is a byte longer or not, which moves a flash erase to before a line or after it.
# So many lives of each side before it is no chance that none is like one of the other.
_LIVES = 6
# Of a log line, of one that is read back, of the last failure; and what took so long.
TIMES = re.compile(r'(?<=^# )\d+|(?<=, ")\d+(?= [a-z])|(?<="last_error": \[)\d+|(?<=took_ms=)\d+')


@dataclass(frozen=True)
class Way:
    """How an alarm comes about. Without it there are `calm` events and motion."""

    name: str
    kind: str
    events: list[Fact] = field(default_factory=list)
    motion: str = ""
    calm: list[Fact] = field(default_factory=list)
    calm_motion: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    modem: dict[str, Any] = field(default_factory=dict)
    lasts_ms: int = 75_000


_CHECK_IN = {"check_in_min": 1, "check_in_jitter_s": 0, "check_in_grace_s": 30}
_STILL = {"rest_hold_ms": 10_000, "rest_upright_hold_ms": 10_000}
WAYS: Final = (
    Way("squeeze", "sos", [squeeze(20_000)]),
    Way("called false", "sos", [squeeze(20_000), *tap(40_000, "right")]),
    Way("undelivered", "sos", [squeeze(20_000)], modem={"no_coverage_ms": [[19_000, 90_000]]}),
    Way("fall", "man_down", motion="fall"),
    Way("rest", "rest", motion="sit", calm_motion="walk", settings=_STILL),
    Way("tilt", "tilt", motion="faint", calm_motion="walk", settings={"tilt_hold_ms": 5000}),
    Way("rip", "rip", [at(20_000, "rip_open")]),
    Way("flight", "flight", motion="run", calm_motion="walk", settings={"flight_alarm": True}),
    Way("no check-in", "check_in", calm=tap(70_000), settings=_CHECK_IN, lasts_ms=118_000),
    Way(
        *("check-in under duress", "check_in", tap(70_000, "right", 2)),
        calm=tap(70_000, "left", 2),
        settings=_CHECK_IN,
        lasts_ms=118_000,
    ),
    Way("amber", "amber", [hold(20_000)]),
    Way("amber comes due", "amber", [hold(20_000)], settings={"amber_min": 5}, lasts_ms=400_000),
    # Heard by everybody; under which eyes it was called false is not.
    Way(
        *("pna11, called false under duress", "sos", [squeeze(20_000), *tap(40_000, "right", 2)]),
        calm=[squeeze(20_000), *tap(40_000, "left", 2)],
        settings={"profile": "pna11"},
    ),
    Way(
        *("pna11, check-in under duress", "check_in", tap(70_000, "right", 2)),
        calm=tap(70_000, "left", 2),
        settings={"profile": "pna11", **_CHECK_IN},
        lasts_ms=118_000,
    ),
    Way(
        *("amber ended under duress", "amber", [hold(20_000), *tap(40_000, "right", 2)]),
        calm=[hold(20_000), *tap(40_000, "left", 2)],
    ),
)


def questions(lasts_ms: int) -> list[Fact]:
    """Everything that can be asked, again and again from before the alarm to its end."""
    return [
        asked(9_000 + (lasts_ms - 15_000) * n / QUESTIONS, n, verb, **fields)
        for n in range(QUESTIONS)
        for verb, fields in [VERBS[n % len(VERBS)]]
    ]


def lines_of(run: Run) -> list[Fact]:
    return [fact for fact in run.facts if "usb_line" in fact]


def times_apart(lines: list[str]) -> tuple[list[str], list[int]]:
    """Lines without the milliseconds in them, and those."""
    times = [int(ms) for line in lines for ms in TIMES.findall(line)]
    return [TIMES.sub("0", line) for line in lines], times


def heard(run: Run) -> list[str]:
    """What came out of the port, but for a nonce and the heap: garbage of some lines more or less.

    Under `discreet` the heap is told to nobody.
    """
    changes = re.compile(r'(?<="nonce": )"[0-9a-f]{32}"|(?<="heap_free": )\d+')
    return [changes.sub("0", fact["usb_line"]) for fact in lines_of(run)]


def are_alike(one: Run, other: Run) -> bool:
    """Whether both say the same, each time within 20 ms of the other's."""
    (lines, times), (other_lines, other_times) = (times_apart(heard(run)) for run in (one, other))
    return lines == other_lines and all(
        abs(a - b) <= SAME_MS for a, b in zip(times, other_times, strict=True)
    )


@pytest.fixture(scope="module")
def motions(tmp_path_factory: pytest.TempPathFactory, fall: Trace) -> dict[str, Trace | None]:
    """What a wearer may do, by name."""
    body, folder = Body(), tmp_path_factory.mktemp("motions")
    made = {
        "walk": body.walking(75.0),
        "sit": np.concatenate([body.walking(15.0), body.sitting(60.0, None)]),
        "faint": np.concatenate([body.walking(20.0), body.faint(), body.rolling(55.0)]),
        "run": np.concatenate([body.walking(15.0), body.jogging(40.0), body.walking(20.0)]),
    }
    traces = {name: Trace(write_sim_trace(folder / name, one)) for name, one in made.items()}
    return {"": None, "fall": fall, **traces}


@dataclass(frozen=True)
class Lives:
    """Badges that are asked all the time; a life without an alarm is lived once for all ways."""

    site: Site
    folder: Path
    motions: dict[str, Trace | None]
    calm: dict[str, Run] = field(default_factory=dict)

    def with_alarm(self, way: Way) -> Run:
        return self._lived(way, way.events, way.motion, way.modem)

    def without(self, way: Way, time: int = 0) -> Run:
        key = repr((way.calm, way.calm_motion, way.settings, way.lasts_ms, time))
        if key not in self.calm:
            self.calm[key] = self._lived(way, way.calm, way.calm_motion, {})
        return self.calm[key]

    def _lived(self, way: Way, events: list[Fact], motion: str, modem: dict[str, Any]) -> Run:
        settings = {"shift_test": False, **way.settings}
        return run_fast(
            Scenario(
                duration_ms=way.lasts_ms,
                provision=self.site.provision_with(self.folder / way.name, settings),
                modem=self.site.modem(**modem),
                events=[*questions(way.lasts_ms), *events],
                trace=self.motions[motion],
                hear_usb=True,
            )
        )


@pytest.fixture(scope="module")
def lives(
    site: Site, tmp_path_factory: pytest.TempPathFactory, motions: dict[str, Trace | None]
) -> Lives:
    return Lives(site, tmp_path_factory.mktemp("lives"), motions)


def pair_of(lives: Lives, way: Way) -> tuple[Run, Run]:
    """A life without the alarm and one with it. Where everybody hears it the log shows its times.

    There they are the first that are alike, or the last pair of six lives each.
    """
    quiet_lives: list[Run] = []
    loud_lives: list[Run] = []
    for time in range(_LIVES if way.settings.get("profile") == "pna11" else 1):
        quiet_lives.append(lives.without(way, time))
        loud_lives.append(lives.with_alarm(way))
        for pair in itertools.product(quiet_lives, loud_lives):
            if are_alike(*pair):
                return pair
    return quiet_lives[-1], loud_lives[-1]


@pytest.mark.requirement("R19")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_an_alarm_changes_no_byte_on_the_cable(lives: Lives, way: Way) -> None:
    quiet, loud = pair_of(lives, way)
    assert said(loud, "alarm.state", kind=way.kind)
    assert way.calm or not said(quiet, "alarm.state")
    if way.settings.get("profile") != "pna11":
        assert heard(loud) == heard(quiet)
    else:
        assert times_apart(heard(loud))[0] == times_apart(heard(quiet))[0]
        assert are_alike(loud, quiet), f"times differ by over {SAME_MS} ms in {_LIVES} lives each"
    answers = [line for line in heard(quiet) if line.startswith("!")]
    assert len(answers) == QUESTIONS
    late = max(
        abs(one["t_ms"] - other["t_ms"])
        for one, other in zip(lines_of(loud), lines_of(quiet), strict=True)
    )
    assert late <= TOLERANCE_MS


@pytest.mark.requirement("R19")
def test_every_verb_that_anybody_may_use_is_asked(site: Site, tmp_path: Path) -> None:
    """The badge's own table: a new verb must be asked here too."""
    main = tmp_path / "main.py"
    main.write_text(TELLS_ITS_VERBS)
    run = run_fast(Scenario(duration_ms=2_000, provision=site.provision, main=main))
    (told,) = [line for line in run.console if line.startswith("verbs ")]
    table = json.loads(told.removeprefix("verbs "))
    verbs = {verb for verb, _ in VERBS}
    assert {name for name, access in table.items() if access != SERVICE} <= verbs
    # And one that is none, so that this is refused in the same words too.
    assert verbs - set(table) == {"fly"}
    assert any(access == SERVICE for access in table.values())


def test_every_kind_of_alarm_about_a_person_has_its_way() -> None:
    red = {kind.name for kind in kinds.TABLE if kind.category == kinds.RED}
    assert {way.kind for way in WAYS} == red


def test_whoever_has_the_key_is_told_all(site: Site, tmp_path: Path) -> None:
    provision = site.provision_with(tmp_path / "provision", {"shift_test": False})
    events = [
        asked(3000, 1, "hello"),
        asked(3500, 2, "authorise", mac=proof(site)),
        squeeze(4_000),
        asked(8_000, 3, "status"),
        asked(8_200, 4, "log"),
        asked(8_400, 5, "selftest", check="clock"),
    ]
    run = run_fast(Scenario(duration_ms=10_000, provision=provision, events=events, hear_usb=True))
    lines = heard(run)
    answers = {
        json.loads(line[1:])["id"]: json.loads(line[1:]) for line in lines if line[0] == "!"
    }
    assert answers[3]["ok"]["open_alarms"] == 1
    assert any("alarm.durable" in text for _, _, text in answers[4]["ok"]["records"])
    assert "ok" in answers[5]
    assert any("alarm.durable" in line for line in lines if line.startswith("# "))


def test_an_alarm_that_everybody_hears_is_no_secret(site: Site, tmp_path: Path) -> None:
    provision = site.provision_with(tmp_path / "provision", {"profile": "pna11"})
    run = run_fast(
        Scenario(
            duration_ms=10_000,
            provision=provision,
            events=[squeeze(4_000), asked(8_000, 3, "status")],
            hear_usb=True,
        )
    )
    lines = heard(run)
    assert any(line.startswith("# ") and "alarm.durable" in line for line in lines)
    assert any('"open_alarms": 1' in line for line in lines)
