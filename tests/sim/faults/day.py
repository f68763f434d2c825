"""A bad day: one fault, then a fall and a squeeze, and what came of them.

The badge hangs on somebody who walks from 15 s on, falls at 36 s and lies there; the centre closes
the alarm; at 68 s both buttons are squeezed. The fault begins at 10 s unless its row says so.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from badge.core.alarm import kinds
from badge.core.codec import wire
from badge.core.ticks import PERIOD
from badge.core.wearer import reasons
from nabij.data import traces
from nabij.hardware import power
from nabij.virtual.badge import RESPAWN, Fact, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from sim.options import option
from sim.options.option import NEEDED, Option
from tests.sim.faults.patches import MAIN, PATCHES
from tests.sim.lives import felt, on, said
from tests.sim.wlan_badge import SETTINGS, wlan
from tests.worlds import Site

FOLDER: Final = Path(__file__).parent
FALL_MS: Final = 35_864
SQUEEZE_MS: Final = 68_000
_WALK_MS: Final = 15_000
_LASTS_S: Final = 95
# Of a fall: the verdict 2.5 s after it, 20 s of pre-alarm, sending; of a squeeze: R18.
_IN_TIME_MS: Final = {kinds.MAN_DOWN: 27_000, kinds.SOS: 30_000}
# What a wearer can feel of a fault.
TELLING: Final = (
    *("LIMITED", "NOT_PROTECTED", "NO_NETWORK", "NOT_DELIVERED"),
    *("LOW_BATTERY", "NOT_WORN", "STOPPED"),
)
# The order of the groups in the table.
GROUPS: Final = (
    *("sensor", "flash", "modem", "tasks", "memory", "usb", "clock", "config", "power", "lines"),
    "wlan",
)
# A badge that sends by WLAN alone, and from which no fall is expected.
_BY_WLAN: Final = "xiao_s3_fob"
ROW: Final = (
    Option("name", "text", NEEDED, "the fault"),
    Option("when", "list", (), "verbs, in seconds"),
    Option("modem", "table", {}, "the modem's options"),
    Option("wlan", "table", {}, "the options of WLAN, in its group"),
    Option("imu", "table", {}, "the accelerometer's options"),
    Option("pmu", "table", {}, "the power chip's options"),
    Option("settings", "table", {}, "of the badge"),
    Option("config", "text", None, "config.json as it is written"),
    Option("patch", "text", "", "how the application is broken: one of patches.py"),
    Option("flash_blocks", "nth", 256, "of 4 kB"),
    Option("ticks_offset_ms", "ms", 0, "where ticks begin"),
    Option("lasts_s", "ms", _LASTS_S, "how long it is lived"),
    Option("restarts", "count", None, "how often the badge starts anew at most"),
    Option("fall", ("yes", "late", "no"), NEEDED, "whether it raises its alarm"),
    Option("sos", ("yes", "late", "no"), NEEDED, "whether it is delivered"),
    Option("wearer", "list", NEEDED, "signals that tell of the fault"),
    Option("centre", "list", NEEDED, "reasons that it is told"),
    Option("note", "text", "", "what the columns do not say"),
)
# Between the names of two patches.
AND: Final = " & "
_IN_MS: Final = {"at_s": "at_ms", "every_s": "every_ms", "until_s": "until_ms"}


@dataclass(frozen=True)
class Columns:
    """Whether a fall was raised and a squeeze arrived: yes, late, no; and who was told what."""

    fall: str
    sos: str
    wearer: tuple[str, ...]
    centre: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One fault of a group; `given` as written."""

    group: str
    name: str
    given: Fact
    expected: Columns

    @property
    def id(self) -> str:
        return f"{self.group}: {self.name}"


def rows() -> Iterator[Row]:
    """Every fault of the table; OptionError for a word that no row can have."""
    for group in GROUPS:
        path = FOLDER / f"{group}.toml"
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["fault"]:
            given = option.filled(ROW, entry, f"The fault '{group}: {entry.get('name')}'")
            expected = Columns(
                given["fall"],
                given["sos"],
                tuple(sorted(given["wearer"])),
                tuple(sorted(given["centre"])),
            )
            yield Row(group, given["name"], given, expected)


