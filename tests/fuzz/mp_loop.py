"""The badge's side of tests/fuzz/child.py: one target under MicroPython, in virtual time.

Started with the target's place, the first seed, how many, and how often to tell; the pieces of a
kept input may follow. Prints what child.py prints.
"""

import sys
from binascii import hexlify, unhexlify

sys.path.insert(0, sys.path[-1] + "/sim/modules")

from sim.world import aio, current
from sim.world.board import Board
from sim.world.world import World

# Virtual time, and more for each piece: far longer than any wait of the firmware.
LIMIT_MS = 900_000
_PIECE_MS = 60_000


class _Silent:
    def write(self, text):
        return len(text)


def main():
    """As sys.argv says."""
    place, first, count, every = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    world = World(live=False, stalls="off", output=_Silent())
    current.world = world
    current.board = Board(world, 1, 0, b"fuzz")
    # Before asyncio and a driver are imported.
    aio.install(world)
    module, _, name = place.partition(":")
    target = __import__(module, None, None, ("make",))
    if name:
        target = getattr(target, name)
    kept = None
    if len(sys.argv) > 5:
        kept = [unhexlify(piece) for piece in sys.argv[5].split(".")]
    _go(target, range(first, first + count), every, kept)


def _go(target, seeds, every, kept):
    import asyncio

    for seed in seeds:
        pieces = kept or target.make(seed)
        if (seed - seeds.start) % every == 0:
            print("at", seed, _text(pieces) if every == 1 else "")
        why = None
        try:
            done = target.run(pieces)
            if done is not None:
                asyncio.run(asyncio.wait_for_ms(done, LIMIT_MS + len(pieces) * _PIECE_MS))
                # What was left to listen would be one more with each input.
                asyncio.new_event_loop()
        except asyncio.TimeoutError:
            why = "it takes for ever"
        except Exception as error:  # noqa: BLE001  whatever it is, it is what was looked for
            sys.print_exception(error, sys.stderr)
            why = "%s: %s" % (type(error).__name__, error)
        if why is not None:
            print("bad", seed, _text(pieces) or ".", why)
            return
    print("end")


def _text(pieces):
    return ".".join([hexlify(piece).decode() for piece in pieces])
