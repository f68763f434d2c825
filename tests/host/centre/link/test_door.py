"""Who comes in by which way: badges by MQTT alone, the receiver by its own alone."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from nabij.centre.link.door import Door, LostError
from nabij.centre.register.enrol import enrol
from nabij.centre.register.pki import Authority
from nabij.paths import StatePaths
from tests.host.centre.desk import Desk
from tests.host.centre.loops import loop_thread
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("receiver")
    enrol(state, "anna")
    desk = Desk(state)
    with desk.receiver:
        yield desk


def opened(desk: Desk, certificate: tuple[Path, Path]) -> None:
    async def open_once() -> None:
        ca_file = StatePaths(desk.state).pki / "ca.pem"
        async with Door(lambda: desk.receiver.broker.link_port, ca_file, certificate).open():
            pass

    with loop_thread() as loop:
        loop.run(open_once())


def test_badge_cannot_come_in_where_the_receiver_does(desk: Desk, tmp_path: Path) -> None:
    """Nor end the receiver's connection, which has no client id to take over."""
    folder = desk.state / "badges" / "anna"
    certificate = tmp_path / "badge.pem"
    certificate.write_text(ssl.DER_cert_to_PEM_cert((folder / "badge.der").read_bytes()))
    key = tmp_path / "badge.key"
    pem = ssl.DER_cert_to_PEM_cert((folder / "badge.key.der").read_bytes())
    key.write_text(pem.replace("CERTIFICATE", "PRIVATE KEY"))
    with pytest.raises(LostError, match="Authorization"):
        opened(desk, (certificate, key))
    assert desk.receiver.link.is_up()


@pytest.mark.parametrize("name", ["receiver", "observer"])
def test_receivers_own_certificates_come_in_there_and_not_by_mqtt(desk: Desk, name: str) -> None:
    authority = Authority.open(StatePaths(desk.state).pki)
    certificate, key = authority.files(name)
    opened(desk, (certificate, key))
    refused: list[bool] = []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "nabij-receiver")
    client.tls_set(str(authority.ca_file), str(certificate), str(key))
    client.on_connect = lambda _c, _u, _f, reason, _p: refused.append(reason.is_failure)
    client.connect("127.0.0.1", desk.port)
    client.loop_start()
    wait_until(lambda: refused)
    client.disconnect()
    client.loop_stop()
    assert refused[0]
