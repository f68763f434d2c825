"""Why there is no network: what the modem tells, however it tells it, and nothing made up."""

from __future__ import annotations

import pytest

from tests.mp import run_mp
from tests.sim.modem_scripts import run

SCRIPTED = """
import asyncio
from badge.drivers.modem.at import AtError
from badge.drivers.modem.not_registered import reason

class At:
    async def command(self, text, timeout_ms, expect):
        answer = answers.get(text, b"+CME ERROR: 3")
        if answer is None:
            raise AtError("at.timeout", "no answer to it")
        if answer.startswith(b"+CME"):
            raise AtError("at.error", "%s answered %s" % (text.decode(), answer.decode()))
        if not answer.startswith(expect):
            raise AtError("at.garbage", "no line in answer to it")
        return [answer]

class Modem:
    at = At()
    registration = stat
    denied = line

try:
    print(asyncio.run(reason(Modem())))
except AtError as error:
    print(error.code)
"""
READY = {b"AT+CPIN?": b"+CPIN: READY", b"AT+CFUN?": b"+CFUN: 1", b"AT+CSQ": b"+CSQ: 22,99"}


def told(answers: dict[bytes, bytes | None], *, stat: int = 2, denied: bytes | None = None) -> str:
    given = {**READY, **answers}
    return run_mp(f"answers = {given!r}\nstat = {stat}\nline = {denied!r}\n{SCRIPTED}").strip()


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({b"AT+CPIN?": b"+CME ERROR: 10"}, "modem.sim: the SIM is not ready (none)"),
        ({b"AT+CPIN?": b"+CME ERROR: 13"}, "modem.sim: the SIM is not ready (+CME ERROR: 13)"),
        ({b"AT+CPIN?": b"+CPIN: SIM PUK"}, "modem.sim: the SIM is not ready (SIM PUK)"),
        ({b"AT+CFUN?": b"+CFUN: 4"}, "modem.radio_off: the radio is off (CFUN 4)"),
        ({}, "modem.searching: not registered: searching, signal 22"),
        ({b"AT+CSQ": b"+CSQ: 99,99"}, "modem.no_network: not registered: no signal is detected"),
        # No sense in one answer keeps nothing from being asked, and is no card that is missing.
        ({b"AT+CPIN?": b"RUBBISH"}, "modem.searching: not registered: searching, signal 22"),
        ({b"AT+CFUN?": b"+CFUN: x"}, "modem.searching: not registered: searching, signal 22"),
        ({b"AT+CFUN?": b"+CME ERROR: 4"}, "modem.searching: not registered: searching, signal 22"),
        ({b"AT+CSQ": b"+CSQ: \xff\x00"}, "modem.no_network: not registered: searching"),
        ({b"AT+CSQ": b"+CME ERROR: 3"}, "modem.no_network: not registered: searching"),
        ({b"AT+CPIN?": None}, "at.timeout"),
        ({b"AT+CSQ": None}, "at.timeout"),
    ],
)
def test_what_the_modem_tells_is_said_and_nothing_is_made_up(
    answers: dict[bytes, bytes | None], says: str
) -> None:
    assert told(answers) == says


