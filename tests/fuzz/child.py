"""Feeds one target under CPython, in a process of its own that can be killed.

Prints `at SEED` before each of so many inputs (with the input, when that is each of them),
`bad SEED INPUT WHY` and nothing more when one failed, and `end`. An input is hexadecimal, with
dots between its pieces.
"""

import sys
import traceback
from collections.abc import Sequence

from tests.fuzz.targets import made


def main(given: Sequence[str]) -> int:
    """PLACE FIRST COUNT EVERY [INPUT]"""
    place, first, count, every = given[0], int(given[1]), int(given[2]), int(given[3])
    kept = [bytes.fromhex(piece) for piece in given[4].split(".")] if len(given) > 4 else None
    target = made(place)
    for seed in range(first, first + count):
        pieces = kept or target.make(seed)
        if (seed - first) % every == 0:
            print("at", seed, text_of(pieces) if every == 1 else "", flush=True)
        try:
            target.run(pieces)
        except Exception as error:  # noqa: BLE001  whatever it is, it is what was looked for
            traceback.print_exc()
            print("bad", seed, text_of(pieces) or ".", f"{type(error).__name__}: {error}")
            return 0
    print("end")
    return 0


def text_of(pieces: Sequence[bytes]) -> str:
    """The pieces of an input as one word."""
    return ".".join(piece.hex() for piece in pieces)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
