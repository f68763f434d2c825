"""What is sealed of a hello: where its badge was, as a text whose length tells nothing."""

import json
from dataclasses import dataclass
from typing import Any, Final

from badge.core.codec import wire
from nabij.centre.location.kept import Place

# The longest has some 150 bytes.
_BYTES: Final = 192
_SECOND_MS: Final = 1_000


@dataclass(frozen=True)
class Found:
    """What was opened: where it was at that time, by which means it said so; None unsaid.

    It said so at `told_ms`, when its cell was that.
    """

    at_ms: int
    told_ms: int
    position: tuple[int, ...] | None
    cell: tuple[int, ...] | None
    zone: int | None


def place_in(hello: wire.Hello, heard_ms: int) -> Place:
    """What there is to keep of a hello that was said then and tells where its badge is."""
    age_s = 0 if hello.position is None else hello.position.age_s
    at_ms = heard_ms - age_s * _SECOND_MS
    values = {
        "at": at_ms,
        "position": None if hello.position is None else list(hello.position),
        "cell": None if hello.cell is None else list(hello.cell),
        "zone": hello.zone,
    }
    return Place(at_ms, json.dumps(values).encode().ljust(_BYTES))


def found_in(text: bytes) -> Found:
    """What `place_in` made; ValueError for anything else."""
    try:
        values = json.loads(text)
        position, cell = _numbers(values["position"]), _numbers(values["cell"])
        at_ms, age_s = int(values["at"]), 0 if position is None else position[3]
        return Found(at_ms, at_ms + age_s * _SECOND_MS, position, cell, values["zone"])
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("no sealed position") from error


def _numbers(found: Any) -> tuple[int, ...] | None:
    return None if found is None else tuple(int(one) for one in found)
