"""JSON as sheets: what it holds many of becomes the rows of one, each sensor's a sheet of its own.

Objects in a list (also one a line), lists of numbers in a list, or one list a column.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from nabij.data.common import UnusableFileError
from nabij.data.own.heading import OTHER_SENSOR

# Which sensor an object is of, as loggers of telephones call it.
_SENSOR: Final = frozenset({"sensor", "sensorname", "sensor_name", "name", "type"})
_MOST_SENSORS: Final = 60
_AXES: Final = ("x", "y", "z")
_LEAST: Final = 2
_DEEPEST: Final = 6

Rows = list[list[Any]]


def json_sheets(name: str, text: str) -> dict[str, Rows]:
    """The sheets in a text of JSON by name; UnusableFileError for what is none or holds none."""
    sheets: dict[str, Rows] = {}
    for path, found in _tables(_parsed(name, text), ""):
        for sheet, rows in found.items():
            sheets[" ".join(filter(None, [path, sheet]))] = rows
    if not sheets:
        raise UnusableFileError(
            f"{name} is JSON without a list of samples: write one object with x, y and z on each "
            "line, or export CSV."
        )
    return sheets


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        whole = error
    except RecursionError as error:
        raise UnusableFileError(f"{name} is JSON of lists in lists: export CSV.") from error
    lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
    values = []
    for at, line in lines:
        try:
            values.append(json.loads(line))
        except (json.JSONDecodeError, RecursionError) as error:
            # One value over many lines, or one a line of which one is damaged.
            spot = f"line {at}" if values else f"line {whole.lineno}, column {whole.colno}"
            raise UnusableFileError(
                f"{name} is JSON that ends too early or is damaged ({spot}): export it again, or "
                "as CSV."
            ) from error
    return values


def _tables(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, dict[str, Rows]]]:
    """What is a table in a value, with the keys that lead there."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list) and len(value) >= _LEAST:
        if all(isinstance(one, dict) for one in value):
            yield path, _of_objects(value)
        elif all(_is_row(one) for one in value):
            yield path, {"": [list(one) for one in value]}
        else:
            for one in value:
                yield from _tables(one, path, depth + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _tables(one, path, depth + 1)
    elif isinstance(value, dict):
        columns = {key: one for key, one in value.items() if _is_column(one)}
        lengths = {len(one) for one in columns.values()}
        if len(columns) >= len(_AXES) and len(lengths) == 1:
            yield path, {"": [list(columns), *map(list, zip(*columns.values(), strict=True))]}
            return
        for key, one in value.items():
            yield from _tables(one, f"{path} {key}".strip(), depth + 1)


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= len(_AXES) and not any(map(_is_nested, value))


def _is_column(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= _LEAST and not any(map(_is_nested, value))


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)


def _of_objects(objects: Sequence[Mapping[str, Any]]) -> dict[str, Rows]:
    """Rows of objects by their sensor, where a key names several; else all as one."""
    flat = [dict(_flat(one, "")) for one in objects]
    # What comes first may tell of the telephone.
    for key in dict.fromkeys(key for one in flat for key in one):
        if key.casefold() not in _SENSOR:
            continue
        kinds = list(dict.fromkeys(str(one.get(key, "")) for one in flat))
        # A name or type may be that of what was done too.
        of_sensors = "sensor" in key.casefold() or any(map(OTHER_SENSOR.search, kinds))
        if of_sensors and 1 < len(kinds) <= _MOST_SENSORS:
            return {
                kind: _rows([one for one in flat if str(one.get(key, "")) == kind])
                for kind in kinds
            }
    return {"": _rows(flat)}


def _rows(flat: Sequence[Mapping[str, Any]]) -> Rows:
    keys = list(dict.fromkeys(key for one in flat for key in one))
    return [keys, *([one.get(key, "") for key in keys] for one in flat)]


def _flat(value: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    """Keys and values of an object, those inside others with the keys that lead there."""
    for key, one in value.items():
        name = f"{before} {key}".strip()
        if isinstance(one, dict):
            yield from _flat(one, name)
        elif isinstance(one, list):
            # A vector; lists of other things are no cells.
            if len(one) == len(_AXES) and not any(map(_is_nested, one)):
                yield from (
                    (f"{name} {axis}", cell) for axis, cell in zip(_AXES, one, strict=True)
                )
        else:
            yield name, one
