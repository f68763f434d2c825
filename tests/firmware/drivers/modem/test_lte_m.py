"""LTE-M as a bearer: what keeps the chip from sleeping, and what nobody knows of the signal."""

import json
from typing import Any

import pytest

from tests.firmware.link.contract import promised
from tests.mp import run_mp
from tests.sim.modem_scripts import run

RIG = """
import asyncio, json
from badge.drivers.modem.at import AtError
from badge.drivers.modem.lte_m import LteM

class At:
    missed = None
    def awake_ms(self, now_ms):
        return 50 if listens else 0

class Modem:
    at = At()
    network_time = rest = hurry = None
    def __init__(self):
        self.rings = rings
    async def signal(self):
        if cell == "garbage":
            raise AtError("at.garbage", "not a CPSI line")
        return cell

class Uart:
    def txdone(self):
        return not sends
"""


def answer(expression: str, **given: Any) -> Any:
    known = {"rings": True, "sends": False, "listens": False, "cell": None, **given}
    lines = [f"{name} = {value!r}" for name, value in known.items()]
    script = "\n".join([*lines, RIG, "lte = LteM(Modem(), Uart(), None)"])
    return json.loads(run_mp(f"{script}\nprint(json.dumps({expression}))"))


def test_it_has_all_that_a_bearer_has() -> None:
    assert answer(f"[name for name in {promised()!r} if not hasattr(lte, name)]") == []


@pytest.mark.parametrize(
    ("given", "is_open", "stays"),
    [
        ({}, True, False),
        ({"sends": True}, False, True),
        ({"listens": True}, False, True),
        ({"rings": False}, True, True),
        ({"rings": False}, False, False),
    ],
)
def test_a_session_is_slept_through_only_with_a_modem_that_rings(
    given: dict[str, bool], is_open: bool, stays: bool
) -> None:
    assert (answer(f"lte.awake_ms(1000, {is_open})", **given) > 0) == stays


@pytest.mark.parametrize(
    ("cell", "told"), [((-90, 1, 2), [-90, 1, 2]), (None, None), ("garbage", None)]
)
def test_a_signal_that_the_modem_cannot_tell_is_none(cell: Any, told: Any) -> None:
    assert answer("asyncio.run(lte.signal())", cell=cell) == told


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_turn_that_ends_between_radio_off_and_on_leaves_no_radio_off(is_lost: bool) -> None:
    """It comes on beside the next bearer's turn, or by the modem's own next one."""
    out = run(f"""
boot()
from badge.drivers.modem.lte_m import LteM
class Uart:
    def txdone(self):
        return True
async def main():
    at = rig.channel()
    lte = LteM(rig.modem(at), Uart(), None)
    await lte.open(lambda: None)
    radio, command, asked = rig.model.registration, at.command, []
    async def slow(text, *more, **named):
        if text == b"AT+CFUN=1":
            asked.append(text)
            if len(asked) == 1:
                await asyncio.sleep_ms(5_000)
            elif {is_lost} and len(asked) == 2:
                raise AtError("at.timeout", "it does not come on")
        return await command(text, *more, **named)
    at.command = slow
    rig.model.control("deny", {{"for_ms": 40_000, "cause": 8}})
    opening = asyncio.create_task(lte.open(lambda: None))
    while radio.is_on:
        await asyncio.sleep_ms(10)
    await asyncio.sleep_ms(500)
    print(radio.is_on)
    opening.cancel()
    await asyncio.sleep_ms(1_000)
    print(radio.is_on)
    await asyncio.sleep_ms(20_000)
    await lte.open(lambda: None)
    print(radio.is_on, lte.modem.registration)
asyncio.run(main())
""")
    assert out == ["False", str(not is_lost), "True 1"]
