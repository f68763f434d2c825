"""An empty chip becomes an armed badge whose squeeze is an incident, and it is closed again."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nabij.centre.service import Receiver
from nabij.cli.app import app
from nabij.data import traces
from nabij.documents.transcripts import steps
from nabij.usb.ports import PORTS_VARIABLE
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from sim.usb.rom_loader import RomLoader
from tests import transcripts
from tests.host.usb.images import image_path
from tests.ports import free_port
from tests.transcripts import page

BADGE = "nb-0007"
MODEM = {"rtt_ms": 50, "register_ms": 200, "boot_ms": 200}


WALK = [one.command.removeprefix("nabij ") for one in steps(page("engineer.md"))]


# How long the slot has run by then is a question of how busy the machine is.
SLOTS = r"^slots .*\n(?: +-> .*\n)?"


def as_told(command: str, output: str, *, but: str = "") -> None:
    """The page docs/engineer.md says that this is what the command prints."""
    output = re.sub(r"\S+/badge-port +", "badge-port  ", output)
    output = re.sub(r"^port +", "port        ", output, flags=re.MULTILINE)
    output = re.sub(r"^(Image: )\S+/", r"\1cache/", output, flags=re.MULTILINE)
    transcripts.check("engineer.md", f"nabij {command}", output, but=but)


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
    badge = VirtualUsbBadge(
        Scenario(app="flash", modem=MODEM, flash_blocks=512), tmp_path / "badge"
    )
    # As in a pipe, where a table is as wide as it is.
    monkeypatch.delenv("COLUMNS", raising=False)
    loader = RomLoader(tmp_path, when_left=lambda: loader.port.symlink_to(badge.port))
    with badge, loader:
        usb = loader.port
        resets = ("--before", "no-reset", "--after", "soft-reset")
        flashed = nabij("flash", usb, "--image", image_path(), *resets).stdout
        as_told(f"flash badge-port {' '.join(resets)}", flashed)
        badge.wait_for_console(" armed ")
        as_told("devices", nabij("devices", usb).stdout)
        here = ("--host", "localhost", "--port", port)
        wearer = ("--wearer", "A. de Vries", "--profile", "pna11")
        who = ("--badge", BADGE, "--state", state)
        given = nabij("provision", usb, *who, *here, *wearer).stdout
        as_told(next(one for one in WALK if one.startswith("provision ")), given)
        with Receiver(state, port=port, say=lambda _sentence: None) as receiver:
            badge.wait_for_console("link.up")
            verdict = nabij("doctor", usb).stdout
            monkeypatch.setenv(PORTS_VARIABLE, str(usb))
            [listed] = json.loads(nabij("devices", "--json").stdout)["badges"]
            badge.press(1700)
            badge.wait_for_console("alarm.status")
            [incident] = receiver.store.incidents()
            assert (incident.badge, incident.kind_name) == (BADGE, "sos")
            badge.wait_for_console("motion.stored", 30.0)
            for verb in ("take", "help", "close"):
                command = next(one for one in WALK if one.startswith(f"incident {verb} "))
                words = [str(state) if one == "receiver" else one for one in shlex.split(command)]
                as_told(command, nabij(*words).stdout)
            badge.wait_for_console("state=CLOSED")
            journal = nabij("log", usb).stdout
            monkeypatch.chdir(tmp_path)
            as_told("pull --state receiver", nabij("pull", usb, "--state", state).stdout)
        as_told(
            f"revoke {BADGE} --state receiver", nabij("revoke", BADGE, "--state", state).stdout
        )
    # That it came back with exit code 0 says that no part failed.
    as_told("doctor", verdict, but=SLOTS)
    well = set(re.findall(r"^(\w+(?: \w+)*) +ok ", verdict, re.MULTILINE))
    assert {"accelerometer", "sample rate", "button", "flash", "sim", "receiver", "clock"} <= well
    assert re.search(rf"^identity +ok +badge {BADGE}$", verdict, re.MULTILINE)
    assert (listed["badge"], listed["slot"], listed["provisioned"]) == (BADGE, "a", True)
    assert re.search(r"alarm\.durable .*kind=sos", journal)
    assert re.search(r"alarm\.status .*state=CLOSED", journal)
    assert re.search(r"boot .*cause=reset", journal)
    [window] = traces.index(tmp_path / f"{BADGE}-motion")
    assert (window["activity_code"], window["subject"]) == ("sos", BADGE)
    assert "False alarms: 0" in nabij("replay", tmp_path / f"{BADGE}-motion").stdout
