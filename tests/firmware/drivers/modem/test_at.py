"""The AT channel on a bad line: a command ends in an answer or an AtError, and the next works."""

import pytest

from tests.mp import run_mp

RIG = """
from tests.sim.mp_modem_rig import Echo, Rig
POISON = b"\\r\\nOK\\r\\nERROR\\r\\n+CARECV: 9,\\r\\n> +CADATAIND: 0\\r\\n"
rig = Rig({"powered": True, "boot_ms": 0, "register_ms": 0, "rtt_ms": 40}, servers=Echo)
import asyncio
from time import ticks_diff, ticks_ms
from badge.drivers.modem.at import AtChannel, AtError, ModemError
PREPARE = (b"ATE0", b"AT+CEREG=4", b"AT+CNACT=0,1")
async def prepare():
    at = rig.channel()
    await asyncio.sleep_ms(100)
    for text in PREPARE:
        await at.command(text, 2000)
    await asyncio.sleep_ms(200)
    return at
async def works(at):
    lines = await at.command(b"AT+CPSI?", 2000, expect=b"+CPSI:")
    assert len(lines) == 1 and lines[0].endswith(b"-10,-87,-57,22"), lines
"""

SWEEP = """
FAULT, COUNT = "lose_bytes", 1
async def exchange(at):
    await at.command(b'AT+CAOPEN=0,0,"TCP","echo",7', 20000, expect=b"+CAOPEN: 0,")
    await at.command(b"AT+CASEND=0,%d" % len(POISON), 3000, data=POISON)
    await asyncio.sleep_ms(100)
    into = bytearray(1460)
    n = await at.receive(b"AT+CARECV=0,1460", b"+CARECV: ", memoryview(into), 3000)
    return n
async def main():
    at = await prepare()
    codes = {}
    byte = 0
    while True:
        byte += 1
        before = rig.model.line.sent_bytes
        getattr(rig.model.line, FAULT)(byte, COUNT)
        started = ticks_ms()
        try:
            n = await exchange(at)
            assert n in (0, len(POISON)), (byte, n)
            code = "fine"
        except AtError as error:
            code = error.code
        took = ticks_diff(ticks_ms(), started)
        assert took < 30000, (byte, took)
        codes[code] = codes.get(code, 0) + 1
        uncut = rig.model.line.sent_bytes - before < byte
        if code == "fine":
            rig.model.line.lose_bytes(1, 0)
        await works(at)
        try:
            await at.command(b"AT+CACLOSE=0", 2000)
        except AtError as error:
            assert error.code == "at.error", error
        if uncut:
            break
    assert code == "fine"
    print(byte, sorted(codes))
asyncio.run(main())
"""


@pytest.mark.parametrize("fault", ["lose_bytes", "spoil_bytes"])
@pytest.mark.parametrize("count", [1, 8, 30])
def test_a_fault_at_any_byte_is_an_at_error_and_the_next_command_works(fault, count):
    sweep = SWEEP.replace('"lose_bytes", 1', f'"{fault}", {count}')
    steps, codes = run_mp(RIG + sweep).split(" ", 1)
    assert int(steps) > 100
    assert "at.timeout" in codes


def test_payload_may_contain_anything_a_modem_says():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    await at.command(b'AT+CAOPEN=0,0,"TCP","echo",7', 20000, expect=b"+CAOPEN: 0,")
    for data in (POISON, b">", b"\\r\\n", b",", bytes(range(256)), b"+CARECV: 5,OK\\r\\n" * 80):
        await at.command(b"AT+CASEND=0,%d" % len(data), 3000, data=data)
        await asyncio.sleep_ms(100)
        into = bytearray(1460)
        n = await at.receive(b"AT+CARECV=0,1460", b"+CARECV: ", memoryview(into), 3000)
        assert bytes(into[:n]) == data, data
    print("same", rig.servers.connections[0].got[:4])
asyncio.run(main())
"""
    )
    assert out.startswith("same")


def test_unsolicited_lines_between_and_inside_answers_reach_their_handlers():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    seen = []
    at.on(b"+CADATAIND", seen.append)
    say = lambda: rig.model.line.send(b"\\r\\n+CADATAIND: 3\\r\\n")
    for i in range(40):
        rig.world.at(rig.world.now_us + 1000 * i, say)
    for _ in range(5):
        await works(at)
    await asyncio.sleep_ms(200)
    at.off(b"+CADATAIND", seen.append)
    print(len(seen), set(seen))
asyncio.run(main())
"""
    )
    assert out == "40 {b'+CADATAIND: 3'}\n"


