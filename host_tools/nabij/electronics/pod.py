"""The design of hardware/electronics/*.toml joined to its board: parts, their pins and nets."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from nabij import places
from nabij.hardware.board_parts import Board
from nabij.hardware.boards import load as load_board

FOLDER: Final = places.HARDWARE / "electronics"
# The net of each pin that the board's file gives to something of ours.
SIGNALS: Final = {
    "imu.sda": "IMU_SDA",
    "imu.scl": "IMU_SCL",
    "imu.int1": "IMU_INT1",
    "sos.pin": "SOS_LEFT",
    "sos_right.pin": "SOS_RIGHT",
    "rip.pin": "RIP",
    "haptic.pin": "HAPTIC",
    "buzzer.pin": "BUZZER",
    "status_led.pin": "LIGHT",
}
SUPPLIES: Final = {"3V3": "+3V3", "GND": "GND"}


class DesignError(Exception):
    """A design that cannot be built; one sentence that says what to change."""


@dataclass(frozen=True)
class Kind:
    """What is bought; `ohm` of resistors, `footprint` of what lies on the carrier."""

    what: str
    value: str
    maker: str
    number: str
    symbol: str = ""
    footprint: str = ""
    ohm: int = 0


@dataclass(frozen=True)
class Part:
    """One part: place on the sheet (mm), place on the carrier (mm, degrees), net of each pin."""

    ref: str
    kind: Kind
    at: tuple[float, float]
    pins: Mapping[str, str]
    board: tuple[float, float, float] | None = None
    # The connector on which it hangs by wires; whether the wires of a connector leave the shell.
    on: str = ""
    outside: bool = False
    strip: str = ""
    # The chip itself, whose GPIO have the nets of the board's file.
    module: bool = False


@dataclass(frozen=True)
class Frame:
    """A part of the sheet (x, y, width, height in mm) with the parts in it."""

    title: str
    box: tuple[float, float, float, float]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Loose:
    """What is bought and in no drawing."""

    what: str
    maker: str
    number: str
    quantity: int


@dataclass(frozen=True)
class Box:
    """A symbol of ours: pins as (number, name, electrical type), None for a gap."""

    width: float
    left: tuple[tuple[str, str, str] | None, ...]
    right: tuple[tuple[str, str, str] | None, ...] = ()


@dataclass(frozen=True)
class Label:
    """A text on the front of the carrier; `at` is its middle."""

    text: str
    at: tuple[float, float]


@dataclass(frozen=True)
class Carrier:
    """The board that is made: outline and widths in mm, nets with wide tracks."""

    outline: tuple[tuple[float, float], ...]
    labels: tuple[Label, ...]
    clearance_mm: float
    track_mm: float
    wide_mm: float
    wide: frozenset[str]


@dataclass(frozen=True)
class Design:
    """Everything that the outputs are made from."""

    title: str
    board: Board
    frames: tuple[Frame, ...]
    loose: tuple[Loose, ...]
    boxes: Mapping[str, Box]
    # None of a schematic alone, of which nothing can be made.
    carrier: Carrier | None
    sources: Mapping[str, str] = field(default_factory=dict)
    # The net of each pin of the board's file that is in this design.
    signals: Mapping[str, str] = field(default_factory=lambda: SIGNALS)

    @property
    def to_make(self) -> Carrier:
        """The carrier; raises DesignError of a schematic alone."""
        if self.carrier is None:
            raise DesignError(f"{self.title}: there is no board of it to be made.")
        return self.carrier

    @property
    def parts(self) -> list[Part]:
        """All parts, in the order of the file."""
        return [part for frame in self.frames for part in frame.parts]

    def part(self, ref: str) -> Part:
        """One part by its name; raises DesignError."""
        for part in self.parts:
            if part.ref == ref:
                return part
        raise DesignError(f"There is no part {ref} in this design.")

    def nets(self) -> dict[str, list[tuple[str, str]]]:
        """Every net: its pins as (ref, number), both sorted as people count."""
        found: dict[str, list[tuple[str, str]]] = {}
        for part in self.parts:
            for pin, net in part.pins.items():
                found.setdefault(net, []).append((part.ref, pin))
        return {net: sorted(found[net], key=_as_counted) for net in sorted(found)}


def load(name: str, board: Board | None = None) -> Design:
    """The design hardware/electronics/<name>.toml, for its board or another; DesignError."""
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in FOLDER.glob("*.toml")))
        raise DesignError(f"There is no design '{name}'; there are: {known}.")
    return read(path.read_text(encoding="utf-8"), path.name, board)


def read(text: str, file: str, board: Board | None = None) -> Design:
    """A design from its text; raises DesignError."""
    try:
        raw = tomllib.loads(text)
        board = board or load_board(raw["board"])
        shared = _shared(raw.get("kinds_of"))
        kinds = {
            name: _made(Kind, table) for name, table in (shared["kinds"] | raw["kinds"]).items()
        }
        boxes = {name: _box(table) for name, table in (shared["boxes"] | raw["boxes"]).items()}
        boxes |= _strip_boxes(board)
        signals = SIGNALS | raw.get("signals", {})
        context = _Context(kinds, board, boxes, signals)
        frames = tuple(
            Frame(
                title=frame["title"],
                box=_numbers(frame["box"]),
                parts=tuple(_part(one, context) for one in frame["parts"]),
            )
            for frame in raw["frames"]
            if "only" not in frame or getattr(board, frame["only"]).fitted
        )
        return Design(
            title=raw["title"],
            board=board,
            frames=frames,
            loose=tuple(_made(Loose, table) for table in raw["loose"]),
            boxes=boxes,
            carrier=_carrier(raw["carrier"]) if "carrier" in raw else None,
            sources=raw["sources"],
            signals=signals,
        )
    except tomllib.TOMLDecodeError as error:
        raise DesignError(f"{file} is not valid TOML: {error}.") from error
    except KeyError as error:
        raise DesignError(f"{file} has no {error}, or names one that is not there.") from error
    except TypeError as error:
        raise DesignError(f"{file}: {error}.") from error


def strip_nets(board: Board, signals: Mapping[str, str] = SIGNALS) -> dict[str, str]:
    """The net of each name on the board's strips that is in use: GPIO14 has SOS_LEFT."""
    pins = dict(board.pins())
    nets = {f"GPIO{pins[what]}": net for what, net in signals.items() if what in pins}
    return SUPPLIES | nets