def live(row: Row, site: Site, folder: Path) -> tuple[Columns, Run]:
    """Live through the day of this fault."""
    given = row.given
    folder.mkdir(parents=True, exist_ok=True)
    by_wlan = row.group == "wlan"
    settings = SETTINGS if by_wlan else {"shift_test": False}
    provision = site.provision_with(folder / "provision", {**settings, **given["settings"]})
    if given["config"] is not None:
        (provision / "config.json").write_text(given["config"])
    main = None
    if given["patch"]:
        main = folder / "main.py"
        main.write_text(patched(given["patch"]))
    closes = {"then": [[wire.STATUS_CLOSED, 3000]]}
    modem = dict(given["modem"])
    remote = {**closes, **modem.pop("remote", {})}
    samples = Body().walk_fall_lie(20.0, 60.0)
    scenario = Scenario(
        duration_ms=int(given["lasts_s"] * 1000),
        provision=provision,
        board=_BY_WLAN if by_wlan else power.REFERENCE_BOARD,
        modem=None if by_wlan else site.modem(**modem, remote=remote),
        wlan=wlan(site, **given["wlan"], remote=remote) if by_wlan else None,
        imu=given["imu"],
        pmu=given["pmu"],
        trace=Trace(traces.write_sim_trace(folder / "fall", samples), start_ms=_WALK_MS),
        events=[
            *map(in_ms, given["when"]),
            {"at_ms": SQUEEZE_MS, "do": "press", "ms": 1600},
        ],
        main=main,
        ticks_offset_ms=given["ticks_offset_ms"],
        flash_blocks=given["flash_blocks"],
    )
    run = run_fast(scenario, folder=folder / "badge", respawn=RESPAWN)
    return seen(run, given["ticks_offset_ms"]), run


def seen(run: Run, ticks_offset_ms: int) -> Columns:
    """The four columns of what was lived."""
    told = {name for name in felt(run) if name in TELLING}
    # The application is over by then, and its log no longer says what the motor does.
    stopped = said(run, "usb.stopped")
    if stopped and on(run, "motor", stopped[0].ticks_ms, stopped[0].ticks_ms + 3000):
        told.add("STOPPED")
    return Columns(
        _detected(run, ticks_offset_ms),
        _arrived(run, kinds.SOS, SQUEEZE_MS),
        tuple(sorted(told)),
        tuple(sorted(_reasons(run))),
    )


def _detected(run: Run, ticks_offset_ms: int) -> str:
    """Whether the badge raised its alarm about the fall, or else the receiver has it.

    A log that nobody reads is cut short, and its clock may begin anew with a start.
    """
    arrived = _arrived(run, kinds.MAN_DOWN, FALL_MS)
    raised = said(run, "alarm.state", kind="man_down", state="RAISED")
    if not raised:
        return arrived
    waited_ms = (raised[0].ticks_ms - ticks_offset_ms) % PERIOD - FALL_MS
    return "yes" if 0 <= waited_ms <= _IN_TIME_MS[kinds.MAN_DOWN] else arrived


def _arrived(run: Run, kind: int, since_ms: int) -> str:
    for fact in run.facts:
        if fact.get("remote") == "incident" and fact["kind"] == kind:
            return "yes" if fact["t_ms"] - since_ms <= _IN_TIME_MS[kind] else "late"
    return "no"


def _reasons(run: Run) -> set[str]:
    names: dict[Any, str] = {one.number: one.name for one in reasons.TABLE}
    return {
        names[fact["reason"]] if fact["kind"] == kinds.FAULT else kinds.of(fact["kind"]).name
        for fact in run.facts
        if fact.get("remote") == "technical"
    }


def patched(names: str) -> str:
    """main.py of an application that is broken in these ways of patches.py."""
    patches = [PATCHES[name] for name in names.split(AND)]
    return MAIN.format(patch="\n".join(map(_apart, patches)))


def in_ms(event: Fact) -> Fact:
    """The verb with its times in milliseconds."""
    return {
        _IN_MS.get(name, name): value * 1000 if name in _IN_MS else value
        for name, value in event.items()
    }


def _apart(patch: str) -> str:
    """In a function of its own: of two patches each has its names."""
    return f"def broken():\n{textwrap.indent(patch, '    ')}\nbroken()"
