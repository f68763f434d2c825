"""Receipts by SMS of a receiver that runs: by a service, by a modem, by each if the other fails.

The service is apprise's for any JSON server, on this machine: what Twilio takes is not shown.
"""

import asyncio
import http.server
import json
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from badge.core.codec import sms_text, wire
from nabij.centre.incidents.handling import Action
from nabij.centre.register.enrol import enrol
from nabij.centre.sms import owing, settings
from nabij.centre.sms.answering import MOST_OF_MODEM, Answering
from nabij.centre.sms.sms import Sms, Ways
from nabij.centre.store import StoreError
from tests.host.centre.badge_client import BadgeClient
from tests.host.centre.desk import Desk
from tests.host.centre.sms import stand_in
from tests.host.centre.sms.house import NOW_S, House, text
from tests.host.centre.sms.posting import SECRETS, URL, post
from tests.ports import free_port
from tests.waiting import wait_until

NUMBER = "+31612345678"
SPOOFED = "+32470000123"


class Provider:
    """Takes what apprise posts; `status` is how it answers."""

    def __init__(self) -> None:
        self.sent: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self.status = 200
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = json.loads(self.rfile.read(length))
                if provider.status == 200:
                    provider.sent.put((self.path, body["message"]))
                self.send_response(provider.status)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/secret-token/{settings.TO}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Site:
    """A receiver with a modem and a service, and a badge that has no line to it."""

    def __init__(self, state: Path) -> None:
        folder = enrol(state, "anna", port=free_port())
        self.device, self.provider = stand_in.Modem(), Provider()
        self.device.pin = "4711"
        self.desk = Desk(state)
        self.sms = Sms(Ways(modem=self.device.port), self.desk.said.put)
        self.desk.receiver.recur(self.sms.job)
        self.desk.receiver.recur(self.sms.answering_job)
        self.desk.receiver.attach(self.sms)
        self.client = BadgeClient(folder, port=self.desk.port)

    def start(self, *, send: bool = True, number: str | None = NUMBER, pin: str = "4711") -> None:
        address = self.provider.address if send else None

        def keep(connection: Any) -> None:
            settings.keep_service(
                connection, "standard", URL + "standard", SECRETS["standard"], address
            )
            settings.keep_number(connection, "anna", number)
            settings.keep_pin(connection, pin)

        self.desk.receiver.start()
        self.desk.receiver.store.write(keep)

    def come(self, seq: int = 1, **fields: Any) -> None:
        """The badge's message is on the SIM of the modem, from whom it says."""
        frame = self.client.frame(seq, **{"rev": 1, **fields})
        self.device.put(sms_text.encode(frame), sender=SPOOFED)

    def status(self, text: str) -> wire.Status:
        found: wire.Status = wire.decode_status(
            sms_text.decode(text), self.client.key, self.client.badge
        )
        return found

    def move(self, state: int) -> None:
        [incident] = self.desk.receiver.store.incidents()
        self.desk.receiver.store.take_action(
            Action(f"r{state}", incident.id, state, 1_790_000_000_000, "J. Smit", "")
        )

    def close(self) -> None:
        self.client.close()
        self.desk.receiver.stop()
        self.provider.close()
        self.device.unplug()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def test_an_alarm_by_modem_is_answered_by_it_at_the_badges_number_and_no_other(
    site: Site,
) -> None:
    site.start()
    site.come()
    assert site.desk.seen.get(timeout=60).seq == 1
    wait_until(lambda: site.device.sent)
    [(number, text)] = site.device.sent
    # Whoever forged the sender of it would have us write to strangers.
    assert number == NUMBER
    status = site.status(text)
    assert (status.seq, status.state, status.way) == (1, wire.STATUS_RECEIVED, wire.WAY_SMS)
    assert site.device.messages == {}
    for state in (wire.STATUS_TAKEN, wire.STATUS_CLOSED):
        before = len(site.device.sent)
        site.move(state)
        wait_until(lambda before=before: len(site.device.sent) > before)  # type: ignore[misc]
        assert site.status(site.device.sent[-1][1]).state == state
    assert site.provider.sent.empty()


def test_where_the_modem_cannot_send_a_service_does(site: Site) -> None:
    site.device.odd["AT+CMGS"] = "\r\n+CMS ERROR: 38\r\n"
    site.start()
    site.come()
    path, text = site.provider.sent.get(timeout=60)
    assert path.endswith(NUMBER)
    assert site.status(text).state == wire.STATUS_RECEIVED


def test_what_nobody_can_send_is_a_trouble_of_the_receiver_without_secrets(site: Site) -> None:
    site.device.odd["AT+CMGS"] = "\r\n+CMS ERROR: 38\r\n"
    site.provider.status = 500
    site.start()
    site.come()
    said: list[str] = []
    while not any("A RECEIPT BY SMS DID NOT GO" in one for one in said):
        said.append(site.desk.said.get(timeout=60))
    assert "secret-token" not in "".join(said)
    site.device.odd.clear()
    wait_until(lambda: site.device.sent)
    while not any("go out again" in one for one in said):
        said.append(site.desk.said.get(timeout=60))


