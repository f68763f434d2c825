"""Jobs worked off: by the real firmware over a real broker, and by a fleet of badges."""

import json
import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.acts.act import Request
from nabij.centre import operator
from nabij.centre.fleet import desk, jobs
from nabij.centre.fleet.order_line import OrderRefusedError
from nabij.centre.register.enrol import enrol
from nabij.event_lines import parse_event
from nabij.virtual.badge import Scenario, VirtualBadge
from tests.host.centre.fleet.house import LONG_S, Asking, House, says
from tests.host.centre.fleet.order_badge import OrderBadge
from tests.ports import free_port
from tests.waiting import wait_until

MODEM = {"rtt_ms": 20, "register_ms": 200, "boot_ms": 200}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "state", free_port(), queue.SimpleQueue(), Asking())


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
        # That it is on trial is kept before it is asked.
        wait_until(lambda: sum(fleet[name].verbs.count("config.stage") for name in good) == 2)
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
