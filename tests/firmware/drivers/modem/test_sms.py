"""The modem's driver of text messages: what is sent, read, deleted, and what strangers write."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from tests.sim.modem_scripts import HEAD
from tests.sim.modem_scripts import run as run_script

START = (
    HEAD
    + """
from badge.drivers.modem.sms import Sms
class Phone:
    "The receiver, for who sends to it: answers with what was sent, of somebody else."
    def __init__(self, world):
        self.world = world
    def connect(self, host, port, on_data):
        raise OSError
    def text(self, frame, answer):
        answer(frame)
class Output:
    def write(self, text):
        if '"sms"' in text:
            print(text[2:].strip())
        return len(text)
news = []
async def sms_of(at):
    modem = rig.modem(at)
    await modem.power_on()
    await modem.wait_registered(60_000)
    return Sms(at, lambda: news.append(ticks_ms()))
async def tried(what):
    "What became of it: a code, or done."
    started = ticks_ms()
    try:
        await what
    except (AtError, ModemError) as error:
        return error.code, ticks_diff(ticks_ms(), started)
    return "done", ticks_diff(ticks_ms(), started)
"""
)


def run(sms: dict[str, Any], body: str, **options: Any) -> list[str]:
    head = f"boot(servers=Phone, output=Output(), sms={sms!r}, **{options!r})\n"
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    return run_script(f"{head}async def main():\n{lines}asyncio.run(main())\n", START)


def observed(out: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out if line.startswith("{")]


READY = """
at = rig.channel()
sms = await sms_of(at)
await asyncio.sleep_ms(3_000)
"""


def test_a_message_goes_out_as_it_is_and_the_answer_is_read_and_deleted() -> None:
    out = run(
        {},
        READY
        + """
await sms.listen(True)
await sms.send("+31612345678", "N1 ABCDEFGH")
heard = []
for _ in range(40):
    await asyncio.sleep_ms(500)
    if news:
        break
print(await sms.take(heard.append), heard, rig.model.sms.store)
print(await sms.card())
""",
    )
    sent = [fact for fact in observed(out) if fact["sms"] == "sent"]
    assert [(fact["to"], fact["text"]) for fact in sent] == [("+31612345678", "N1 ABCDEFGH")]
    assert out[-2:] == ["0 ['N1 ABCDEFGH'] {}", "8931080000000012345"]


def test_what_strangers_write_is_never_taken_for_the_modems_word() -> None:
    """Lines such as OK, RDY and +CEREG: 3 lie in the store, and many of them."""
    out = run(
        {"foreign": 10},
        READY
        + """
modem_lines = []
for urc in (b"RDY", b"+CEREG", b"+CADATAIND", b"NORMAL POWER DOWN", b"+APP PDP"):
    at.on(urc, modem_lines.append)
heard = []
left = await sms.take(heard.append)
print(left, len(heard), modem_lines)
print(await sms.take(heard.append), len(heard), rig.model.sms.store, modem_lines)
print(await tried(at.command(b"AT+CMEE?", 2_000, expect=b"+CMEE:")))
""",
    )
    assert out[:2] == ["2 8 []", "0 10 {} []"]
    assert out[2].startswith("('done'")


@pytest.mark.parametrize(
    ("sms", "code", "least_ms", "most_ms"),
    [
        ({"error": 38}, "at.error", 2_000, 3_000),
        ({"refuse": 1}, "at.error", 2_000, 3_000),
        ({"hang": 1}, "at.timeout", 60_000, 61_000),
        ({"send_ms": 30_000}, "done", 30_000, 31_000),
    ],
)
def test_how_it_ends(sms: dict[str, Any], code: str, least_ms: int, most_ms: int) -> None:
    out = run(sms, READY + 'print(await tried(sms.send("+31612345678", "N1 ABCDEFGH")))')
    found, took_ms = ast.literal_eval(out[-1])
    assert found == code
    assert least_ms <= took_ms < most_ms


def test_one_that_does_not_end_is_given_up_and_said_so_to_who_waits_for_the_channel() -> None:
    out = run(
        {"hang": 1},
        READY
        + """
print(at.was_held(ticks_ms(), 5_000))
going = asyncio.create_task(tried(sms.send("+31612345678", "N1 ABCDEFGH", 20_000)))
await asyncio.sleep_ms(10_000)
print(at.was_held(ticks_ms(), 5_000))
print((await going)[0], at.was_held(ticks_ms(), 5_000))
await asyncio.sleep_ms(5_000)
print(at.was_held(ticks_ms(), 5_000))
""",
    )
    assert [line for line in out if not line.startswith("{")] == [
        "False",
        "True",
        "at.timeout True",
        "False",
    ]


def test_a_card_that_is_not_ready_is_not_a_refusal() -> None:
    out = run(
        {"ready_ms": 20_000},
        """
at = rig.channel()
sms = await sms_of(at)
print((await tried(sms.send("+31612345678", "N1 ABCDEFGH")))[0])
await asyncio.sleep_ms(20_000)
print((await tried(sms.send("+31612345678", "N1 ABCDEFGH")))[0])
""",
    )
    assert [line for line in out if not line.startswith("{")] == ["modem.sms_not_ready", "done"]


def test_without_a_card_there_is_no_number() -> None:
    body = "at = rig.channel()\nawait rig.modem(at).power_on()\nsms = Sms(at, print)\n"
    out = run({}, body + "print((await tried(sms.card()))[0])", sim="")
    assert out == ["at.error"]


def test_a_lost_prompt_and_a_lost_line_do_no_harm_to_the_next() -> None:
    for byte in (1, 19, 23, 31):
        out = run(
            {},
            READY
            + f"""
rig.model.control("lose", {{"byte": {byte}, "count": 8}})
print((await tried(sms.send("+31612345678", "N1 ABCDEFGH")))[0])
await asyncio.sleep_ms(3_000)
print((await tried(sms.send("+31612345678", "N1 ABCDEFGH")))[0])
print((await tried(sms.card()))[0])
""",
        )
        assert [line for line in out if not line.startswith("{")][1:] == ["done", "done"]


def test_a_full_store_takes_in_again_what_waited() -> None:
    out = run(
        {"foreign": 10, "delay_ms": 0},
        READY
        + """
await sms.send("+31612345678", "N1 ABCDEFGH")
heard = []
while await sms.take(heard.append):
    pass
heard.clear()
await asyncio.sleep_ms(15_000)
await sms.take(heard.append)
print(heard)
""",
    )
    assert out[-1] == "['N1 ABCDEFGH']"