def _shared(name: str | None) -> dict[str, Any]:
    """The kinds and boxes of another design, which this one uses as well."""
    if name is None:
        return {"kinds": {}, "boxes": {}}
    raw = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return {
        # Of a design without a carrier nothing has a footprint.
        "kinds": {
            one: {key: value for key, value in table.items() if key != "footprint"}
            for one, table in raw["kinds"].items()
        },
        "boxes": raw["boxes"],
    }


def _carrier(raw: dict[str, Any]) -> Carrier:
    made: Carrier = _made(
        Carrier,
        {
            **raw,
            "outline": tuple(_numbers(point) for point in raw["outline"]),
            "wide": frozenset(raw["wide"]),
            "labels": tuple(Label(text, _numbers(at)) for text, at in raw["labels"].items()),
        },
    )
    return made


def place_of(board: Board, name: str) -> tuple[str, int]:
    """Strip and position (from 1) of a name such as GPIO14; raises DesignError."""
    for strip, names in board.headers.items():
        if name in names:
            return strip, names.index(name) + 1
    raise DesignError(f"{name} is on no strip of {board.name}; choose another pin.")


@dataclass(frozen=True)
class _Context:
    """What the parts of a design are read with."""

    kinds: Mapping[str, Kind]
    board: Board
    boxes: Mapping[str, Box]
    signals: Mapping[str, str]


def _part(raw: dict[str, Any], context: _Context) -> Part:
    board = context.board
    strip = raw.get("strip", "")
    kind = context.kinds[raw["kind"]]
    pins = {str(pin): net for pin, net in raw.get("pins", {}).items()}
    if raw.get("module"):
        # Which GPIO has which signal stands in the board's file only.
        nets = strip_nets(board, context.signals)
        box = context.boxes[kind.symbol]
        for pin in (*box.left, *box.right):
            if pin and pin[1].startswith("GPIO") and pin[1] in nets:
                pins[pin[0]] = nets[pin[1]]
    if strip:
        kind = Kind(**{**vars(kind), "symbol": f"Strip_{strip}"})
        nets = strip_nets(board)
        names = enumerate(board.headers[strip], 1)
        pins = {str(number): nets[name] for number, name in names if name in nets}
    place = raw.get("board")
    return Part(
        ref=raw["ref"],
        kind=kind,
        at=_numbers(raw["at"]),
        pins=pins,
        board=_numbers(place) if place else None,
        on=raw.get("on", ""),
        outside=raw.get("outside", False),
        strip=strip,
        module=bool(raw.get("module")),
    )


def _box(raw: dict[str, Any]) -> Box:
    left, right = (tuple(_pin(text) for text in raw[side]) for side in ("left", "right"))
    return Box(raw["width"], left, right)


def _pin(text: str) -> tuple[str, str, str] | None:
    if not text:
        return None
    number, name, kind = text.split()
    return number, name, kind


def _strip_boxes(board: Board) -> dict[str, Box]:
    # For KiCad's rule check one position drives each supply, and the others only carry it.
    kinds = dict.fromkeys(SUPPLIES, "power_out")
    passive = {"DC5", "VSYS", *SUPPLIES}
    boxes = {}
    for strip, names in board.headers.items():
        pins = []
        for position, name in enumerate(names, 1):
            kind = kinds.pop(name, "passive" if name in passive else "bidirectional")
            pins.append((str(position), name, kind))
        boxes[f"Strip_{strip}"] = Box(25.4, (), tuple(pins))
    return boxes


def _made(kind: Any, table: dict[str, Any]) -> Any:
    unknown = table.keys() - {one.name for one in fields(kind)}
    if unknown:
        raise TypeError(f"a {kind.__name__.lower()} has an unknown entry '{min(unknown)}'")
    return kind(**table)


def _numbers(values: list[float]) -> Any:
    return tuple(float(value) for value in values)


def _as_counted(pin: tuple[str, str]) -> tuple[str, int, str]:
    ref, number = pin
    letters = ref.rstrip("0123456789")
    return letters, int(ref.removeprefix(letters)), number.zfill(3)


def path_of(name: str) -> Path:
    """A file that lies beside the designs."""
    return FOLDER / name
