"""A drill on a bad day: the test that begins a shift, and the wearer's question after it.

The badge hangs on somebody who stands; the fault is there from 3 s on unless its row says so. The
link comes up at 9 s, the test of the shift is over at 11 s.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nabij.data import traces
from nabij.virtual.badge import RESPAWN, Fact, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from sim.options import option
from sim.options.option import NEEDED, Option
from tests.sim.faults import day
from tests.sim.lives import said, told
from tests.worlds import Site

FOLDER: Final = Path(__file__).parent
# What the badge says of itself at the beginning of a shift.
VERDICTS: Final = ("TEST_PASSED", "LIMITED", "NOT_PROTECTED", "TEST_FAILED")
_ANSWERS: Final = {"yes": "PROTECTED", "limited": "LIMITED", "no": "NOT_PROTECTED"}
_ASK_S: Final = 50
_AFTER_MS: Final = 4_000
ROW: Final = (
    Option("name", "text", NEEDED, "the fault"),
    Option("when", "list", (), "verbs, in seconds"),
    Option("modem", "table", {}, "the modem's options"),
    Option("imu", "table", {}, "the accelerometer's options"),
    Option("pmu", "table", {}, "the power chip's options"),
    Option("settings", "table", {}, "of the badge"),
    Option("config", "text", None, "config.json as it is written"),
    Option("patch", "text", "", "how the application is broken: one of patches.py, from 3 s on"),
    Option("flash_blocks", "nth", 256, "of 4 kB"),
    Option("ask_s", "ms", _ASK_S, "when the wearer asks"),
    Option("felt", "list", NEEDED, "of VERDICTS, in order, each once, before the wearer asks"),
    Option("answer", ("PROTECTED", "LIMITED", "NOT_PROTECTED", "-"), NEEDED, "to the wearer"),
    Option("note", "text", "", "what the columns do not say"),
)


@dataclass(frozen=True)
class Said:
    """What the badge said of itself unasked, each signal once, and what it answered."""

    felt: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Drill:
    """One fault, and what the badge is to say of itself; `given` as written."""

    given: Fact
    expected: Said

    @property
    def id(self) -> str:
        return str(self.given["name"])


def drills() -> Iterator[Drill]:
    """Every row of drill.toml; OptionError for a word that none can have."""
    text = (FOLDER / "drill.toml").read_text(encoding="utf-8")
    for entry in tomllib.loads(text)["drill"]:
        given = option.filled(ROW, entry, f"The drill '{entry.get('name')}'")
        yield Drill(given, Said(tuple(given["felt"]), given["answer"]))


def live(drill: Drill, site: Site, folder: Path) -> tuple[Said, Run]:
    """Live through the beginning of this shift."""
    given = drill.given
    folder.mkdir(parents=True, exist_ok=True)
    provision = site.provision_with(
        folder / "provision", {"shift_test": True, "shift_buttons": False, **given["settings"]}
    )
    if given["config"] is not None:
        (provision / "config.json").write_text(given["config"])
    main = None
    if given["patch"]:
        main = folder / "main.py"
        main.write_text(day.patched(given["patch"]).replace("12_000", "3_000"))
    ask_ms = 1000 * given["ask_s"]
    run = run_fast(
        Scenario(
            duration_ms=round(ask_ms + _AFTER_MS),
            provision=provision,
            modem=site.modem(**given["modem"]),
            imu=given["imu"],
            pmu=given["pmu"],
            trace=Trace(
                traces.write_sim_trace(folder / "stands", Body().standing(30.0)), after="loop"
            ),
            events=[
                *map(day.in_ms, given["when"]),
                {"at_ms": ask_ms, "do": "press", "button": "left", "ms": 120},
            ],
            main=main,
            flash_blocks=given["flash_blocks"],
        ),
        folder=folder / "badge",
        respawn=RESPAWN,
    )
    answers = said(run, "protected")
    answer = _ANSWERS[answers[-1].fields["verdict"]] if answers else "-"
    asked_ms = answers[-1].ticks_ms if answers else ask_ms
    unasked = [
        event.fields["pattern"]
        for event in said(run, "haptic")
        if event.ticks_ms < asked_ms and event.fields["pattern"] in VERDICTS
    ]
    return Said(tuple(dict.fromkeys(unasked)), answer), run


def arrived_before_passed(run: Run) -> bool:
    """Whether the receiver had a test of the shift before each TEST_PASSED."""
    lines: list[Any] = [line.fact or line.text for line in run.lines]
    passed = [n for n, line in enumerate(lines) if "pattern=TEST_PASSED" in str(line)]
    tests = [lines.index(fact) for fact in told(run, "test")]
    return all(any(test < n for test in tests) for n in passed)
