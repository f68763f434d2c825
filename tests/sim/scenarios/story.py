"""A story is plain data: given a badge and a body, when this happens, then that is felt."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from nabij.centre.watch.quiet import DEFAULT_MIN
from nabij.data import traces
from nabij.event_lines import LoggedEvent, parse_event
from nabij.virtual.badge import POWER_CUT, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from sim.options import option, verbs
from sim.options.option import NEEDED, Option, OptionError, meant
from tests.worlds import Site

FOLDER: Final = Path(__file__).parent
Fact = dict[str, Any]
_STORY: Final = (
    Option("name", "text", NEEDED, "what happens"),
    Option("requirements", "list", (), "which of them it shows"),
    Option("why", "text", "", "what the claims do not say"),
    Option("given", "table", {}, "see _GIVEN"),
    Option("when", "list", (), "verbs, in seconds"),
    Option("then", "list", NEEDED, "claims"),
)
_GIVEN: Final = (
    Option("lasts_s", "ms", NEEDED, "how long it is lived"),
    Option("profile", "text", "discreet", "of the badge"),
    Option("config", "table", {}, "settings of the badge"),
    Option("motion", "list", None, "methods of Body with their arguments; walking"),
    Option("seed", "count", 1, "of the body"),
    Option("modem", "table", {}, "the modem's options"),
    Option("imu", "table", {}, "the accelerometer's options"),
    Option("pmu", "table", {}, "the power chip's options"),
    Option("stalls", "stalls", {}, "entries of sim/stalls.py"),
    Option("quiet_min", "count", DEFAULT_MIN, "after which the receiver calls a badge quiet"),
)
# Words of a verb that a story says in seconds.
_IN_MS: Final = {"at_s": "at_ms", "every_s": "every_ms", "until_s": "until_ms"}
# Of a story alone: a badge whose power is cut starts again, unless it is cut for good.
_FOR_GOOD: Final = "for_good"


@dataclass(frozen=True)
class Story:
    """One story of a file; `source` is the file's stem, `given`, `when`, `then` as written."""

    source: str
    name: str
    given: Fact
    when: list[Fact]
    then: list[Fact]
    requirements: list[str] = field(default_factory=list)
    why: str = ""

    @property
    def id(self) -> str:
        return f"{self.source}: {self.name}"


@dataclass(frozen=True)
class Told:
    """What came of a story: the run, the badge's log and the observations of the world."""

    story: Story
    site: Site
    run: Run
    events: list[LoggedEvent]
    facts: list[Fact]


def stories() -> Iterator[Story]:
    """Every story of the library; OptionError for a word that no story can have."""
    for path in sorted(FOLDER.glob("*.toml")):
        for entry in tomllib.loads(path.read_text())["story"]:
            yield read(path.stem, entry)


def read(source: str, entry: Fact) -> Story:
    """The story of one entry of a file; OptionError for a word that no story can have."""
    whose = f"The story '{source}: {entry.get('name')}'"
    whole = option.filled(_STORY, entry, whose)
    given = option.filled(_GIVEN, whole["given"], f"What {whose} is given")
    for name, *_ in given["motion"] or ():
        if not callable(getattr(Body, name, None)):
            moves = [move for move in vars(Body) if not move.startswith("_")]
            raise OptionError(f"{whose} moves as nobody can, {name!r}: {meant(name, moves)}")
    for event in whole["when"]:
        _check_event(whose, event, given["lasts_s"])
    return Story(source=source, **{**whole, "given": given})


def _check_event(whose: str, event: Fact, lasts_s: float) -> None:
    for in_s, in_ms in _IN_MS.items():
        if in_ms in event:
            raise OptionError(f"{whose} counts in seconds: {in_s}, not {in_ms}.")
    if "at_s" not in event:
        raise OptionError(f"{whose} does not say when (at_s) it does {event.get('do')!r}.")
    if _FOR_GOOD in event and event.get("do") != "power_cut":
        raise OptionError(f"{whose} has a {event.get('do')} for good: only a power_cut is.")
    verbs.parse(_verb(event), verbs.WHEN)
    if event["at_s"] >= lasts_s:
        raise OptionError(f"{whose} ends at {lasts_s} s, before its {event['do']!r} comes.")


def tell(story: Story, site: Site, folder: Path) -> Told:
    """Live through the story in virtual time; power cuts and resets are lived through too."""
    told = Told(story, site, Run([], []), [], [])
    cuts = [event for event in story.when if event["do"] in ("power_cut", "flash_cut")]
    for done in range(len(cuts) + 1):
        # A cut that has been lived through must not come again in the same moment.
        events = [_verb(event) for event in story.when if event not in cuts[:done]]
        run = run_fast(_scenario(story, site, folder, events), folder=folder)
        told.run.lines.extend(run.lines)
        told.run.exit_codes.extend(run.exit_codes)
        if run.exit_codes[-1] != POWER_CUT or cuts[done].get(_FOR_GOOD):
            break
    told.events.extend(event for event in map(parse_event, told.run.console) if event is not None)
    told.facts.extend(told.run.facts)
    return told


def _scenario(story: Story, site: Site, folder: Path, events: list[Fact]) -> Scenario:
    given = story.given
    config = {"profile": given["profile"], **given["config"]}
    return Scenario(
        duration_ms=round(given["lasts_s"] * 1000),
        provision=site.provision_with(folder / "provision", config),
        modem=site.modem(**_modem(given["modem"])),
        trace=Trace(_trace(story, folder)),
        events=events,
        stalls=given["stalls"],
        imu=given["imu"],
        pmu=given["pmu"],
    )


def _modem(options: Fact) -> Fact:
    return {**options, "remote": {"observe_frames": True, **options.get("remote", {})}}


def _trace(story: Story, folder: Path) -> Path:
    body = Body(seed=story.given["seed"])
    moves = story.given["motion"] or [["walking", story.given["lasts_s"]]]
    samples = np.concatenate([getattr(body, name)(*rest) for name, *rest in moves])
    return traces.write_sim_trace(folder / "motion", samples)


def _verb(event: Fact) -> Fact:
    """A verb of docs/simulator.md; stories count in seconds."""
    return {
        _IN_MS.get(key, key): value * 1000 if key in _IN_MS else value
        for key, value in event.items()
        if key != _FOR_GOOD
    }
