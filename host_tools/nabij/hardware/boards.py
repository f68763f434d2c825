"""Board definitions: read hardware/boards/*.toml, generate the firmware's wiring from them.

`python -m nabij.hardware.boards` writes firmware/badge/boards/<id>.py, `--check` only compares.
"""

import argparse
import sys
import tomllib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from badge.core import placement
from nabij import places
from nabij.hardware.board_parts import (
    CHARGE_MA,
    CHARGE_MV,
    FORMS,
    IMUS,
    KINDS,
    MODEM_RAILS,
    NEEDED_RAILS,
    OWN_PARTS,
    PIN_FIELDS,
    PULL_OHM,
    PULLED,
    RAILS,
    UPLINKS,
    WAKE_PINS,
    Battery,
    Board,
    Buzzer,
    Detector,
    Enclosure,
    Gnss,
    Haptic,
    Imu,
    Modem,
    Part,
    Pmu,
    Rip,
    Sos,
    SosRight,
    StatusLed,
    Uplink,
    needed_by_kind,
)
from nabij.hardware.board_source import firmware_source

DEFINITIONS = places.HARDWARE / "boards"
GENERATED = places.FIRMWARE / "badge" / "boards"

LAST_GPIO = 48
# Only RTC pins can wake the chip; what raises an alarm must be able to.
LAST_RTC_GPIO = 21


class BoardError(Exception):
    """A board definition that cannot be built; one sentence that says what to change."""


def load(board_id: str) -> Board:
    """The board definition hardware/boards/<board_id>.toml; raises BoardError."""
    path = DEFINITIONS / f"{board_id}.toml"
    if not path.is_file():
        known = ", ".join(all_ids()) or "none"
        raise BoardError(f"There is no board '{board_id}'; the boards defined are: {known}.")
    return parse(board_id, path.read_text(encoding="utf-8"))


def all_ids() -> list[str]:
    """The ids of all board definitions."""
    return sorted(path.stem for path in DEFINITIONS.glob("*.toml"))


