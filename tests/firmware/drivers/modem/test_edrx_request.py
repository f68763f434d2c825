"""eDRX as the driver asks for it: said at each start, never a must, never waited for twice."""

import pytest

from tests.sim.modem_scripts import run

# Notes each AT+CEDRXS that is said.
NOTED = """
from badge.drivers.modem.edrx_request import EdrxRequest
from badge.drivers.modem.sim7080 import Sim7080
said = []
async def up(edrx_s):
    at = rig.channel()
    command = at.command
    async def noted(text, *more, **named):
        if b"CEDRX" in text:
            said.append(text.decode())
        return await command(text, *more, **named)
    at.command = noted
    edrx = EdrxRequest(edrx_s) if edrx_s else None
    return Sim7080(at, rig.model.pwrkey, "apn", edrx=edrx)
async def granted(modem):
    return (await modem.granted())["edrx"]
"""


@pytest.mark.parametrize(
    ("edrx_s", "text", "granted"),
    [
        (0, "AT+CEDRXS=0", ""),
        (5, 'AT+CEDRXS=1,4,"0000"', "0000"),
        (10, 'AT+CEDRXS=1,4,"0001"', "0001"),
        (20, 'AT+CEDRXS=1,4,"0010"', "0010"),
        (40, 'AT+CEDRXS=1,4,"0011"', "0011"),
    ],
)
def test_it_is_said_once_a_start_and_none_ends_what_the_modem_remembers(
    edrx_s: int, text: str, granted: str
) -> None:
    out = run(f"""
{NOTED}
boot(edrx="0101")
async def main():
    modem = await up({edrx_s})
    for _ in range(2):
        await modem.power_on()
        await modem.wait_registered(20_000)
        await modem.power_on()
        print(said, {edrx_s} == 0 or modem.edrx.taken)
        rig.model.control("power_loss", {{}})
    await modem.power_on()
    print(await granted(modem))
asyncio.run(main())
""")
    assert out == [f"{[text]!r} True", f"{[text] * 2!r} True", granted]


def test_one_that_refuses_it_is_as_fast_as_one_that_takes_it_and_it_is_known() -> None:
    out = run(f"""
{NOTED}
boot(edrx_answer="error")
async def main():
    modem = await up(20)
    started = ticks_ms()
    await modem.power_on()
    print(await modem.wait_registered(20_000), ticks_diff(ticks_ms(), started) < 8_000)
    print(await modem.pdp_up(), modem.edrx.taken, await granted(modem) == "")
asyncio.run(main())
""")
    assert out == ["1 True", "10.96.7.21 False True"]


def test_one_that_hangs_with_it_is_switched_on_anew_and_then_not_asked() -> None:
    """Asked at each start it would never register; later it may have been the line alone."""
    out = run(f"""
{NOTED}
boot(edrx_answer="silence")
async def main():
    modem = await up(20)
    try:
        await modem.power_on()
    except AtError as error:
        print(error.code)
    started = ticks_ms()
    while True:
        try:
            await modem.power_on()
            break
        except (AtError, ModemError) as error:
            print(error.code)
    print(await modem.wait_registered(20_000), ticks_diff(ticks_ms(), started) < 20_000)
    print(len(said), modem.edrx.taken)
    rig.model.control("power_loss", {{}})
    try:
        await modem.power_on()
    except AtError as error:
        print(error.code, len(said))
asyncio.run(main())
""")
    assert out == ["at.timeout", "1 True", "1 False", "at.timeout 2"]
