"""A socket of the modem whose own task ends or hangs; the rest is in tests/sim/test_modem.py."""

import pytest

from tests.sim.modem_scripts import run


def test_a_socket_whose_task_is_cancelled_ends() -> None:
    out = run("""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    async def dies(*command, **data):
        raise asyncio.CancelledError()
    at.command = dies
    sock.write(b"hello")
    print(await sock.wait_readable(60_000), sock.error and sock.error.code)
asyncio.run(main())
""")
    assert out == ["True modem.lost"]


@pytest.mark.parametrize("step", ["command", "receive"])
def test_a_socket_whose_task_hangs_ends_after_what_a_step_may_take(step: str) -> None:
    """Whether it is to send or to receive: who waits hears of it within twice 25 s."""
    out = run(f"""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    works = at.{step}
    async def hangs(*command, **data):
        await asyncio.sleep_ms(10_000_000)
    at.{step} = hangs
    started = ticks_ms()
    sock.write(b"hello")
    is_ready = await sock.wait_readable(60_000)
    print(is_ready, sock.hangs(), sock.error.code, ticks_diff(ticks_ms(), started) <= 51_000)
    at.{step} = works
    await sock.aclose()
    await sock.open("echo", 7, 20_000)
    await write(sock, b"hello")
    print(await read(sock, 5), sock.hangs())
asyncio.run(main())
""")
    assert out == ["True True modem.hangs True", "b'hello' False"]


def test_a_far_end_that_says_nothing_is_no_socket_that_hangs() -> None:
    out = run("""
boot(rtt_ms=100, servers=lambda world: Echo(world, lambda data: b""))
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    sock.write(b"hello")
    print(await sock.wait_readable(90_000), sock.error)
asyncio.run(main())
""")
    assert out == ["False None"]


@pytest.mark.parametrize(("lived_ms", "hangs"), [(90, False), (8_000, False), (11_000, True)])
def test_one_that_ends_within_its_first_step_does_not_hang(lived_ms: int, hangs: bool) -> None:
    """A far end that closes at once leaves what was written unsent: the badge went on to die."""
    out = run(f"""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    works = at.command
    async def slow(*command, **data):
        await asyncio.sleep_ms(10_000_000)
    at.command = slow
    sock.write(b"hello")
    await asyncio.sleep_ms({lived_ms})
    at.command = works
    await sock.aclose()
    print(sock.hangs())
asyncio.run(main())
""")
    assert out == [str(hangs)]


@pytest.mark.parametrize(
    ("befalls", "is_there"), [("", True), ("power_loss", False), ("hang", False)]
)
def test_whether_the_modem_is_there_is_known_in_a_second(befalls: str, is_there: bool) -> None:
    """One that is not ends the connection, as one that fell silent in it does."""
    out = run(f"""
boot(rtt_ms=100)
async def main():
    at = await ready()
    sock = ModemSocket(at)
    await sock.open("echo", 7, 20_000)
    if {befalls!r}:
        rig.model.control({befalls!r}, {{}})
    started = ticks_ms()
    print(await sock.sound(), sock.is_bearer_lost(), ticks_diff(ticks_ms(), started) < 1_500)
asyncio.run(main())
""")
    assert out == [f"{is_there} {not is_there} True"]
