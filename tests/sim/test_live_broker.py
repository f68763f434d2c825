"""The badge's link through the modem's model to a real nats-server and receiver on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from tests.mp import run_mp
from tests.ports import free_port


class Desk:
    """A real receiver with a real broker, and one enrolled badge."""

    def __init__(self, state: Path) -> None:
        self.port = free_port()
        self.folder = enrol(state, "badge-1", port=self.port)
        self.key = json.loads((self.folder / "identity.json").read_text())["hmac_key"]
        self.receiver = Receiver(state, port=self.port)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("receiver"))
    with desk.receiver:
        yield desk


def test_a_real_broker_takes_an_alarm_over_mutual_tls(desk: Desk) -> None:
    """How fast is judged in virtual time (test_badge.py). Here it is printed, and bounded so that
    no wait of badge or broker is sat out: 200 ms of RTT, from the first AT+CAOPEN to the receipt.
    """
    frame = wire.encode_alarm(bytes.fromhex(desk.key), "badge-1", 1, 1, 1, 0)
    out = run_mp(
        f"""
FOLDER, PORT, FRAME, KEY = {str(desk.folder)!r}, {desk.port}, {frame!r}, {desk.key!r}
from tests.sim.mp_modem_rig import Gate, Rig
rig = Rig({{"powered": True, "boot_ms": 0, "register_ms": 0, "rtt_ms": 200}}, live=True)
import asyncio, gc
from time import ticks_diff, ticks_ms
from badge.core.codec import wire
from badge.core.keep_alive import KeepAlive
from badge.drivers.modem.modem_socket import ModemSocket
from badge.link.mqtt import MqttClient
from badge.link.tls import TlsStream, client_context
def read(name):
    with open(FOLDER + "/" + name, "rb") as file:
        return file.read()
async def main():
    at = rig.channel()
    modem = rig.modem(at)
    await modem.power_on()
    await modem.wait_registered(5000)
    await modem.pdp_up()
    context = client_context(read("ca.der"), read("badge.der"), read("badge.key.der"))
    gc.collect()
    before = gc.mem_alloc()
    came = asyncio.Event()
    receipts = []
    def keep(topic, payload):
        receipts.append((ticks_ms(), payload))
        came.set()
    started = ticks_ms()
    sock = ModemSocket(at)
    await sock.open("localhost", PORT, 20_000)
    stream = TlsStream(sock, context, "localhost", Gate())
    await stream.handshake(20_000)
    client_id = wire.client_id("badge-1", bytes.fromhex(KEY))
    link = MqttClient(stream, client_id, KeepAlive(60, 60), keep)
    await link.connect(20_000)
    await link.subscribe(wire.down_topic("badge-1"), 20_000)
    await link.publish(wire.up_topic("badge-1"), FRAME, 1, 20_000)
    await asyncio.wait_for_ms(came.wait(), 20_000)
    cold_ms = ticks_diff(receipts[0][0], started)
    gc.collect()
    heap = gc.mem_alloc() - before
    came.clear()
    started = ticks_ms()
    await link.publish(wire.up_topic("badge-1"), FRAME, 2, 20_000)
    await asyncio.wait_for_ms(came.wait(), 20_000)
    warm_ms = ticks_diff(receipts[1][0], started)
    for _, payload in receipts:
        status = wire.decode_status(payload, bytes.fromhex(KEY), "badge-1")
        assert (status.boot, status.seq, status.state) == (1, 1, wire.STATUS_RECEIVED)
    await link.close()
    print(cold_ms, warm_ms, heap, sock.sent_bytes, sock.received_bytes)
asyncio.run(main())
"""
    )
    cold_ms, warm_ms, heap, sent, received = (int(word) for word in out.split())
    print("cold", cold_ms, "warm", warm_ms, "heap", heap, "bytes", sent, received)
    assert cold_ms < 15_000
    assert warm_ms < 8_000
    assert heap < 16_000
    assert sent + received < 3000
    (incident,) = desk.receiver.store.incidents("badge-1")
    assert (incident.boot, incident.seq) == (1, 1)
