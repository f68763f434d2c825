"""TLS on the badge: handshake in short steps, both sides prove themselves, every wait ends."""

import json
from pathlib import Path

import pytest

from tests.mp import run_mp
from tests.sim.certificates import Certificates, make_certificates

HEAD = """
import json
from tests.sim.mp_modem_rig import Echo, Gate, Link, Rig
SERVER, BADGE = json.loads({server!r}), json.loads({badge!r})
rig = Rig({{"powered": True, "boot_ms": 0, "register_ms": 0, "rtt_ms": 200, "remote": SERVER}})
import asyncio
from time import ticks_diff, ticks_ms
from badge.drivers.modem.modem_socket import ModemSocket
from badge.link import tls
from badge.link.tls import LinkError
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("pki"))


def run(certificates: Certificates, body: str, badge: dict[str, str] | None = None) -> list[str]:
    head = HEAD.format(
        server=json.dumps(certificates.server), badge=json.dumps(badge or certificates.badge)
    )
    return run_mp(head + body).splitlines()


def test_each_step_of_the_handshake_handles_one_public_key_message(
    certificates: Certificates,
) -> None:
    """A certificate, a key exchange or a signature is 150 ms of a deaf VM on the chip."""
    out = run(
        certificates,
        """
PUBLIC_KEY_MESSAGES = {11: "their certificate", 12: "their key", 16: "our key", 15: "our proof"}
steps = []
class Watch(Gate):
    def begin(self):
        assert not self.inside
        super().begin()
        steps.append([])
class Valve(tls.RecordValve):
    def readinto(self, buf):
        n = super().readinto(buf)
        if n and n > 5 or n == 4:
            steps[-1].append(("in", bytes(buf[:1])[0]))
        return n
    def write(self, buf):
        message = ("out", buf[5]) if buf[0] == 22 else ("out", -1)
        # A record that had to wait is offered again in the next step; it was made in this one.
        if not any(message in step for step in steps):
            steps[-1].append(message)
        return super().write(buf)
tls.RecordValve = Valve
async def main():
    link = Link(rig, BADGE, gate=Watch())
    await link.bearer()
    await link.secure()
    heavy = []
    for step in steps:
        names = [PUBLIC_KEY_MESSAGES[kind] for way, kind in step
                 if kind in PUBLIC_KEY_MESSAGES and (way == "out") == (kind > 12)]
        heavy.append(names)
    print(max(len(names) for names in heavy))
    print(", ".join(names[0] for names in heavy if names))
    print(link.gate.inside, link.gate.steps == link.tls.steps)
asyncio.run(main())
""",
    )
    assert out == [
        "1",
        "their certificate, their key, our key, our proof",
        "False True",
    ]


def test_other_tasks_run_between_the_steps(certificates: Certificates) -> None:
    out = run(
        certificates,
        """
turns = []
class Watch(Gate):
    def begin(self):
        super().begin()
        turns.append(0)
async def ticker():
    while True:
        await asyncio.sleep_ms(0)
        if turns:
            turns[-1] += 1
async def main():
    link = Link(rig, BADGE, gate=Watch())
    await link.bearer()
    task = asyncio.create_task(ticker())
    await link.secure()
    task.cancel()
    print(min(turns[:-1]) > 0, len(turns))
asyncio.run(main())
""",
    )
    assert out[0].startswith("True")


def test_a_squeeze_holds_the_handshake_up(certificates: Certificates) -> None:
    out = run(
        certificates,
        """
class Squeezed(Gate):
    async def wait_open(self):
        if self.steps == 3:
            await asyncio.sleep_ms(1500)
async def main():
    link = Link(rig, BADGE, gate=Squeezed())
    await link.bearer()
    started = ticks_ms()
    await link.secure()
    print(1500 < ticks_diff(ticks_ms(), started) < 3500)