def test_noise_of_any_length_is_bounded_and_forgotten():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    lies = (b"+CARECV: 99999,", b"+CARECV: 5,", b"\\x00\\r" * 900)
    for noise in (b"\\xff" * 5000, b">" * 3000) + lies:
        rig.model.line.send(noise)
        await asyncio.sleep_ms(len(noise) // 11 + 50)
        try:
            await works(at)
        except AtError as error:
            await works(at)
    print("alive", at.garbage > 0)
asyncio.run(main())
"""
    )
    assert out == "alive True\n"


def test_an_answer_longer_than_a_line_is_dropped_and_told():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    long = b"\\r\\n+CPSI: " + b"x" * 700
    rig.world.at(rig.world.now_us + 2000, lambda: rig.model.line.send(long))
    try:
        await works(at)
    except AtError as error:
        print(error.code)
    await works(at)
    print("next works")
asyncio.run(main())
"""
    )
    assert out.splitlines()[-1] == "next works"
    assert out.splitlines()[0] in ("at.garbage", "at.timeout", "next works")


def test_a_refused_command_is_an_error_at_once():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    started = ticks_ms()
    for text in (b"AT+CARECV=0,10", b"AT+NONSENSE", b"AT+CASEND=9,10"):
        try:
            await at.command(text, 5000, data=b"0123456789" if b"SEND" in text else None)
        except AtError as error:
            print(error.code)
    print(ticks_diff(ticks_ms(), started) < 200)
    await works(at)
asyncio.run(main())
"""
    )
    assert out.split() == ["at.error"] * 3 + ["True"]


def test_a_late_answer_is_not_taken_for_the_next_commands():
    """The answer to a command that timed out comes while the next one waits."""
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    for wait in range(1, 60):
        try:
            await at.command(b"AT+CPSI?", wait, expect=b"+CPSI:")
        except AtError as error:
            assert error.code == "at.timeout", error
        clock = await at.command(b"AT+CCLK?", 2000, expect=b"+CCLK:")
        assert clock[0].startswith(b'+CCLK: "27'), clock
        assert (await at.command(b"AT", 2000)) == []
    print("in step")
asyncio.run(main())
"""
    )
    assert out == "in step\n"


def test_a_cancelled_command_leaves_a_channel_that_works():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    for wait in range(0, 40, 3):
        task = asyncio.create_task(at.command(b"AT+CPSI?", 2000, expect=b"+CPSI:"))
        await asyncio.sleep_ms(wait)
        task.cancel()
        await works(at)
    print("works")
asyncio.run(main())
"""
    )
    assert out == "works\n"


def test_a_dead_modem_is_told_within_bounds():
    out = run_mp(
        RIG
        + """
async def main():
    at = await prepare()
    rig.model.lose_power()
    for _ in range(3):
        started = ticks_ms()
        try:
            await at.command(b"AT+CPSI?", 1000, expect=b"+CPSI:")
        except AtError as error:
            print(error.code, ticks_diff(ticks_ms(), started) <= 2800)
asyncio.run(main())
"""
    )
    assert out == "at.timeout True\n" * 3


def test_a_line_that_never_takes_what_is_written_is_a_modem_that_does_not_answer() -> None:
    script = """
async def main():
    class Filled:
        is_full = False
        def __init__(self, stream):
            self.stream = stream
            self.readinto, self.write = stream.readinto, stream.write
        async def drain(self):
            if self.is_full:
                await asyncio.Event().wait()
            await self.stream.drain()
    stream = Filled(asyncio.StreamReader(rig.uart))
    at = AtChannel(stream)
    asyncio.create_task(at.run())
    await works(at)
    stream.is_full = True
    started = ticks_ms()
    print(await at.answers(8_000))
    try:
        await at.command(b"AT+CPSI?", 2_000)
    except AtError as error:
        print(error.code, ticks_diff(ticks_ms(), started) <= 10_000)
    stream.is_full = False
    await works(at)
asyncio.run(main())
"""
    assert run_mp(RIG + script).splitlines() == ["False", "at.timeout True"]
