"""An update by the link to the real firmware: an alarm goes first, and the transfer goes on."""

import queue
from pathlib import Path

import pytest

from badge.core.codec import wire
from nabij.acts.act import Request
from nabij.acts.update import Package
from nabij.centre import operator
from nabij.centre.fleet import course, jobs
from nabij.centre.register.enrol import enrol
from nabij.usb import update
from nabij.usb.build import ARCHITECTURES, MPY_SUB_VERSION, MPY_VERSION, build_app
from nabij.virtual.badge import Scenario, VirtualBadge
from tests.host.centre.fleet.house import LONG_S, Asking, House, says
from tests.host.centre.served import Served
from tests.mpy import HOST_ARCH
from tests.ports import free_port

MPY = ARCHITECTURES.index(HOST_ARCH) << 10 | MPY_SUB_VERSION << 8 | MPY_VERSION
# No application: what is shown ends when the badge has it and starts anew.
FILES = {f"badge/part{number}.mpy": bytes([number]) * 12_000 for number in range(4)}


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_an_alarm_amid_a_transfer_is_delivered_first_and_the_transfer_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "LATER_S", 2.0)
    house = House(tmp_path / "state", free_port(), queue.SimpleQueue(), Asking())
    provision = enrol(house.state, "anna", port=house.port)
    (provision / "config.json").write_text('{"shift_test": false}')
    scenario = Scenario(
        mode="live",
        provision=provision,
        modem={"rtt_ms": 20, "register_ms": 200, "boot_ms": 200},
        stalls="off",
        flash_blocks=512,
        pmu={"vbus": True},
    )
    package = Package("9.9", 1_900_000_000, MPY, FILES)
    with VirtualBadge(scenario, tmp_path / "badge") as badge:
        with house.receiver() as receiver:
            badge.wait_for(says("link.up"), LONG_S)
            job = house.begin_job(jobs.UPDATE, package.to_json(), "anna")
            badge.wait_for(says("update.offered"), LONG_S)
            badge.press(1700)
            # In this order: opened, told to the receiver, and by then the transfer is not through.
            badge.wait_for(says("alarm.status"), LONG_S)
            assert not any(says("update.committed")(line) for line in badge.seen)
            found = house.until(job, lambda one: one.steps[0].said == "an alarm is open")
            assert found.steps[0].state == jobs.WAITING
            [incident] = receiver.store.incidents()
            key = next(one.hmac_key for one in receiver.store.badges())
            [status] = house.asking.ask("anna", key, Request("update.status"))
            assert status["next"] is None
        # The receiver starts anew, too, while the alarm is open.
        with house.receiver():
            operator.take_action(
                house.state, incident.id, wire.STATUS_CLOSED, by="Jo", note="spoke to her"
            )
            badge.wait_for(says("update.committed"), LONG_S)
            badge.wait_for(lambda line: "restart why=order" in line.text, LONG_S)
            house.until(job, lambda one: one.steps[0].state == jobs.TRIAL)


@pytest.mark.soak
@pytest.mark.requirement("R14")
def test_a_whole_application_comes_by_the_link_whatever_is_killed_meanwhile(
    tmp_path: Path,
) -> None:
    """Receiver and badge die amid the transfer, which goes on; then it runs, and proves itself."""
    house = House(tmp_path / "state", free_port(), queue.SimpleQueue(), Asking())
    provision = enrol(house.state, "anna", port=house.port)
    (provision / "config.json").write_text('{"shift_test": false}')
    scenario = Scenario(
        mode="live",
        provision=provision,
        modem={"rtt_ms": 20, "register_ms": 200, "boot_ms": 200},
        stalls="off",
        pmu={"vbus": True},
    )
    package = update.package(build_app(tmp_path / "app", arch=HOST_ARCH))
    quarter = package.total_bytes // 4
    served = Served(house.state, port=house.port)
    try:
        with VirtualBadge(scenario, tmp_path / "badge") as badge:
            badge.wait_for(says("link.up"), LONG_S)
            job = house.begin_job(jobs.UPDATE, package.to_json(), "anna")
            house.until(job, lambda one: one.steps[0].done_bytes >= quarter)
            served.process.kill()
            served = Served(house.state, port=house.port)
            house.until(job, lambda one: one.steps[0].done_bytes >= 2 * quarter)
            badge.kill()
            badge.start()
            house.until(job, lambda one: one.steps[0].done_bytes >= 3 * quarter)
            house.until(job, lambda one: one.steps[0].state == jobs.TRIAL)
            found = house.until(job, lambda one: one.state != jobs.RUNNING)
            assert (found.state, found.steps[0].state) == (jobs.FINISHED, jobs.DONE)
            # Put together once, of what came before and after the deaths.
            assert found.steps[0].tries == 1
            badge.wait_for(says("slots.good"), LONG_S)
    finally:
        served.process.kill()