asyncio.run(main())
""",
    )
    assert out == ["True"]


@pytest.mark.parametrize("host", ["127.0.0.2", "elsewhere.example"])
def test_a_server_with_another_name_is_refused(certificates: Certificates, host: str) -> None:
    out = run(
        certificates,
        f"""
async def main():
    link = Link(rig, BADGE, host={host!r})
    await link.bearer()
    try:
        await link.secure()
    except LinkError as error:
        print(error.code)
asyncio.run(main())
""",
    )
    assert out == ["link.refused"]


def test_a_server_of_another_authority_is_refused(
    certificates: Certificates, tmp_path: Path
) -> None:
    other = make_certificates(tmp_path).badge
    out = run(
        certificates,
        """
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    for _ in range(2):
        try:
            await link.secure()
        except LinkError as error:
            print(error.code)
        await link.tls.close()
asyncio.run(main())
""",
        badge=other,
    )
    assert out == ["link.refused", "link.refused"]


def test_certificates_that_are_no_certificates_are_told(certificates: Certificates) -> None:
    out = run(
        certificates,
        """
for parts in ((b"", b"", b""), (b"junk", b"junk", b"junk")):
    try:
        tls.client_context(*parts)
    except LinkError as error:
        print(error.code)
""",
    )
    assert out == ["link.refused", "link.refused"]


def test_silence_and_hang_up_in_the_handshake_end_it(certificates: Certificates) -> None:
    out = run(
        certificates,
        """
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    for answer in (lambda data: b"", lambda data: b"HTTP/1.0 400 Bad Request\\r\\n\\r\\n"):
        rig.servers = Echo(rig.world, answer)
        started = ticks_ms()
        try:
            await link.secure(timeout_ms=5000)
        except LinkError as error:
            print(error.code, ticks_diff(ticks_ms(), started) < 5600)
        await link.tls.close()
    rig.servers = Echo(rig.world, lambda data: b"")
    task = asyncio.create_task(link.secure(timeout_ms=5000))
    await asyncio.sleep_ms(600)
    rig.servers.connections[0].on_data(b"")
    try:
        await task
    except LinkError as error:
        print(error.code)
asyncio.run(main())
""",
    )
    assert out == ["link.timeout True", "link.refused True", "link.closed"]


def test_who_waits_for_another_to_write_waits_no_longer_than_it_said(
    certificates: Certificates,
) -> None:
    """A ping in a stream that stands still may take 20 s; an alarm gives it up after three."""
    out = run(
        certificates,
        """
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    await link.secure()
    # The modem takes nothing any more, and the socket's buffer is full.
    rig.model.control("hang", {})
    async def fill():
        while True:
            await link.tls.write(bytes(500), 20_000)
    filling = asyncio.create_task(fill())
    await asyncio.sleep_ms(200)
    started = ticks_ms()
    try:
        await link.tls.write(b"alarm", 1_500)
    except LinkError as error:
        print(error.code, ticks_diff(ticks_ms(), started) // 100)
    filling.cancel()
asyncio.run(main())
""",
    )
    assert out == ["link.timeout 15"]


def test_after_the_modem_died_reads_and_writes_end(certificates: Certificates) -> None:
    out = run(
        certificates,
        """
async def main():
    link = Link(rig, BADGE)
    await link.bearer()
    await link.secure()
    assert await link.tls.read_into(bytearray(10), 500) == 0
    rig.model.lose_power()
    rig.model.pwrkey(1)
    await asyncio.sleep_ms(1500)
    rig.model.pwrkey(0)
    for attempt in range(2):
        try:
            await link.tls.read_into(bytearray(10), 60_000)
        except LinkError as error:
            print(error.code, "modem.lost" in str(error))
        try:
            await link.tls.write(b"x", 1000)
        except LinkError as error:
            print(error.code)
    await link.tls.close()
asyncio.run(main())
""",
    )
    assert out == ["link.closed True", "link.closed"] * 2
