"""eDRX in the modem's model: what comes for an idle radio waits for a window, what goes never."""

import pytest

from tests.sim.modem_scripts import run

# Prints when what a server says arrives (ms), for words said at these times.
HEARS = """
async def hears(said_ms):
    sock = ModemSocket(await ready())
    await sock.open("localhost", 8883, 20_000)
    connection = rig.servers.connections[-1]
    for at_ms, text in said_ms:
        rig.world.at(at_ms * 1000, lambda text=text: connection.on_data(text))
    left, chunk = len(said_ms), bytearray(64)
    while left:
        n = sock.readinto(chunk)
        if n is None:
            await sock.wait_readable(600_000)
        else:
            print(ticks_ms(), bytes(chunk[:n]).decode())
            left -= n
    return sock
"""


def heard(options: str, said_ms: list[tuple[int, bytes]], more: str = "") -> list[tuple[int, str]]:
    out = run(f"{HEARS}\nboot(rtt_ms=100, {options})\nasyncio.run(hears({said_ms!r}))\n{more}")
    return [(int(line.split()[0]), line.split()[1]) for line in out]


def test_an_idle_radio_is_called_in_the_next_window_and_later_words_come_with_it() -> None:
    got = heard('edrx_granted="0010"', [(64_100, b"a"), (70_000, b"b")])
    # Cycles of 20.48 s: the fifth begins at 81.92 s.
    assert "".join(text for _, text in got) == "ab"
    assert all(81_920 <= at_ms < 82_200 for at_ms, _ in got)


@pytest.mark.parametrize("options", ["", 'edrx="0010"', 'edrx_granted="none"'])
def test_without_it_in_force_nothing_waits(options: str) -> None:
    """As where a driver that is not told otherwise has switched off what the modem remembered."""
    ((at_ms, _),) = heard(options, [(70_000, b"a")])
    assert 70_000 <= at_ms < 70_300


def test_a_connected_radio_waits_for_nothing() -> None:
    """10 s after the last word either way the network lets it go."""
    said = [(82_500, b"a"), (91_500, b"b"), (100_500, b"c"), (111_500, b"d")]
    first, second, third, fourth = heard('edrx_granted="0010"', said)
    assert [second[0] - 91_500 < 300, third[0] - 100_500 < 300] == [True, True]
    # It is in the second half of its window, in which there is one more occasion: 102.4 s is past.
    assert 81_920 < first[0] < 84_800
    assert 122_880 <= fourth[0] < 123_200


def test_in_5_12_s_there_is_one_occasion_and_in_a_window_two() -> None:
    ((short_ms, _),) = heard('edrx_granted="0000"', [(61_500, b"a")])
    assert 66_560 <= short_ms < 66_900
    ((first_ms, _),) = heard('edrx_granted="0001"', [(61_500, b"a")])
    assert 64_000 <= first_ms < 64_300


def test_a_call_without_coverage_is_made_again_in_a_later_window() -> None:
    options = 'edrx_granted="0010", no_coverage_ms=[[81_000, 85_000]]'
    ((at_ms, _),) = heard(options, [(70_000, b"a")])
    assert 102_400 <= at_ms < 102_700


def test_what_the_badge_sends_goes_at_once_and_brings_what_waits() -> None:
    out = run(
        HEARS
        + """
boot(rtt_ms=100, edrx_granted="0011")
async def main():
    sock = ModemSocket(await ready())
    await sock.open("localhost", 8883, 20_000)
    connection = rig.servers.connections[-1]
    rig.servers.answer = lambda data: b""
    rig.world.at(50_000_000, lambda: connection.on_data(b"late"))
    await asyncio.sleep_ms(60_000 - ticks_ms())
    await write(sock, b"up")
    print(await read(sock, 4), ticks_ms() < 60_500)
    await asyncio.sleep_ms(500)
    print(connection.got)
asyncio.run(main())
"""
    )
    assert out == ["b'late' True", "b'up'"]


def test_a_text_message_waits_for_the_window_too() -> None:
    out = run("""
boot(edrx_granted="0010", sms={"indicates": True})
async def main():
    at = await ready()
    await at.command(b"AT+CMGF=1", 2_000)
    await at.command(b"AT+CNMI=2,1", 2_000)
    heard = []
    at.on(b"+CMTI", lambda line: heard.append(ticks_ms()))
    rig.world.at(50_000_000, lambda: rig.model.sms.arrive("+31600000001", "hello"))
    await asyncio.sleep_ms(90_000)
    print(len(heard), 61_440 <= heard[0] < 61_800)
asyncio.run(main())
""")
    assert out == ["1 True"]


def test_what_it_asks_for_is_kept_without_power_and_rubbish_is_refused() -> None:
    out = run("""
boot(powered=True)
async def asked(at):
    lines = await at.command(b"AT+CEDRXRDP", 2_000, expect=b"+CEDRXRDP:")
    return lines[0].decode()
async def main():
    at = rig.channel()
    await asyncio.sleep_ms(8_000)
    for text in (
        b'AT+CEDRXS=1,4,0010',
        b'AT+CEDRXS=1,4,"2010"',
        b'AT+CEDRXS=1,4,"00100"',
        b'AT+CEDRXS=1,7,"0010"',
        b'AT+CEDRXS=4,4,"0010"',
        b'AT+CEDRXS=1,4',
        b'AT+CEDRXS',
    ):
        try:
            await at.command(text, 2_000)
            print("taken", text)
        except AtError as error:
            print(error.code)
    print(await asked(at))
    await at.command(b'AT+CEDRXS=1,4,"0010"', 2_000)
    await at.command(b'AT+CEDRXS=1,5,"0101"', 2_000)
    rig.model.lose_power()
    rig.model.pwrkey(1)
    await asyncio.sleep_ms(1_500)
    rig.model.pwrkey(0)
    await asyncio.sleep_ms(8_000)
    print(await asked(at))
    await at.command(b"AT+CEDRXS=0", 2_000)
    print(await asked(at))
asyncio.run(main())
""")
    assert out == [
        *["at.error"] * 7,
        "+CEDRXRDP: 0",
        '+CEDRXRDP: 4,"0010","0010","0011"',
        "+CEDRXRDP: 0",
    ]
