"""Text messages at a receiver that runs: beside its broker, and under a flood."""

import signal
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from badge.core.codec import sms_text, wire
from nabij.centre.console.address import Address
from nabij.centre.register.enrol import enrol
from nabij.centre.sms import desk, settings
from nabij.centre.sms.sms import Refusals, Sms, Ways
from tests.host.centre import served as served_by
from tests.host.centre import steps
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.desk import Desk
from tests.host.centre.ended import end_server
from tests.host.centre.sms.posting import SECRETS, URL, Sent, post
from tests.ports import free_port
from tests.waiting import wait_until


class Served:
    """A receiver with a listener for services, and a badge that is on no line."""

    def __init__(self, state: Path) -> None:
        self.folder = enrol(state, "anna", port=free_port())
        self.desk = Desk(state)
        self.port = free_port()
        self.sms = Sms(Ways(Address("127.0.0.1", self.port)), self.desk.said.put)
        self.desk.receiver.recur(self.sms.job)
        self.desk.receiver.attach(self.sms)
        self.desk.receiver.start()
        self.desk.receiver.store.write(self._set)
        wait_until(lambda: self.post(Sent({}, b"")).status_code == 403)
        self.client = BadgeClient(self.folder, port=self.desk.port)

    def post(self, sent: Sent, name: str = "standard") -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}/sms/{name}"
        return httpx.post(url, headers=sent.headers, content=sent.body, timeout=20)

    def message(self, seq: int, number: str = "one") -> Sent:
        frame = self.client.frame(seq, rev=1)
        return post("standard", sms_text.encode(frame), time.time(), number=number)

    def _set(self, connection: object) -> None:
        for name, secret in SECRETS.items():
            settings.keep_service(connection, name, URL + name, secret, None)  # type: ignore[arg-type]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    served.client.close()
    served.desk.receiver.stop()


def test_an_alarm_by_sms_is_told_as_any_and_its_receipt_says_the_way(served: Served) -> None:
    served.client.connect()
    assert served.post(served.message(1)).status_code == 200
    assert served.desk.seen.get(timeout=20).seq == 1
    status = served.client.wait_status(1, 20)
    assert status is not None
    assert (status.state, status.way) == (wire.STATUS_RECEIVED, wire.WAY_SMS)
    # The badge's own link brings the same alarm: one incident, and its receipt says no way.
    served.client.send(1, rev=1, attempt=2)
    status = served.client.wait_status(1, 20)
    assert status is not None
    assert status.way is None
    assert len(served.desk.receiver.store.incidents()) == 1


def test_a_listener_that_ends_by_itself_is_told_and_takes_posts_again(served: Served) -> None:
    end_server("--sms-listen")
    said = served.desk.said.get(timeout=60)
    while "ended by itself" not in said:
        said = served.desk.said.get(timeout=60)
    assert "--sms-listen" in said
    assert served.post(served.message(1)).status_code == 200


def test_forged_posts_do_not_hold_up_an_alarm_by_the_broker(served: Served) -> None:
    flooded(served, 500)


@pytest.mark.soak
def test_ten_thousand_of_them_do_not_either(served: Served) -> None:
    flooded(served, 10_000)


def flooded(served: Served, forgeries: int) -> None:
    """What one sender can do with 20 connections; what was refused is said once."""
    served.client.connect()
    good = served.message(1)
    forged = Sent(good.headers, good.body + b" ")
    left = [forgeries]
    mutex = threading.Lock()

    def flood() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=60) as client:
            while True:
                with mutex:
                    if left[0] <= 0:
                        return
                    left[0] -= 1
                answer = client.post("/sms/standard", headers=forged.headers, content=forged.body)
                assert answer.status_code == 403

    threads = [threading.Thread(target=flood) for _ in range(20)]
    took_s = []
    for thread in threads:
        thread.start()
    seq = 100
    while any(thread.is_alive() for thread in threads):
        seq += 1
        began_s = time.monotonic()
        served.client.send(seq, rev=1)
        assert served.client.wait_status(seq, 30) is not None
        took_s.append(time.monotonic() - began_s)
    for thread in threads:
        thread.join()
    print(f"{forgeries} forged posts; receipts of {len(took_s)} alarms, worst {max(took_s):.2f} s")
    assert max(took_s) < 10
    assert served.post(served.message(1, "two")).status_code == 200
    said = []
    while not served.desk.said.empty():
        said.append(served.desk.said.get())
    assert sum("refused at --sms-listen" in one for one in said) == 1