def test_a_badge_without_a_number_is_told_of_once(site: Site) -> None:
    site.start(number=None)
    site.come(1)
    site.come(2)
    said = [site.desk.said.get(timeout=60)]
    while "has no number here" not in said[-1]:
        said.append(site.desk.said.get(timeout=60))
    wait_until(lambda: not site.device.messages)
    assert len(site.desk.receiver.store.incidents()) == 2
    assert site.device.sent == []


def test_a_wrong_pin_is_given_once_and_forgotten(site: Site, tmp_path: Path) -> None:
    site.start(pin="0000")
    read = site.desk.receiver.store.read
    wait_until(lambda: read(settings.read).pin is None)
    site.desk.receiver.store.write(lambda one: settings.keep_pin(one, "4711"))
    wait_until(lambda: site.sms.modem_works)
    assert site.device.pins_tried == ["0000", "4711"]


@pytest.mark.parametrize("badge", ["b", "W" * 32])
def test_the_longest_status_has_room_in_one_message(badge: str) -> None:
    most = wire.U32_MAX
    frame = wire.encode_status(
        bytes(32),
        badge,
        most,
        most,
        wire.STATUS_CLOSED,
        most,
        rev=most,
        number=most,
        offset_quarters=104,
        permit=1,
        way=wire.WAY_SMS,
    )
    assert len(sms_text.encode(frame)) <= sms_text.TEXT_MAX


class Way:
    """A modem that is asked to send: each hangs until it is told what became of it."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[str]] = []

    async def send(self, number: str, _text: str) -> str:
        assert number == NUMBER
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]


class Writes:
    """The store of a house, which counts what is written, or has no room."""

    def __init__(self, house: House) -> None:
        self.read = house.world.store.read
        self._write = house.world.store.write
        self.count = 0
        self.is_full = False

    def write(self, work: Any) -> Any:
        if self.is_full:
            raise StoreError("No room.")
        self.count += 1
        return self._write(work)


def answering(house: House, way: Way, said: list[str] | None = None) -> tuple[Answering, Writes]:
    async def nobody() -> frozenset[str]:
        return frozenset()

    writes = Writes(house)
    presence = SimpleNamespace(look=nobody)
    receiver = SimpleNamespace(store=writes, intake=house.intake, presence=presence)
    return Answering(receiver, way.send, ([] if said is None else said).append), writes


async def looked(one: Answering) -> None:
    """As the job does, and what it began has had its turn."""
    async with asyncio.timeout(20):
        await one.look(settings.Settings({}))
        await asyncio.sleep(0.05)


async def ended(one: Answering, way: Way, number: int, said: str = "") -> None:
    way.asked[number].set_result(said)
    await asyncio.sleep(0.5)


def texted(house: House, *seqs: int) -> None:
    for seq in seqs:
        message = post("twilio", text(seq), NOW_S, number=f"n{seq}")
        assert house.post("twilio", message).status_code == 200


def test_a_way_that_hangs_for_one_delays_no_other(house: House) -> None:
    async def life() -> None:
        way = Way()
        one, _ = answering(house, way)
        await looked(one)
        assert len(way.asked) == 1
        # From another thread, as posts come.
        await asyncio.to_thread(texted, house, 2)
        await looked(one)
        assert len(way.asked) == 2
        await one.stop()

    texted(house, 1)
    asyncio.run(life())


def test_at_most_so_many_hang_at_once_and_the_rest_keep_their_turn(house: House) -> None:
    async def life() -> None:
        way = Way()
        one, _ = answering(house, way)
        for _ in range(3):
            await looked(one)
        assert len(way.asked) == MOST_OF_MODEM
        await ended(one, way, 0)
        # Their turn comes by the wall's clock.
        await asyncio.sleep(owing.BUSY_MS / 1000 + 0.2)
        await looked(one)
        assert len(way.asked) == MOST_OF_MODEM + 1
        await one.stop()

    texted(house, *range(1, MOST_OF_MODEM + 5))
    asyncio.run(life())


def test_a_trouble_lasts_until_the_very_badge_is_told(house: House) -> None:
    async def life() -> None:
        way = Way()
        one, _ = answering(house, way)
        await looked(one)
        await ended(one, way, 0, "+CMS ERROR: 38")
        assert "+CMS ERROR: 38" in one.sentence
        await ended(one, way, 1)
        assert "+CMS ERROR: 38" in one.sentence
        await asyncio.sleep(5.5)
        await looked(one)
        await ended(one, way, 2)
        assert one.sentence == ""
        await one.stop()

    texted(house, 1, 2)
    asyncio.run(life())


def test_what_sending_dies_of_is_told_and_ends_nothing(house: House) -> None:
    async def life() -> None:
        way = Way()
        one, writes = answering(house, way)
        await looked(one)
        writes.is_full = True
        await ended(one, way, 0)
        with pytest.raises(StoreError, match="No room"):
            await looked(one)
        writes.is_full = False
        await asyncio.to_thread(texted, house, 2)
        await looked(one)
        assert len(way.asked) == 2
        await one.stop()

    texted(house, 1)
    asyncio.run(life())


def test_an_open_alarm_that_was_told_costs_no_write_a_look(house: House) -> None:
    async def life() -> None:
        way = Way()
        one, writes = answering(house, way)
        await looked(one)
        await ended(one, way, 0)
        await looked(one)
        before = writes.count
        for _ in range(20):
            await looked(one)
        assert writes.count == before
        await one.stop()

    texted(house, 1)
    asyncio.run(life())
