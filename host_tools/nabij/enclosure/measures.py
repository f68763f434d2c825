"""The millimetres of a shell, from hardware/enclosures/*.toml; and where a button sits in it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from nabij import places

FOLDER: Final = places.HARDWARE / "enclosures"
Point = tuple[float, float, float]
_SIDES: Final = ("left", "cap off")


class ShellError(Exception):
    """Measures that make no shell; one sentence that says what to change."""


@dataclass(frozen=True)
class Box:
    """A room between two corners; `lower` is the smaller in all three directions."""

    lower: Point
    upper: Point

    @property
    def size(self) -> Point:
        """Length in each direction."""
        x, y, z = (high - low for low, high in zip(self.lower, self.upper, strict=True))
        return x, y, z

    def shared_mm3(self, other: "Box") -> float:
        """The volume in common."""
        volume = 1.0
        for axis in range(3):
            low = max(self.lower[axis], other.lower[axis])
            volume *= max(min(self.upper[axis], other.upper[axis]) - low, 0.0)
        return volume


@dataclass(frozen=True)
class Content:
    """Something inside; `notch`: open at the antenna, so that its metal is not in the way."""

    name: str
    box: Box
    metal: bool = False
    notch: bool = False


@dataclass(frozen=True)
class Opening:
    """A way to something: through a side, or from above with the cap off."""

    name: str
    side: str
    box: Box


@dataclass(frozen=True)
class Shell:
    """Walls, groove and screws; all in mm."""

    wall: float
    floor: float
    roof: float
    split: float
    corner: float
    edge: float
    groove_width: float
    groove_depth: float
    post: float
    post_hole: float
    boss: float
    boss_hole: float
    boss_depth: float
    cap_hole: float


@dataclass(frozen=True)
class Button:
    """A captive button and the switch behind it on a strip of board; all in mm."""

    y: float
    z: float
    length: float
    height: float
    proud: float
    gap: float
    flange: float
    flange_over: float
    switch: float
    switch_travel: float
    slack: float
    strip: float
    strip_height: float
    strip_length: float
    pocket_wall: float

    @property
    def depth(self) -> float:
        """From the wall to the pocket's back: flange, slack, switch, strip."""
        return self.flange + self.slack + self.switch + self.strip + 0.1


@dataclass(frozen=True)
class Measures:
    """Everything that a shell is made from."""

    title: str
    inside: Box
    shell: Shell
    button: Button
    posts: tuple[tuple[float, float], ...]
    bosses: tuple[tuple[float, float], ...]
    lug: Point
    slot: tuple[float, float]
    slot_z: float
    # What must be reachable, and how: through a side, or with the cap off.
    reached: Mapping[str, str]
    openings: tuple[Opening, ...]
    contents: tuple[Content, ...]
    antenna: Box
    limit: Point
    thinnest: float
    grams: float
    grams_per_cm3: float
    settings: str
    sources: Mapping[str, str]

    @property
    def outside(self) -> Box:
        """The closed shell, without lug and buttons."""
        shell, (x, y, z), (right, end, top) = self.shell, self.inside.lower, self.inside.upper
        return Box(
            (x - shell.wall, y - shell.wall, z - shell.floor),
            (right + shell.wall, end + shell.wall, top + shell.roof),
        )


def load(name: str) -> Measures:
    """The measures hardware/enclosures/<name>.toml; raises ShellError."""
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
        raise ShellError(f"There is no shell '{name}'; there are: {known}.")
    return read(path.read_text(encoding="utf-8"), path.name)


def read(text: str, file: str) -> Measures:
    """Measures from their text; raises ShellError."""
    try:
        raw = tomllib.loads(text)
        lanyard, limits, told = raw["lanyard"], raw["limits"], raw["print"]
        return Measures(
            title=raw["title"],
            inside=_box(raw["inside"]),
            shell=_made(Shell, raw["shell"]),
            button=_made(Button, raw["button"]),
            posts=tuple((float(x), float(y)) for x, y in raw["screws"]["posts"]),
            bosses=tuple((float(x), float(y)) for x, y in raw["screws"]["bosses"]),
            lug=tuple(lanyard["lug"]),
            slot=tuple(lanyard["slot"]),
            slot_z=lanyard["z"],
            reached=_reached(raw["reached"]),
            openings=tuple(
                Opening(one["name"], one["side"], _box(one)) for one in raw["openings"]
            ),
            contents=tuple(
                Content(one["name"], _box(one), one.get("metal", False), one.get("notch", False))
                for one in raw["contents"]
            ),
            antenna=_box(raw["antenna"]),
            limit=tuple(limits["outside"]),
            thinnest=limits["thinnest"],
            grams=limits["grams"],
            grams_per_cm3=told["grams_per_cm3"],
            settings=told["settings"],
            sources=raw["sources"],
        )
    except tomllib.TOMLDecodeError as error:
        raise ShellError(f"{file} is not valid TOML: {error}.") from error
    except KeyError as error:
        raise ShellError(f"{file} has no {error}.") from error
    except (TypeError, ValueError) as error:
        raise ShellError(f"{file}: {error}.") from error


def _reached(raw: dict[str, str]) -> dict[str, str]:
    if "USB" not in raw:
        raise ValueError("[reached] does not ask for USB, by which every badge is charged")
    for name, side in raw.items():
        if side not in _SIDES:
            raise ValueError(f"[reached] has '{side}' for {name}; use one of {', '.join(_SIDES)}")
    return raw


def _box(raw: dict[str, Any]) -> Box:
    lower, upper = (tuple(float(one) for one in raw[end]) for end in ("from", "to"))
    if len(lower) != 3 or len(upper) != 3 or not all(map(float.__lt__, lower, upper)):
        raise ValueError(f"the box from {raw['from']} to {raw['to']} has no room")
    return Box((lower[0], lower[1], lower[2]), (upper[0], upper[1], upper[2]))


def _made(kind: Any, table: dict[str, float]) -> Any:
    unknown = table.keys() - {one.name for one in fields(kind)}
    if unknown:
        raise TypeError(f"[{kind.__name__.lower()}] has an unknown entry '{min(unknown)}'")
    return kind(**{name: float(value) for name, value in table.items()})