def test_connections_that_say_nothing_keep_no_service_out(served: Served) -> None:
    import contextlib
    import socket

    with contextlib.ExitStack() as stack:
        for _ in range(350):
            stack.enter_context(socket.create_connection(("127.0.0.1", served.port)))
        assert served.post(served.message(1)).status_code == 200


def test_without_a_certificate_it_is_not_open_and_with_one_it_speaks_tls(tmp_path: Path) -> None:
    from nabij.centre.sms.listening import checked
    from nabij.errors import UsageError

    with pytest.raises(UsageError, match="--sms-cert"):
        checked(Address("192.0.2.1", 443))
    enrol(tmp_path, "anna", host="localhost", port=free_port())
    pki = tmp_path / "pki"
    files = (pki / "server.pem", pki / "server.key")
    address = checked(Address("127.0.0.1", free_port(), files))
    site = Desk(tmp_path)
    sms = Sms(Ways(address), site.said.put)
    site.receiver.attach(sms)
    with site.receiver:
        trust = ssl.create_default_context(cafile=pki / "ca.pem")
        url = f"https://localhost:{address.port}/sms/twilio"
        assert httpx.post(url, verify=trust, timeout=20).status_code == 404
        sms.renew()
        assert httpx.post(url, verify=trust, timeout=20).status_code == 404


@pytest.mark.parametrize("step", [steps.WRITTEN, steps.COMMITTED, steps.TOLD])
def test_one_that_is_killed_before_it_answers_is_posted_again_and_counts_once(
    tmp_path: Path, step: str
) -> None:
    state, stops = tmp_path / "state", tmp_path / "stops"
    stops.mkdir()
    port = free_port()
    folder = enrol(state, "anna", port=port)
    desk.keep_service(state, "standard", URL, SECRETS["standard"], None)
    listen = ("--sms-listen", f"127.0.0.1:{free_port()}")
    client = BadgeClient(folder, port=port)
    sent = post("standard", sms_text.encode(client.frame(1, rev=1)), time.time())

    def answer() -> int:
        url = f"http://{listen[1]}/sms/standard"
        return httpx.post(url, headers=sent.headers, content=sent.body, timeout=30).status_code

    first = served_by.Served(state, *listen, port=port, stops=stops)
    assert first.line().startswith("Ready")
    steps.arm(stops, step)
    with ThreadPoolExecutor() as pool:
        answered = pool.submit(answer)
        wait_until(lambda: steps.reached(stops, step))
        first.end(signal.SIGKILL)
        with pytest.raises(httpx.HTTPError):
            answered.result(30)
    second = served_by.Served(state, *listen, port=port)
    assert second.line().startswith("Ready")
    assert answer() == 200
    second.end(signal.SIGTERM)
    listed = served_by.nabij("incident", "list", "--state", state).stdout
    assert listed.count("[incident") == 1
    assert listed.count("came by SMS (standard) at") == 1


def test_refusals_are_said_at_once_and_then_each_hour() -> None:
    said: list[str] = []
    now_s = 1.0
    refusals = Refusals(said.append, lambda: now_s)
    for _ in range(5):
        refusals("twilio", "signature")
    assert len(said) == 1
    assert "/sms/twilio (signature)" in said[0]
    now_s += 3601
    refusals("telnyx", "time")
    assert len(said) == 2
    assert said[1].startswith("5 posts were refused")