def parse(board_id: str, text: str) -> Board:
    """A checked Board from the text of its definition; raises BoardError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{board_id}.toml is not valid TOML: {error}.") from error
    reserved = raw.pop("reserved", {})
    sources = raw.pop("sources", {})
    headers = raw.pop("headers", {})
    figures = raw.pop("power", {})
    board = Board(
        id=board_id,
        name=_text(board_id, "name", raw),
        mcu=_text(board_id, "mcu", raw),
        micropython_image=_text(board_id, "micropython_image", raw),
        data_dir=_text(board_id, "data_dir", raw),
        form=_text(board_id, "form", raw),
        detector=_part(board_id, "detector", Detector, raw),
        uplink=_part(board_id, "uplink", Uplink, raw),
        imu=_part(board_id, "imu", Imu, raw),
        sos=_part(board_id, "sos", Sos, raw),
        sos_right=_part(board_id, "sos_right", SosRight, raw),
        rip=_part(board_id, "rip", Rip, raw),
        haptic=_part(board_id, "haptic", Haptic, raw),
        buzzer=_part(board_id, "buzzer", Buzzer, raw),
        status_led=_part(board_id, "status_led", StatusLed, raw),
        modem=_part(board_id, "modem", Modem, raw),
        gnss=_part(board_id, "gnss", Gnss, raw),
        battery=_part(board_id, "battery", Battery, raw),
        pmu=_part(board_id, "pmu", Pmu, raw),
        enclosure=_part(board_id, "enclosure", Enclosure, raw),
        headers={name: _header(board_id, name, headers[name]) for name in headers},
        reserved={_whole(board_id, "reserved", pin): str(why) for pin, why in reserved.items()},
        sources={str(key): str(value) for key, value in sources.items()},
        power=figures,
    )
    if raw:
        raise BoardError(f"{board_id}.toml has an unknown entry '{next(iter(raw))}'; remove it.")
    _check_words(board)
    _check_pins(board)
    _check_headers(board)
    _check_pulls(board)
    _check_charger(board)
    _check_rails(board)
    return board


def wiring(board: Board) -> dict[str, Any]:
    """What hangs on which bus and pin, part by part, for the scenario of the virtual badge."""
    return {part: asdict(getattr(board, part)) for part in PIN_FIELDS}


def stale(target_dir: Path = GENERATED) -> list[str]:
    """Names of generated files that differ from what their definition gives, or are orphans."""
    wrong = []
    expected = {f"{board_id}.py": firmware_source(load(board_id)) for board_id in all_ids()}
    for name, text in expected.items():
        path = target_dir / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    present = {path.name for path in target_dir.glob("*.py")} - {"__init__.py"}
    return wrong + sorted(present - expected.keys())


def generate(target_dir: Path = GENERATED) -> list[str]:
    """Write the wiring of every board; the names of the files that changed."""
    changed = []
    for name in stale(target_dir):
        if name.removesuffix(".py") in all_ids():
            text = firmware_source(load(name.removesuffix(".py")))
            (target_dir / name).write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nabij.hardware.boards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 when stale")
    options = parser.parse_args(arguments)
    try:
        names = stale() if options.check else generate()
    except BoardError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check and names:
        print(
            f"{', '.join(names)} in firmware/badge/boards does not match hardware/boards; "
            "run `make boards`.",
            file=sys.stderr,
        )
        return 1
    for name in names:
        print(f"wrote firmware/badge/boards/{name}")
    return 0


def _part(board_id: str, key: str, kind: type[Part], raw: dict[str, Any]) -> Part:
    table = raw.pop(key, None)
    if not isinstance(table, dict):
        raise BoardError(f"{board_id}.toml needs a table [{key}].")
    wanted = {field.name: field.type for field in fields(kind)}
    unused = _unused(board_id, key, table, wanted)
    for name in unused & table.keys():
        raise BoardError(f"{board_id}.toml [{key}] has no use for '{name}'; remove it.")
    # What is not there has no pin and no address.
    nothing: dict[Any, Any] = {int: 0, str: "", bool: False}
    table = {**{name: nothing.get(wanted[name], []) for name in unused}, **table}
    if "fitted" in wanted:
        table.setdefault("fitted", True)
    for name in table:
        if name not in wanted:
            raise BoardError(f"{board_id}.toml [{key}] has an unknown entry '{name}'; remove it.")
    for name, expected in wanted.items():
        value = table.get(name)
        if not _fits(value, expected):
            words = (
                *((str, "a text"), (int, "a whole number"), (bool, "true or false")),
                (float, "millimetres, as 33.0"),
            )
            word = next((text for one, text in words if one is expected), "a list of texts")
            raise BoardError(f"{board_id}.toml [{key}] needs '{name}', {word}.")
        if name.endswith("_level") and value not in {0, 1}:
            raise BoardError(f"{board_id}.toml [{key}] needs '{name}' to be 0 or 1.")
    return kind(**table)


def _unused(
    board_id: str, key: str, table: dict[str, Any], wanted: dict[str, Any]
) -> AbstractSet[str]:
    """The names of what a part of this kind has no use for: all, of one that is not fitted."""
    if "fitted" in wanted and table.get("fitted") is False and len(table) == 1:
        return wanted.keys() - {"fitted"}
    if key not in KINDS:
        return set()
    entry, kinds = KINDS[key]
    if table.get(entry) not in kinds:
        raise BoardError(f"{board_id}.toml [{key}] needs '{entry}', one of {', '.join(kinds)}.")
    return wanted.keys() - {entry, *kinds[table[entry]]}


def _fits(value: object, expected: Any) -> bool:
    if expected == list[str]:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    # type() and not isinstance(): to Python a bool is an int, to a definition it is not.
    return type(value) is expected


def _text(board_id: str, key: str, raw: dict[str, Any]) -> str:
    value = raw.pop(key, None)
    if not isinstance(value, str):
        raise BoardError(f"{board_id}.toml needs a text '{key}'.")
    return value


def _whole(board_id: str, key: str, text: str) -> int:
    if not text.isdecimal():
        raise BoardError(f"{board_id}.toml [{key}] has '{text}' where a GPIO number is needed.")
    return int(text)


def _check_words(board: Board) -> None:
    words = [
        ("form", board.form, FORMS),
        ("[imu] chip", board.imu.chip, IMUS),
        ("[detector] placement", board.detector.placement, tuple(placement.ABLE)),
        *(("[uplink] kinds", kind, UPLINKS) for kind in board.uplink.kinds or ["none"]),
    ]
    for what, word, known in words:
        if word not in known:
            raise BoardError(
                f"{board.id}.toml has '{word}' as {what}; use one of {', '.join(known)}."
            )
    _check_axes(board)
    if board.sos.kind == "pmu_key" and (board.pmu.chip != "axp2101" or board.sos_right.fitted):
        raise BoardError(
            f"{board.id}.toml: [sos] is the key of the power chip, so [pmu] is an axp2101 and "
            "[sos_right] has 'fitted = false'; correct one."
        )
    if ("modem" in board.uplink.kinds) != board.modem.fitted:
        raise BoardError(
            f"{board.id}.toml: [uplink] names a modem where [modem] is fitted, and nowhere else."
        )


def _check_axes(board: Board) -> None:
    axes = board.imu.axes
    letters = [axis.removeprefix("-") for axis in axes]
    if sorted(letters) != ["x", "y", "z"]:
        raise BoardError(
            f"{board.id}.toml [imu] has {axes} as 'axes'; write each of x, y and z once, "
            "with a minus where it points the other way."
        )
    swaps = sum(one > other for i, one in enumerate(letters) for other in letters[i + 1 :])
    if (swaps + sum(axis.startswith("-") for axis in axes)) % 2:
        raise BoardError(
            f"{board.id}.toml [imu] has {axes} as 'axes', which no chip can be turned to: it is "
            "mirrored; look again which axis points where."
        )


def _check_pins(board: Board) -> None:
    taken: dict[int, str] = {}
    for what, pin in board.pins():
        if not 0 <= pin <= LAST_GPIO:
            raise BoardError(f"{board.id}.toml: {what} is GPIO{pin}; use 0 to {LAST_GPIO}.")
        if pin in board.reserved:
            raise BoardError(
                f"{board.id}.toml: {what} is GPIO{pin}, which is reserved for "
                f"{board.reserved[pin]}; choose another pin."
            )
        if pin in taken and not _on_one_bus(board, what, taken[pin]):
            raise BoardError(
                f"{board.id}.toml: {what} and {taken[pin]} are both GPIO{pin}; move one."
            )
        if what in WAKE_PINS and pin > LAST_RTC_GPIO:
            raise BoardError(
                f"{board.id}.toml: {what} is GPIO{pin}, which cannot wake the chip; "
                f"use 0 to {LAST_RTC_GPIO}."
            )
        taken[pin] = what
    is_pair = board.sos_right.fitted
    if is_pair and board.sos.active_level != board.sos_right.active_level:
        raise BoardError(
            f"{board.id}.toml: sos and sos_right have different active levels; wire both alike."
        )


def _on_one_bus(board: Board, what: str, other: str) -> bool:
    """Whether both are the same wire of a bus that their parts share."""
    (part, line), (other_part, other_line) = (name.split(".") for name in (what, other))
    one, two = getattr(board, part), getattr(board, other_part)
    if line != other_line or line not in ("sda", "scl"):
        return False
    return bool((one.sda, one.scl) == (two.sda, two.scl))


def _header(board_id: str, name: str, positions: object) -> list[str]:
    if not isinstance(positions, list) or not positions or not _fits(positions, list[str]):
        raise BoardError(
            f"{board_id}.toml [headers] needs '{name}', a list of what each position carries."
        )
    return [str(position) for position in positions]


def _check_headers(board: Board) -> None:
    offered = [position for positions in board.headers.values() for position in positions]
    for what, pin in board.pins():
        # A board without connectors comes with all its parts.
        is_own = board.headers and what.partition(".")[0] in OWN_PARTS
        if is_own and f"GPIO{pin}" not in offered:
            raise BoardError(
                f"{board.id}.toml: {what} is GPIO{pin}, which no connector of [headers] carries; "
                "choose one that can be soldered to."
            )
    twice = {one for one in offered if one.startswith("GPIO") and offered.count(one) > 1}
    if twice:
        raise BoardError(f"{board.id}.toml [headers] has {min(twice)} twice; correct one.")


def _check_pulls(board: Board) -> None:
    least, most = PULL_OHM
    for name in PULLED:
        part = getattr(board, name)
        needed = needed_by_kind(name, part)
        if needed is not None and "external_pull_ohm" not in needed:
            continue
        if getattr(part, "fitted", True) and not least <= part.external_pull_ohm <= most:
            raise BoardError(
                f"{board.id}.toml [{name}] needs 'external_pull_ohm' of {least} to {most}: "
                "the chip's own resistors do nothing while it sleeps."
            )


_CHARGER = (("charge_ma", CHARGE_MA), ("charge_mv", CHARGE_MV))


def _check_charger(board: Board) -> None:
    battery = board.battery
    # Another charger takes no orders.
    limits = () if board.pmu.chip != "axp2101" else _CHARGER
    for name, known in limits:
        value = getattr(battery, name)
        if value not in known:
            raise BoardError(
                f"{board.id}.toml [battery] has '{name}' of {value}, which the charger cannot "
                f"be told; use one of {', '.join(map(str, known))}."
            )
    if battery.charge_ma > battery.capacity_mah:
        raise BoardError(
            f"{board.id}.toml [battery] has 'charge_ma' of {battery.charge_ma} for a cell of "
            f"{battery.capacity_mah} mAh; charge it in an hour or more."
        )


def _check_rails(board: Board) -> None:
    if board.pmu.chip != "axp2101":
        return
    known = [name for register in RAILS for name in register]
    for name in board.pmu.rails:
        if name not in known:
            raise BoardError(
                f"{board.id}.toml [pmu] has the rail '{name}'; use those of {', '.join(known)}."
            )
    needed = NEEDED_RAILS | (MODEM_RAILS if board.modem.fitted else frozenset())
    missing = sorted(needed - set(board.pmu.rails))
    if missing:
        raise BoardError(
            f"{board.id}.toml [pmu] leaves {' and '.join(missing)} out of 'rails', which the "
            "badge cannot run without; add it."
        )


if __name__ == "__main__":
    sys.exit(main())
