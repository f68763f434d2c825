"""Windows as badges keep and send them."""

from collections.abc import Sequence
from typing import Any

from badge.core.codec.motion_piece import Piece, room
from tests.host.motion_files import file_of

# Rest, a blow, rest again.
SAMPLES = [(0, 3, 1000)] * 250 + [(1500, -900, 2600)] * 4 + [(1000, 0, 40)] * 300


def window(
    badge: str = "anna",
    boot: int = 1,
    seq: int = 1,
    samples: Sequence[tuple[int, int, int]] = tuple(SAMPLES),
    **change: Any,
) -> bytes:
    """The file of a badge (badge/storage/motion_file.py)."""
    head = {
        0: 104,
        1: len(samples),
        2: badge,
        3: boot,
        4: seq,
        5: 2,
        6: 250,
        7: 500,
        8: 0,
        9: 0xFEDCBA98,
        10: "0.1.0",
        11: "card_badge",
        12: "neck",
        13: "x y z",
        14: 1000,
        15: [3, 16384, 16384, 16884],
        **{int(key[1:]): value for key, value in change.items()},
    }
    return file_of(head, samples)


def pieces(data: bytes, badge: str = "anna", boot: int = 1, seq: int = 1) -> list[Piece]:
    """As its badge sends it."""
    size = room(badge)
    return [
        Piece(badge, boot, seq, at, len(data), data[at : at + size])
        for at in range(0, len(data), size)
    ]
