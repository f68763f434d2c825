"""Jobs worked off: by the real firmware over a real broker, and by a fleet of badges."""

import asyncio
import json
import queue
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.acts.act import Request
from nabij.centre import operator
from nabij.centre.fleet import desk, jobs
from nabij.centre.fleet.fleet import Fleet
from nabij.centre.fleet.jobs import Job, Wanted
from nabij.centre.fleet.order_line import OrderLine, OrderRefusedError
from nabij.centre.register.enrol import enrol
from nabij.centre.service import Receiver
from nabij.event_lines import parse_event
from nabij.settings.asked import Asked
from nabij.virtual.badge import Line, Scenario, VirtualBadge
from tests.host.centre.fleet.order_badge import OrderBadge
from tests.ports import free_port

LONG_S = 120.0
MODEM = {"rtt_ms": 20, "register_ms": 200, "boot_ms": 200}


class Asking:
    """What a test asks a badge by the receiver's own link."""

    async def start(self, receiver: Receiver) -> None:
        self._loop = asyncio.get_running_loop()
        self._receiver = receiver

    async def stop(self) -> None:
        pass

    def ask(self, badge: str, key: bytes, *requests: Request) -> list[dict[str, object]]:
        async def work() -> list[dict[str, object]]:
            line = OrderLine(self._receiver.link.client, badge, key)
            async with line.open():
                return [await line.ask(one) for one in requests]

        done: Future[list[dict[str, object]]] = asyncio.run_coroutine_threadsafe(
            work(), self._loop
        )
        return done.result(LONG_S)


@dataclass
class House:
    """A receiver with a fleet, and what it said."""

    state: Path
    port: int
    said: "queue.SimpleQueue[str]"
    asking: Asking

    def receiver(self) -> Receiver:
        made = Receiver(self.state, port=self.port, say=lambda _sentence: None)
        made.attach(Fleet(self.said.put))
        made.attach(self.asking)
        return made

    def begin(self, *badges: str, at_once: int = 5, halt: int = 10, **changes: object) -> Job:
        content = Asked("these", None, changes).to_json()
        wanted = Wanted(
            desk.request_name(), jobs.CONFIG, "k", content, badges, at_once, halt, "Jo", 1
        )
        return desk.begin(self.state, wanted)

    def until(self, job: Job, is_so: Callable[[Job], bool]) -> Job:
        end_s = time.monotonic() + LONG_S
        while not is_so(found := desk.job(self.state, job.id)):
            assert time.monotonic() < end_s, found
            time.sleep(0.2)
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "state", free_port(), queue.SimpleQueue(), Asking())


def says(what: str) -> Callable[[Line], bool]:
    def is_said(line: Line) -> bool:
        event = parse_event(line.text)
        return event is not None and event.what == what

    return is_said


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_a_badge_takes_settings_by_the_link_when_its_wearer_can_spare_it(house: House) -> None:
    provision = enrol(house.state, "anna", port=house.port)
    (provision / "config.json").write_text(json.dumps({"shift_test": False}))
    key = bytes.fromhex(json.loads((provision / "identity.json").read_text())["hmac_key"])
    scenario = Scenario(mode="live", provision=provision, modem=MODEM, stalls="off")
    with house.receiver() as receiver, VirtualBadge(scenario, house.state.parent / "b") as badge:
        badge.wait_for(says("link.up"), LONG_S)
        job = house.begin("anna", keepalive_s=33)
        # Its wearer is on shift: a badge that restarts is not there.
        house.until(job, lambda one: one.steps[0].said == "its wearer is on shift")
        desk.stop(house.state, job.id, "Jo")
        # Nothing that is not for a fleet, whoever asks.
        with pytest.raises(OrderRefusedError) as other:
            house.asking.ask("anna", key, Request("provision.begin", {"force": True}))
        assert other.value.code == "usb.verb"
        badge.send({"do": "charger", "on": True})
        badge.wait_for(says("mandown.silenced"), LONG_S)
        # An alarm goes first.
        badge.press(1700)
        badge.wait_for(says("alarm.status"), LONG_S)
        with pytest.raises(OrderRefusedError) as during:
            house.asking.ask("anna", key, Request("config.stage", {"settings": {}}))
        assert during.value.code == "order.alarm"
        [incident] = receiver.store.incidents()
        operator.take_action(
            house.state, incident.id, wire.STATUS_CLOSED, by="Jo", note="spoke to her"
        )
        badge.wait_for(lambda line: "state=closed" in line.text.lower(), LONG_S)
        job = house.begin("anna", keepalive_s=33)
        job = house.until(job, lambda one: one.state != jobs.RUNNING)
        assert (job.state, job.steps[0].state) == (jobs.FINISHED, jobs.DONE), job
        badge.wait_for(says("config.confirmed"), LONG_S)
        lines = [event.what for line in badge.seen if (event := parse_event(line.text))]
        assert lines.count("config.staged") == lines.count("config.confirmed") == 1
        now = house.asking.ask("anna", key, Request("config.get", {"start": 0}))
        assert now[0]["trial"] == "none"
    assert "Job 2 (config): 1 of 1 badges done." in _all(house.said)


@pytest.fixture
def fleet(house: House) -> Iterator[dict[str, OrderBadge]]:
    badges = {}
    for number in range(6):
        folder = enrol(house.state, f"nb-{number}", port=house.port)
        badges[f"nb-{number}"] = OrderBadge(folder, house.port, is_bad=number < 2)
    yield badges
    for badge in badges.values():
        badge.client.close()


def test_it_halts_when_too_many_go_back(house: House, fleet: dict[str, OrderBadge]) -> None:
    with house.receiver():
        for badge in fleet.values():
            badge.client.connect()
        job = house.begin(at_once=1, halt=40, keepalive_s=44)
        job = house.until(job, lambda one: one.state != jobs.RUNNING)
    assert job.state == jobs.HALTED
    assert [step.state for step in job.steps] == [jobs.FAILED, *[jobs.WAITING] * 5]
    assert job.steps[0].said.startswith("it went back to the settings it had: a part of")
    # What it went back from is not sent again.
    assert fleet["nb-0"].verbs.count("config.stage") == 1
    assert not any(badge.verbs for name, badge in fleet.items() if name != "nb-0")
    assert any(sentence.startswith("JOB HALTED") for sentence in _all(house.said))


def test_it_goes_on_after_a_restart_and_no_more_at_once_than_it_may(
    house: House, fleet: dict[str, OrderBadge]
) -> None:
    good = [name for name in fleet if name not in ("nb-0", "nb-1")]
    for name in good:
        fleet[name].stays = True
    with house.receiver():
        for name in good[:3]:
            fleet[name].client.connect()
        job = house.begin(*good, at_once=2, keepalive_s=44)
        house.until(job, lambda one: one.count(jobs.TRIAL) == 2)
        # The third is there and waits for its turn, the fourth is away.
        assert [fleet[name].verbs.count("config.stage") for name in good] == [1, 1, 0, 0]
    for name in good:
        fleet[name].stays = False
        fleet[name].client.close()
    with house.receiver():
        for name in good:
            fleet[name].client.connect()
        job = house.until(job, lambda one: one.state != jobs.RUNNING)
    assert (job.state, job.count(jobs.DONE)) == (jobs.FINISHED, 4)
    assert {fleet[name].settings["keepalive_s"] for name in good} == {44}
    assert [fleet[name].verbs.count("config.stage") for name in good] == [1, 1, 1, 1]


def _all(lines: "queue.SimpleQueue[str]") -> list[str]:
    return [lines.get() for _ in range(lines.qsize())]
