"""A story is plain data: given a badge and a body, when this happens, then that is felt."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from nabij.data import traces
from nabij.event_lines import Event, parse_event
from nabij.virtual.badge import POWER_CUT, Run, Scenario, Trace, run_fast
from nabij.virtual.body_model import Body
from tests.worlds import Site

FOLDER: Final = Path(__file__).parent
Fact = dict[str, Any]
_GIVEN: Final = {
    "profile",
    "config",
    "motion",
    "seed",
    "modem",
    "lasts_s",
    "stalls",
    "imu",
    "quiet_min",
}
# Words of a verb that a story says in seconds.
_IN_MS: Final = {"at_s": "at_ms", "every_s": "every_ms", "until_s": "until_ms"}
_KEYS: Final = {"name", "requirements", "given", "when", "then", "why"}


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
    events: list[Event]
    facts: list[Fact]


def stories() -> Iterator[Story]:
    """Every story of the library; ValueError for a word that no story can have."""
    for path in sorted(FOLDER.glob("*.toml")):
        for entry in tomllib.loads(path.read_text())["story"]:
            unknown = (entry.keys() - _KEYS) | (entry.get("given", {}).keys() - _GIVEN)
            if unknown:
                raise ValueError(f"{path.name}, {entry.get('name')!r}: what is {unknown}?")
            yield Story(source=path.stem, **{"given": {}, "when": [], **entry})


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
        if run.exit_codes[-1] != POWER_CUT or cuts[done].get("for_good"):
            break
    told.events.extend(event for event in map(parse_event, told.run.console) if event is not None)
    told.facts.extend(told.run.facts)
    return told


def _scenario(story: Story, site: Site, folder: Path, events: list[Fact]) -> Scenario:
    given = story.given
    config = {"profile": given.get("profile", "discreet"), **given.get("config", {})}
    return Scenario(
        duration_ms=round(given["lasts_s"] * 1000),
        provision=site.provision_with(folder / "provision", config),
        modem=site.modem(**_modem(given.get("modem", {}))),
        trace=Trace(_trace(story, folder)),
        events=events,
        stalls=given.get("stalls", {}),
        imu=given.get("imu", {}),
    )


def _modem(options: Fact) -> Fact:
    return {**options, "remote": {"observe_frames": True, **options.get("remote", {})}}


def _trace(story: Story, folder: Path) -> Path:
    body = Body(seed=story.given.get("seed", 1))
    moves = story.given.get("motion", [["walking", story.given["lasts_s"]]])
    samples = np.concatenate([getattr(body, name)(*rest) for name, *rest in moves])
    return traces.write_sim_trace(folder / "motion", samples)


def _verb(event: Fact) -> Fact:
    """A verb of sim/world/control.py; stories count in seconds."""
    return {_IN_MS.get(key, key): _ms(key, value) for key, value in event.items()}


def _ms(key: str, value: Any) -> Any:
    return value * 1000 if key in _IN_MS else value