def test_a_cause_is_read_where_the_line_has_one() -> None:
    causes: dict[bytes, int | None] = {
        b"+CEREG: 3,,,,,0,15": 15,
        b"+CEREG: 4,3,,,,,0,11": 11,
        b"+CEREG: 3,,,,0,8": 8,
        b'+CEREG: 3,"10A0",,"0A4C2D00",7,0,13': 13,
        b'+CEREG: 3,"10A0","0A4C2D00",7,0,14,"00000000","01100000"': 14,
        # Of another kind of cause, or none.
        b"+CEREG: 3,,,,,1,15": None,
        b"+CEREG: 3": None,
        b"+CEREG: 4,3": None,
        b'+CEREG: 3,"10A0","00","0A4C2D00",7': None,
        b'+CEREG: 4,3,"10A0","00","0A4C2D00",7,,,"00000000","01100000"': None,
        b"+CEREG: 3,,,,,0,123456": None,
        b"+CEREG: 3,,,,,0,": None,
        b"+CEREG: \xff,\xff,,,,0": None,
        b"+CEREG:": None,
    }
    script = f"""
from badge.drivers.modem.not_registered import cause_from_cereg
print([cause_from_cereg(line) for line in {list(causes)!r}])
"""
    assert run_mp(script).strip() == str(list(causes.values()))


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (b"+CEER: EMM attach failed", ", last report EMM attach failed"),
        (b"+CEER:", ""),
        (b"+CEER: \xfe\x00\x01" + 80 * b"x", f", last report ...{57 * 'x'}"),
        (b"OK", ""),
    ],
)
def test_a_report_of_a_modem_that_knows_the_command_is_passed_on(report: bytes, says: str) -> None:
    line = told({b"AT+CEER": report}, denied=b"+CEREG: 3")
    assert line == f"modem.denied: the network refuses this SIM: it does not say why{says}"


def test_a_refusal_is_told_though_the_modem_searches_again() -> None:
    out = run("""
boot(registration=3, reject_cause=15, register_ms=3_000)
async def main():
    modem = rig.modem(rig.channel())
    await modem.power_on()
    # Refused, and on its next search.
    try:
        await modem.wait_registered(14_500)
    except ModemError as error:
        print(modem.registration, error)
asyncio.run(main())
""")
    assert out == ["2 modem.denied: the network refuses this SIM: cause 15"]


@pytest.mark.parametrize(
    ("stat", "signal", "says"),
    [
        (2, b"+CSQ: 14,99", "modem.denied: the network refuses this SIM: cause 11"),
        # It searches on, but has gone out of reach since.
        (
            *(2, b"+CSQ: 99,99"),
            "modem.no_network: not registered: no signal is detected, refused before that",
        ),
        (3, b"+CSQ: 99,99", "modem.denied: the network refuses this SIM: cause 11"),
        (2, b"+CME ERROR: 3", "modem.denied: the network refuses this SIM: cause 11"),
    ],
)
def test_a_refusal_is_not_told_of_a_place_without_a_network(
    stat: int, signal: bytes, says: str
) -> None:
    line = told({b"AT+CSQ": signal}, stat=stat, denied=b"+CEREG: 3,,,,,0,11")
    assert line == says


@pytest.mark.parametrize("code", ["at.timeout", "at.error"])
def test_a_radio_that_does_not_come_on_again_is_not_waited_for(code: str) -> None:
    """It gave up after cause 8; off and on it goes, and the second half of that fails once."""
    out = run(f"""
boot()
async def main():
    at = rig.channel()
    modem = rig.modem(at)
    await modem.power_on()
    await modem.wait_registered(20_000)
    rig.model.control("deny", {{"for_ms": 20_000, "cause": 8}})
    command, fails = at.command, [1]
    async def once_not(text, *more, **named):
        if text == b"AT+CFUN=1" and fails:
            fails.pop()
            raise AtError("{code}", "the radio stays off")
        return await command(text, *more, **named)
    at.command = once_not
    began_ms = ticks_ms()
    try:
        await modem.wait_registered(120_000)
    except AtError as error:
        print(error.code)
    await modem.power_on()
    print(await modem.wait_registered(120_000), ticks_diff(ticks_ms(), began_ms) < 40_000)
asyncio.run(main())
""")
    assert out == [code, "1 True"]


def test_a_radio_that_was_left_off_is_told_and_switched_on_by_the_next_try() -> None:
    out = run("""
boot()
async def main():
    at = rig.channel()
    modem = rig.modem(at)
    await modem.power_on()
    print(await modem.wait_registered(20_000))
    await at.command(b"AT+CFUN=4", 5_000)
    try:
        await modem.wait_registered(10_000)
    except ModemError as error:
        print(error)
    await modem.power_on()
    print(await modem.wait_registered(20_000))
    print(modem.denied)
asyncio.run(main())
""")
    assert out == ["1", "modem.radio_off: the radio is off (CFUN 0)", "1", "None"]
