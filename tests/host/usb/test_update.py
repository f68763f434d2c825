"""`nabij update`: a new application over USB, onto a badge that stays armed."""

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from badge.core import slots
from nabij.acts import update as acts
from nabij.acts.act import Request, carried
from nabij.acts.update import Package
from nabij.cli.app import app
from nabij.event_lines import parse_event
from nabij.places import FIRMWARE
from nabij.usb import build, keys, update
from nabij.usb.build import App, build_app
from nabij.usb.device import open_device
from nabij.usb.errors import DeviceError
from nabij.usb.repl import Repl
from nabij.usb.update import UpdateRefused
from nabij.virtual.badge import Run, run_fast
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests import transcripts
from tests.mpy import HOST_ARCH
from tests.worlds import BADGE, Site, make_site

SOON = 1_900_000_000
# The simulated flash takes 60 s to fill two slots with sources.
FILLED_MS = 75_000
# A minute of steady running, and the start of it.
STEADY_MS = 85_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> App:
    return build_app(tmp_path_factory.mktemp("app"), arch=HOST_ARCH)


@pytest.fixture
def badge(site: Site, tmp_path: Path) -> Iterator[VirtualUsbBadge]:
    """A provisioned badge of its own, up and armed."""
    scenario = Scenario(provision=site.provision, stalls="off")
    with VirtualUsbBadge(scenario, tmp_path) as running:
        running.wait_for_log("armed can_send=True")
        yield running


def version(built: App, build: int, **changed: bytes) -> Package:
    """The application as another build, with files of a slot changed."""
    made = update.package(built)
    files = made.files | {f"badge/{name}.mpy": data for name, data in changed.items()}
    return Package(f"0.{build % 100}", build, made.mpy, files)


def send(site: Site, badge: VirtualUsbBadge, package: Package, **more: Any) -> str:
    with open_device(badge.port) as device:
        device.authorise(keys.service_key(site.state, BADGE))
        return update.send(device, package, keys.hmac_key(site.state, BADGE), **more)


