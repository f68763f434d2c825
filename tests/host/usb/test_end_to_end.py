"""An empty chip becomes an armed badge whose squeeze is an incident, and it is closed again."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.service import Receiver
from nabij.cli.app import app
from nabij.data import traces
from nabij.usb.ports import PORTS_VARIABLE
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from sim.usb.rom_loader import RomLoader
from tests.host.usb.images import image_path
from tests.ports import free_port

BADGE = "badge-e2e"
MODEM = {"rtt_ms": 50, "register_ms": 200, "boot_ms": 200}


def nabij(*arguments: object) -> Result:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, f"nabij {arguments[0]}: {done.stdout}{done.stderr}"
    return done


@pytest.mark.slow
def test_from_an_empty_chip_to_an_incident_and_its_motion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    port = free_port()
    badge = VirtualUsbBadge(Scenario(app="flash", modem=MODEM), tmp_path / "badge")
    loader = RomLoader(tmp_path, when_left=lambda: loader.port.symlink_to(badge.port))
    with badge, loader:
        usb = loader.port
        resets = ("--before", "no-reset", "--after", "soft-reset")
        nabij("flash", usb, "--image", image_path(), *resets)
        badge.wait_for_console(" armed ")
        here = ("--host", "localhost", "--port", port)
        nabij("provision", usb, "--badge", BADGE, "--state", state, *here)
        with Receiver(state, port=port, say=lambda _sentence: None) as receiver:
            badge.wait_for_console("link.up")
            verdict = json.loads(nabij("doctor", usb, "--json").stdout)
            monkeypatch.setenv(PORTS_VARIABLE, str(usb))
            [listed] = json.loads(nabij("devices", "--json").stdout)["badges"]
            badge.press(1700)
            badge.wait_for_console("alarm.status")
            [incident] = receiver.store.incidents()
            assert (incident.badge, incident.kind_name) == (BADGE, "sos")
            badge.wait_for_console("motion.stored", 30.0)
            for verb in ("take", "help", "close"):
                nabij("incident", verb, "--state", state, "--by", "J. Smit")
            badge.wait_for_console("state=CLOSED")
            journal = nabij("log", usb).stdout
            nabij("pull", usb, "--state", state, "-o", tmp_path / "bundle")
    assert (verdict["ok"], verdict["badge"]) == (True, BADGE)
    well = {part["part"] for part in verdict["parts"] if part["verdict"] == "ok"}
    assert {"accelerometer", "sample rate", "button", "flash", "sim", "receiver", "clock"} <= well
    assert (listed["badge"], listed["slot"], listed["provisioned"]) == (BADGE, "a", True)
    assert re.search(r"alarm\.durable .*kind=sos", journal)
    assert re.search(r"alarm\.status .*state=CLOSED", journal)
    assert re.search(r"boot .*cause=reset", journal)
    [window] = traces.index(tmp_path / "bundle")
    assert (window["activity_code"], window["subject"]) == ("sos", BADGE)
    assert "False alarms: 0" in nabij("replay", tmp_path / "bundle").stdout
