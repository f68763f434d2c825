"""The modem's driver and a modem that is slow to start, or does not come back from its sleep."""

from __future__ import annotations

import pytest

from tests.sim.modem_scripts import run


@pytest.mark.parametrize("boot_ms", [2_500, 9_000, 12_000, 13_000])
@pytest.mark.parametrize("was_on", [False, True])
def test_one_that_is_slow_to_start_is_not_switched_off_for_ever(
    boot_ms: int,
    was_on: bool,
) -> None:
    out = run(f"""
boot(boot_ms={boot_ms}, powered={was_on})
async def main():
    at = rig.channel()
    modem = rig.modem(at)
    if {was_on}:
        await asyncio.sleep_ms(20_000)
        rig.model.control("hang", {{}})
    started = ticks_ms()
    while True:
        try:
            await modem.power_on()
            break
        except ModemError as error:
            print(error.code)
    print(ticks_diff(ticks_ms(), started) < 100_000)
    # What it needs it has got from the first press on the next time.
    rig.model.control("power_loss", {{}})
    started = ticks_ms()
    await modem.power_on()
    print(ticks_diff(ticks_ms(), started) < 4_000 + {boot_ms})
asyncio.run(main())
""")
    assert out[-2:] == ["True", "True"]
    assert len(out) <= 3


@pytest.mark.parametrize("command_ms", [5, 40, 80])
def test_what_it_was_asked_while_it_started_is_no_answer_to_what_follows(command_ms: int) -> None:
    """It answers the probes of its start in a row; each has an OK."""
    out = run(f"""
boot(command_ms={command_ms}, boot_ms=5_000)
async def main():
    modem = rig.modem(rig.channel())
    await modem.power_on()
    print(await modem.wait_registered(20_000), await modem.sim_state())
asyncio.run(main())
""")
    assert out == ["1 READY"]


def test_one_that_does_not_wake_may_not_sleep_for_an_hour() -> None:
    """As when DTR is stuck high: switched on again with the same settings it would sleep again."""
    out = run("""
boot()
from badge.drivers.modem.sim7080 import Sim7080
sleeps = []
async def main():
    at = rig.channel()
    command = at.command
    async def noted(text, *more, **named):
        if text.startswith(b"AT+CSCLK="):
            sleeps.append(int(text[9:]))
        return await command(text, *more, **named)
    at.command = noted
    modem = Sim7080(at, rig.model.pwrkey, "apn", lambda level: None)
    await modem.power_on()
    rig.model.control("hang", {})
    await modem.power_on()
    await asyncio.sleep_ms(3_500_000)
    await modem.power_on()
    print(sleeps)
    await asyncio.sleep_ms(200_000)
    await modem.power_on()
    print(sleeps)
asyncio.run(main())
""")
    assert out == ["[1, 0]", "[1, 0, 1]"]


# What it is told to do with its radio, by a badge that is refused for good.
REFUSED = """
from badge.drivers.modem.sim7080 import Sim7080
async def refused(cause, is_waiting, for_ms, hurried_ms=0):
    at = rig.channel()
    command, radio = at.command, []
    async def noted(text, *more, **named):
        if text.startswith(b"AT+CFUN="):
            radio.append(int(text[8:]))
        return await command(text, *more, **named)
    at.command = noted
    modem = Sim7080(at, rig.model.pwrkey, "apn", is_waiting=lambda: is_waiting)
    await modem.power_on()
    rig.model.control("deny", {"for_ms": 10_000_000, "cause": cause})
    radio.clear()
    if hurried_ms:
        asyncio.create_task(hurry(modem, hurried_ms))
    try:
        await modem.wait_registered(for_ms)
    except ModemError as error:
        print(error.code)
    print(radio)
async def hurry(modem, at_ms):
    await asyncio.sleep_ms(at_ms)
    modem.hurry()
"""


@pytest.mark.parametrize(
    ("cause", "is_waiting", "hurried_ms", "radio"),
    [
        # It searches every 10 s by itself, and needs nobody for that.
        (15, True, 60_000, []),
        # It has given up: each two minutes for an alarm, once for who asks, else never.
        (8, True, 0, 2 * [4, 1]),
        (8, False, 60_000, [4, 1]),
        (8, False, 0, []),
    ],
)
def test_a_network_that_refuses_is_asked_anew_only_where_that_helps(
    cause: int, is_waiting: bool, hurried_ms: int, radio: list[int]
) -> None:
    out = run(f"""
boot()
{REFUSED}
asyncio.run(refused({cause}, {is_waiting}, 240_000, {hurried_ms}))
""")
    assert out == ["modem.denied", str(radio)]


def test_one_that_starts_anew_while_its_radio_goes_off_and_on_is_configured_again() -> None:
    out = run("""
boot()
async def main():
    at = rig.channel()
    modem = rig.modem(at)
    await modem.power_on()
    command, said = at.command, []
    async def noted(text, *more, **named):
        said.append(text)
        if text == b"AT+CFUN=4":
            # It lost its supply for a moment, and answers as if nothing had been.
            rig.model.control("line", {"text": "RDY"})
        return await command(text, *more, **named)
    at.command = noted
    await modem.renew_radio()
    await modem.power_on()
    print(b"AT+CEREG=4" in said)
asyncio.run(main())
""")
    assert out == ["True"]
