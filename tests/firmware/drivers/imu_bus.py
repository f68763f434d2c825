"""Two benches for the accelerometer's driver: a hand-made bus, and the chip's model."""

from __future__ import annotations

import json
from typing import Any

from tests.mp import run_mp

# A bus that is a table of registers; FIFO words are queued by the test. DS12814 is the source of
# every number below, not the model in sim/.
BUS = """
import json, sys, gc
from array import array
from badge.drivers.chip_errors import ImuError
from badge.drivers.imu_fifo import ImuFifo
from badge.drivers.lsm6dsox import Lsm6dsox

class Bus:
    def __init__(self):
        self.registers = bytearray(128)
        self.registers[0x0F] = 0x6C
        self.fifo = b""
        self.status = (0, 0)
        self.writes = []
        self.resets_pending = 1
        self.fail = None
    def readfrom_mem(self, addr, register, n):
        buf = bytearray(n)
        self.readfrom_mem_into(addr, register, buf)
        return bytes(buf)
    def readfrom_mem_into(self, addr, register, buf):
        if self.fail:
            raise OSError(self.fail)
        assert addr == 0x6A
        if register == 0x78:
            assert len(buf) % 7 == 0 and len(buf) <= 224
            buf[:] = self.fifo[:len(buf)]
            self.fifo = self.fifo[len(buf):]
        elif register == 0x3A:
            buf[0], buf[1] = self.status
        elif register == 0x12 and self.registers[0x12] & 1:
            self.resets_pending -= 1
            buf[0] = 0x05 if self.resets_pending > 0 else 0x04
            if self.resets_pending <= 0:
                self.registers[0x12] = 0x04
        else:
            buf[:] = self.registers[register:register + len(buf)]
    def writeto_mem(self, addr, register, data):
        if self.fail:
            raise OSError(self.fail)
        self.writes.append([register] + list(data))
        self.registers[register:register + len(data)] = data

def word(x, y, z, tag=0x11):
    return bytes([tag]) + b"".join((v & 0xFFFF).to_bytes(2, "little") for v in (x, y, z))
def signed(values):
    return [(v ^ 0x8000) - 0x8000 for v in values]
def code_of(what, *args):
    try:
        what(*args)
        return None
    except ImuError as error:
        return error.code
bus = Bus()
imu = ImuFifo(Lsm6dsox(bus))
dst = array("H", bytes(192))
out = {}
"""


def on_bus(script: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(
        run_mp(BUS + script + "\nprint(json.dumps(out))\n").splitlines()[-1]
    )
    return result


LIFE = """
import asyncio, time
from array import array
from machine import Pin, SoftI2C
from badge.drivers.chip_errors import ImuError
from badge.drivers.imu_fifo import ImuFifo
from badge.drivers.lsm6dsox import Lsm6dsox
imu = ImuFifo(Lsm6dsox(SoftI2C(Pin(21), Pin(13), freq=400000, timeout=100)))
buf = array("H", bytes(192))
lost = []
def drain():
    total = 0
    while True:
        n = imu.read_into(buf)
        if imu.gap:
            lost.append(imu.gap)
            imu.pass_gap()
            continue
        total += n
        if not imu.has_more():
            return total
"""
CHIP = """
from sim.world import current
chip = current.board.bus(21, 13).devices[0x6A]
"""