def nabij(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.slow
@pytest.mark.requirement("R14")
def test_an_update_runs_after_a_restart_and_is_not_replaced_while_on_trial(
    site: Site, badge: VirtualUsbBadge, built: App
) -> None:
    done = nabij("update", badge.port, "--state", str(site.state), "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["slot"], answer["running"]) == ("a", "a")
    with open_device(badge.port) as device:
        assert device.info["slot"] == "a"
        assert device.request("status")["armed"]
        # What is on trial is not replaced before it has proven itself.
        device.authorise(keys.service_key(site.state, BADGE))
        with pytest.raises(UpdateRefused) as refused:
            update.send(device, version(built, SOON), keys.hmac_key(site.state, BADGE))
        boot = device.info["boot"]
    assert refused.value.code == "slots.trial"
    again = nabij("update", badge.port, "--state", str(site.state))
    assert again.exit_code == 0, again.output
    assert again.stdout.startswith("The badge runs this application already: nothing was sent.")
    with open_device(badge.port) as device:
        assert device.info["boot"] == boot


@pytest.mark.slow
def test_a_transfer_that_broke_off_goes_on_where_it_stopped(
    site: Site, badge: VirtualUsbBadge, built: App
) -> None:
    class CablePulledError(Exception):
        pass

    package = version(built, SOON)
    half = package.total_bytes // 2

    def pull(done: int, _total: int) -> None:
        if done > half:
            raise CablePulledError

    with pytest.raises(CablePulledError):
        send(site, badge, package, progress=pull)
    # The badge has also been restarted meanwhile, and so has forgotten the offer.
    with open_device(badge.port) as device:
        device.authorise(keys.service_key(site.state, BADGE))
        update.restart(device).close()
    before = len(badge.console)
    assert send(site, badge, package) == "a"
    # Not a byte of the first half was asked for again.
    again = badge.console[before:]
    first = next(iter(package.files))
    assert f'"path": "{first}"' not in again
    sent = again.count('{"have":') * 512
    assert sent < package.total_bytes - half + len(package.files) * 512 + 8192


def test_what_an_engineer_is_told_when_an_update_is_refused(
    site: Site, badge: VirtualUsbBadge, built: App, tmp_path: Path
) -> None:
    other = make_site(tmp_path / "other", badge="nb-0002")
    key = keys.hmac_key(site.state, BADGE)
    with open_device(badge.port) as device:
        device.authorise(keys.service_key(site.state, BADGE))
        wrong = [
            (version(built, SOON), keys.hmac_key(other.state, "nb-0002"), "manifest.mac"),
            (Package("1", SOON, 11014, {"badge/app.mpy": b"x"}), key, "update.mpy"),
            (Package("1", SOON, 2822, {"main.py": b"x"}), key, "manifest.shape"),
            (
                Package("1", SOON, 2822, {f"badge/{n}.py": b"x" * 65536 for n in range(99)}),
                key,
                "update.space",
            ),
        ]
        for package, signer, code in wrong:
            with pytest.raises(UpdateRefused) as refused:
                update.send(device, package, signer)
            assert refused.value.code == code
            assert refused.value.sentence.endswith(".")
        assert update.slots_of(device).next is None
    # Without the key, a badge cannot be changed at all (R14).
    with open_device(badge.port) as device, pytest.raises(UpdateRefused) as locked:
        update.send(device, version(built, SOON), key)
    assert locked.value.code == "usb.locked"


def test_no_update_while_an_alarm_is_open(site: Site, badge: VirtualUsbBadge, built: App) -> None:
    badge.press(1_700)
    badge.wait_for_log("alarm.durable")
    done = nabij("update", badge.port, "--state", str(site.state))
    assert done.exit_code == 1
    assert "alarm is open" in done.stderr
    told = done.stderr.replace(badge.port, "badge-port")
    transcripts.check("engineer.md", "nabij update --state receiver", told)
    with open_device(badge.port) as device:
        assert update.slots_of(device).next is None


def test_a_badge_without_a_key_is_told_to_be_provisioned(tmp_path: Path) -> None:
    with VirtualUsbBadge(Scenario(stalls="off"), tmp_path) as fresh:
        fresh.wait_for_log("armed can_send=False")
        done = nabij("update", fresh.port, "--state", str(tmp_path))
    assert done.exit_code == 1
    assert "nabij provision" in done.stderr


# Copies the application of the working copy into both slots, b on trial, as an update leaves it.
FILL = """
import os
from badge.core import slots
def copy(source, target):
    os.mkdir(target)
    for entry in os.ilistdir(source):
        name = "/" + entry[0]
        if entry[1] == 0x4000:
            if entry[0] != "__pycache__":
                copy(source + name, target + name)
        elif name.endswith("py"):
            with open(source + name, "rb") as old, open(target + name, "wb") as new:
                new.write(old.read())
if "slots" not in os.listdir("/"):
    for slot in "ab":
        os.mkdir("/" + slot)
        copy("/rom/badge", "/" + slot + "/badge")
        with open("/" + slot + "/badge/boards/active.py", "w") as made:
            made.write("from badge.boards.t_sim7080g_s3 import Board")
    record = slots.first(5, "5")
    record.start(False)
    record.steady(0, True)
    record.commit(record.open(6), 6, "6")
    with open("/slots", "wb") as file:
        file.write(slots.encode(record))
with open("/rom/main.py") as file:
    exec(file.read())
"""


def on_trial(site: Site, folder: Path, duration_ms: int, **modem: Any) -> Run:
    script = folder / "main.py"
    script.write_text(FILL)
    scenario = Scenario(
        main=script,
        duration_ms=duration_ms,
        provision=site.provision,
        modem=site.modem(**modem),
        flash_blocks=768,
    )
    return run_fast(scenario, folder=folder)


def slot_events(run: Run) -> list[tuple[str, str, str | None]]:
    found = [parse_event(line) for line in run.console]
    return [
        (
            event.what,
            event.fields["slot" if event.what == "slots.good" else "running"],
            event.fields.get("state"),
        )
        for event in found
        if event is not None and event.what in ("slots", "slots.good")
    ]


def test_an_update_proves_itself_by_running_and_reaching_the_receiver(
    site: Site, tmp_path: Path
) -> None:
    first = on_trial(site, tmp_path, FILLED_MS + STEADY_MS)
    assert slot_events(first) == [("slots", "b", "on_trial"), ("slots.good", "b", None)]
    again = on_trial(site, tmp_path, FILLED_MS + STEADY_MS + 5_000)
    assert slot_events(again)[0] == ("slots", "b", "good")


def test_an_update_that_never_reaches_the_receiver_falls_back_to_what_did(
    site: Site, tmp_path: Path
) -> None:
    gone = {"no_coverage_ms": [[0, 10_000_000]]}
    started = []
    for start in range(1, 5):
        run = on_trial(site, tmp_path, FILLED_MS + start * STEADY_MS, **gone)
        started.append(slot_events(run)[0][1:])
    assert started == [("b", "on_trial")] * 3 + [("a", "good")]


def test_an_update_that_cannot_read_its_identity_does_not_prove_itself(
    site: Site, tmp_path: Path
) -> None:
    """It runs, and has no link that could be missing: that is no proof."""
    damaged = tmp_path / "damaged"
    shutil.copytree(site.provision, damaged)
    (damaged / "badge.key.der").unlink()
    run = on_trial(Site(site.state, damaged), tmp_path, FILLED_MS + STEADY_MS)
    assert slot_events(run) == [("slots", "b", "on_trial")]


def test_how_far_an_update_is_counts_what_an_earlier_attempt_sent() -> None:
    package = Package("1", 1, 0, {"badge/a.mpy": bytes(700), "badge/b.mpy": bytes(300)})
    wanted: Iterator[dict[str, Any]] = iter(
        [{"path": "badge/b.mpy", "offset": 200}, {"path": None}]
    )
    told = []

    def ask(request: Request) -> dict[str, Any]:
        is_next = request.verb == "update.next"
        return next(wanted) if is_next else {"slot": "b", "bytes": 1000}

    carried(acts.send(package, bytes(32), lambda *far: told.append(far)), ask)
    assert told == [(1000, 1000)]


def proven_on_a(badge: VirtualUsbBadge, build: int) -> None:
    """Shorten the minute in which slot a would prove itself."""
    record = slots.first(build, "0.1.0")
    record.start(False)
    record.steady(0, True)
    start = len(badge.log)
    with Repl(badge.port) as repl:
        repl.write_file("/slots", slots.encode(record))
        repl.reset()
    badge.wait_for_log("armed can_send=True", timeout_s=20, start=start)


@pytest.mark.slow
def test_slot_test_reports_a_build_that_does_not_work_and_the_badge_is_back(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = Scenario(provision=site.provision, stalls="off")
    with VirtualUsbBadge(scenario, tmp_path / "badge") as badge:
        badge.wait_for_log("armed can_send=True")
        tell_of_a_bad_build(site, badge, tmp_path / "broken", monkeypatch)


def tell_of_a_bad_build(
    site: Site, badge: VirtualUsbBadge, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = nabij("update", badge.port, "--state", str(site.state), "--json")
    assert first.exit_code == 0, first.output
    proven_on_a(badge, json.loads(first.stdout)["build"])
    # A badge that a script sends the same to takes nothing either.
    with pytest.raises(UpdateRefused) as refused:
        send(site, badge, update.package(build_app(broken, arch=HOST_ARCH)))
    assert refused.value.code == "slots.same"
    shutil.rmtree(broken)

    shutil.copytree(FIRMWARE, broken)
    (broken / "badge" / "app.py").write_text("def run(board, watchdog):\n    raise OSError(5)\n")
    monkeypatch.setattr(build, "build_app", partial(build_app, firmware=broken))
    words = ("--state", str(site.state), "--build", str(SOON), "--slot-test")
    done = nabij("update", badge.port, *words)
    assert done.exit_code == 1, done.output
    assert f"Sent build {SOON}" in done.stdout, done.output
    assert "Slot b did not work: the badge is back on slot a" in done.stderr
    with open_device(badge.port) as device:
        assert device.info["slot"] == "a"
        assert device.request("status")["armed"]
        found = update.slots_of(device)
    assert found.states == {"a": "good", "b": "failed its trial"}
    # As the command said: the log tells why.
    journal = nabij("log", badge.port, "--state", str(site.state)).stdout
    crashed = [line for line in journal.splitlines() if " crashed " in line]
    assert len(crashed) == 1
    assert "badge/app.py" in crashed[0]
    assert "OSError" in crashed[0]
    assert " update.committed " in journal
    # Three starts on trial, each with its traceback on the console.
    assert badge.console.count("\nOSError: [Errno 5]") == slots.TRIAL_STARTS


def test_refusals_say_what_to_do() -> None:
    for code, remedy in update.REMEDIES.items():
        assert "." not in remedy, code


def test_a_badge_that_stays_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeviceError) as away:
        update.reopened(str(tmp_path / "tty"), timeout_s=0.2)
    assert "does not come back" in away.value.sentence
