"""Floors: a room may import itself, the ground and the rooms on the floors below its own."""

from __future__ import annotations

from collections import deque
from typing import Final

from tests.house.sources import Source, Sources, reaches

Floors = tuple[tuple[str, ...], ...]

# The modules that lie directly in `core` are its ground.
_CORE: Final[Floors] = (("detector", "codec"), ("alarm", "settings"), ("body", "wearer"))

# `virtual` and `usb` provision badges, so they stand above the centre's register, and not beside.
_NABIJ: Final[Floors] = (
    ("hardware", "detector", "acts"),
    ("data", "settings", "documents", "electronics", "enclosure", "gateway"),
    ("centre",),
    ("virtual", "usb"),
    ("replay", "release"),
    ("tune",),
    ("measure",),
    ("cli",),
)

# Modules that lie directly in the centre have a floor of their own.
_CENTRE: Final[Floors] = (
    ("clocks", "complaints", "languages", "worker"),
    ("recurring",),
    ("serving",),
    ("database",),
    ("people", "cells", "keeper"),
    ("incidents",),
    ("store",),
    ("beside",),
    ("asking",),
    ("register", "watch", "telling"),
    ("listeners", "notify", "webhooks", "workforce", "location"),
    ("escalation",),
    ("link",),
    ("health",),
    ("console", "upkeep"),
    ("cluster", "service", "operator"),
    ("node", "fleet", "handover", "sms"),
    ("motion", "privacy"),
)

# Who works with recordings alone must not need what receives alarms, by whatever way.
_WITHOUT_THE_CENTRE: Final = ("nabij.replay", "nabij.tune", "nabij.measure")


def core_floors(sources: Sources) -> list[str]:
    """The rooms of badge.core."""
    return _against(sources, "badge.core", _CORE)


def nabij_floors(sources: Sources) -> list[str]:
    """The rooms of the host tools; the topmost is `cli`, which nobody imports."""
    return _against(sources, "nabij", _NABIJ)


def centre_floors(sources: Sources) -> list[str]:
    """The rooms and the modules of the centre: nothing kept knows what is done with it."""
    package = "nabij.centre"
    level = {room: number for number, rooms in enumerate(_CENTRE) for room in rooms}
    wrong = []
    for file in sources:
        own = _room(file.module, package) if file.module.startswith(f"{package}.") else ""
        if not own:
            continue
        if own not in level:
            wrong.append(f"{file.path} stands on no floor; give it one in tests/house/floors.py")
            continue
        for name in file.imports:
            other = _room(name, package) if reaches(name, package) else ""
            if other and other != own and not level.get(other, len(level)) < level[own]:
                wrong.append(f"{file.path} imports {name}")
    return wrong


def analysis_needs_no_centre(sources: Sources) -> list[str]:
    """Replay, tuning and measuring load nothing of the centre."""
    wrong = []
    for file in sources.below("host_tools"):
        if reaches(file.module, *_WITHOUT_THE_CENTRE):
            way = _way(sources, file, "nabij.centre")
            if way:
                wrong.append(f"{file.path} reaches {way[-1]} by way of {', '.join(way[:-1])}")
    return wrong


def _against(sources: Sources, package: str, floors: Floors) -> list[str]:
    level = {room: number for number, rooms in enumerate(floors) for room in rooms}
    packages = {_room(file.module, package) for file in sources if _is_inside(file, package)}
    wrong = [
        f"{package}.{room} stands on no floor; give it one in tests/house/floors.py"
        for room in sorted(packages - level.keys() - {""})
    ]
    for file in sources:
        if not reaches(file.module, package):
            continue
        own = _room(file.module, package) if _is_inside(file, package) else ""
        for name in file.imports:
            other = _room(name, package) if reaches(name, package) else ""
            # The names in a module of the ground look like modules in a room.
            if other in level and other != own and not level[other] < level.get(own, -1):
                wrong.append(f"{file.path} imports {name}")
    return wrong


def _is_inside(file: Source, package: str) -> bool:
    """Whether it lies in a room of the package, and not directly in it."""
    folder = file.path.rsplit("/", 1)[0]
    return file.module.startswith(f"{package}.") and not folder.endswith(
        "/" + package.replace(".", "/")
    )


def _room(module: str, package: str) -> str:
    return module.removeprefix(package).removeprefix(".").split(".")[0]


def _way(sources: Sources, start: Source, goal: str) -> list[str] | None:
    """The modules passed from `start` to the first one in `goal`; None when there is no way."""
    ways: deque[tuple[Source, list[str]]] = deque([(start, [])])
    seen = {start.module}
    while ways:
        file, way = ways.popleft()
        for name in sorted(sources.imported_by(file) - seen):
            seen.add(name)
            if reaches(name, goal):
                return [*way, name]
            ways.append((sources.modules[name], [*way, name]))
    return None
