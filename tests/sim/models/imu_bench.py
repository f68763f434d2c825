"""A model of the accelerometer on a bench: a world, INT1, and what it is made to feel."""

from __future__ import annotations

from typing import Any

from tests.sim.stub import answers

_BENCH = """
import json
from array import array
from sim.models.lsm6dsox import Lsm6dsoxModel
from sim.options.imu import OPTIONS
from sim.options.option import filled
from sim.world.board import Line
from sim.world.world import World
from sim.world.motion import Motion

class Quiet:
    def write(self, text):
        seen.append(text)

seen = []
world = World(output=Quiet())
int1 = Line(world, 12)
rises = []
int1.listen(lambda level: rises.append(world.now_us) if level else None)
motion = Motion(world)

def world_is(*mg):
    motion.play_samples(array("h", mg), 1000, 0, "hold")

def chip(ppm=0, noise_percent=0):
    given = {"odr_ppm": ppm, "noise_percent": noise_percent}
    return Lsm6dsoxModel(world, motion, int1, filled(OPTIONS, given, "The accelerometer"))

def w(model, register, *values):
    model.write(register, bytes(values))

def r(model, register, n=1):
    buf = bytearray(n)
    model.read_into(register, buf)
    return list(buf)

def pass_us(us):
    world.busy_us(us)

def continuous(model, watermark=26, ctrl1=0x44):
    w(model, 0x07, watermark & 255, watermark >> 8)
    w(model, 0x0D, 0x08)
    w(model, 0x10, ctrl1)
    w(model, 0x09, ctrl1 >> 4)
    w(model, 0x0A, 6)

def waiting(model):
    low, high = r(model, 0x3A, 2)
    return low | (high & 3) << 8

def words(model):
    n = waiting(model)
    data = r(model, 0x78, 7 * n)
    return [data[7 * i : 7 * i + 7] for i in range(n)]

out = {}
"""


def bench(script: str) -> dict[str, Any]:
    result: dict[str, Any] = answers(_BENCH + script + "\nprint(json.dumps(out))\n")
    return result
