"""The server inside the simulator, met by the badge's own TLS and MQTT over a modem."""

import json

import pytest

from tests.sim.certificates import Certificates, make_certificates
from tests.sim.modem_scripts import HEAD, run


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("pki"))


REMOTE = """
import sys
from badge.core.codec import wire
SERVER, BADGE = json.loads({server!r}), json.loads({badge!r})
KEY = bytes(32)
UP, DOWN = wire.up_topic("badge-1"), wire.down_topic("badge-1")
class Facts:
    def __init__(self):
        self.lines = []
    def write(self, line):
        self.lines.append(json.loads(line[2:]))
    def remote(self):
        return [fact["remote"] for fact in self.lines if "remote" in fact]
facts = Facts()
def boot_remote(**more):
    options = dict(SERVER)
    options.update(more)
    boot(powered=True, boot_ms=0, register_ms=0, rtt_ms=200, remote=options, servers=None,
         output=facts)
def alarm(seq, attempt=1):
    return wire.encode_alarm(KEY, "badge-1", 1, seq, 1, 0, attempt=attempt)
async def up(link):
    await link.secure()
    await link.connect()
    await link.mqtt.subscribe(DOWN, 20_000)
"""


def run_remote(certificates: Certificates, body: str) -> list[str]:
    head = HEAD + REMOTE.format(
        server=json.dumps(certificates.server), badge=json.dumps(certificates.badge)
    )
    return run(body, head)


def test_the_remote_goes_away_and_comes_back_for_those_who_dialled_this_name(
    certificates: Certificates,
) -> None:
    out = run_remote(
        certificates,
        """
boot_remote(away_ms=[[8_000, 20_000]], away_host="localhost")
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    await up(link)
    await asyncio.sleep_ms(9_000)
    print(link.mqtt.error is not None, ticks_ms() < 15_000)
    again = Link(rig, BADGE)
    again.at = link.at
    try:
        await up(again)
    except ModemError as error:
        print(error.code)
    await asyncio.sleep_ms(10_000)
    await up(again)
    print("back")
asyncio.run(main())
""",
    )
    assert out == ["True True", "modem.open", "back"]


def test_the_remote_takes_an_alarm_once_and_sends_a_receipt(certificates: Certificates) -> None:
    out = run_remote(
        certificates,
        """
boot_remote()
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    await up(link)
    await link.mqtt.publish(UP, alarm(1), 1, 20_000)
    await link.mqtt.publish(UP, alarm(1, 2), 2, 20_000)
    await link.mqtt.publish(UP, alarm(2), 3, 20_000)
    await asyncio.sleep_ms(1000)
    for topic, frame in link.messages:
        status = wire.decode_status(frame, KEY, "badge-1")
        print(topic, status.seq, status.state)
    await link.mqtt.close()
    await up(link)
asyncio.run(main())
print(facts.remote())
""",
    )
    assert out == [
        "nabij/badge-1/down 1 1",
        "nabij/badge-1/down 1 1",
        "nabij/badge-1/down 2 1",
        "['connected', 'incident', 'duplicate', 'incident', 'hung_up', 'connected']",
    ]


def test_a_hello_is_answered_with_what_its_badge_missed(certificates: Certificates) -> None:
    out = run_remote(
        certificates,
        """
boot_remote(then=[[2, 10_000]])
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    await up(link)
    await link.mqtt.publish(UP, alarm(1), 1, 20_000)
    await asyncio.sleep_ms(1000)
    await link.mqtt.close()
    await asyncio.sleep_ms(20_000)
    await up(link)
    known, unknown = wire.Standing(1, 1, 1, 1, 1), wire.Standing(1, 9, 1, 1, 1)
    for count in (1, 2):
        hello = wire.Hello("badge-1", 1, count, "0.1.0", 60, None, (known, unknown), *wire.NOWHERE)
        await link.mqtt.publish_once(UP, wire.encode_hello(KEY, hello))
    await asyncio.sleep_ms(1000)
    for topic, frame in link.messages:
        status = wire.decode_status(frame, KEY, "badge-1")
        print(status.seq, status.state, status.number)
asyncio.run(main())
""",
    )
    assert out == ["1 1 1", "1 2 2", "1 2 2"]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("receipts='none'", "0 None"),
        ("receipts='wrong_hmac'", "1 wire.mac"),
        ("receipts='other_badge'", "1 wire.other_badge"),
        ("receipt_delay_ms=5000", "1 fine"),
        ("then=[[2, 100], [4, 200]]", "3 fine"),
    ],
)
def test_the_remote_can_misbehave_with_receipts(
    certificates: Certificates, option: str, expected: str
) -> None:
    out = run_remote(
        certificates,
        f"""
boot_remote({option})
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    await up(link)
    await link.mqtt.publish(UP, alarm(1), 1, 20_000)
    await asyncio.sleep_ms(7000)
    verdict = None
    for topic, frame in link.messages:
        try:
            wire.decode_status(frame, KEY, "badge-1")
            verdict = "fine"
        except wire.WireError as error:
            verdict = error.code
    print(len(link.messages), verdict)
asyncio.run(main())
""",
    )
    assert out == [expected]


def test_dropped_at_any_packet_an_alarm_is_one_incident(certificates: Certificates) -> None:
    out = run_remote(
        certificates,
        """
async def deliver(link):
    attempt = 0
    while not link.messages:
        attempt += 1
        try:
            await up(link)
            await link.mqtt.publish(UP, alarm(1, attempt), attempt, 5000)
            await asyncio.sleep_ms(2000)
        except LinkError as error:
            pass
        await (link.mqtt or link.tls).close()
    return attempt
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    return await deliver(link)
for packet in range(1, 6):
    facts.lines = []
    boot_remote(drop_at_packet=packet)
    attempts = asyncio.run(main())
    print(packet, attempts, facts.remote().count("incident"))
""",
    )
    assert out[:3] == ["1 2 1", "2 2 1", "3 2 1"]
    assert [line.split()[2] for line in out] == ["1"] * 5


def test_a_byte_lost_anywhere_ends_in_a_session_that_delivers(certificates: Certificates) -> None:
    """Every 29th byte of a whole session, from power-on to the receipt, in turn."""
    out = run_remote(
        certificates,
        """
async def main(byte):
    link = Link(rig, BADGE)
    has_bearer = False
    attempt = 0
    # Once: what starts anew from the same state would lose the same byte for ever.
    rig.model.line.lose_bytes(byte, 1)
    while not link.messages:
        attempt += 1
        try:
            if not has_bearer:
                await link.bearer()
                has_bearer = True
            await up(link)
            await link.mqtt.publish(UP, alarm(1, attempt), attempt, 10_000)
            await asyncio.sleep_ms(2000)
        except (AtError, ModemError, LinkError) as error:
            codes.add(error.code)
        if link.mqtt:
            await link.mqtt.close()
        elif link.tls:
            await link.tls.close()
        link.mqtt = link.tls = None
        assert attempt < 6
    return attempt
codes = set()
byte = 1
worst = runs = 0
while True:
    facts.lines = []
    boot_remote()
    worst = max(worst, asyncio.run(main(byte)))
    assert facts.remote().count("incident") == 1
    runs += 1
    if rig.model.line.sent_bytes < byte:
        break
    byte += 29
print(worst, runs, sorted(codes))
""",
    )
    worst, runs = (int(word) for word in out[0].split()[:2])
    assert worst <= 3
    assert runs > 50
