"""An empty chip becomes an armed badge whose squeeze is an incident, and it is closed again."""

import contextlib
import json
import re
import shlex
import shutil
import signal
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from badge.core.codec import wire
from nabij.centre import operator
from nabij.cli.app import app
from nabij.data import traces
from nabij.places import FIRMWARE
from nabij.usb import build
from nabij.usb.ports import PORTS_VARIABLE
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from sim.usb.rom_loader import RomLoader
from tests import transcripts
from tests.host.centre.served import Served
from tests.host.usb.images import cached_image
from tests.ports import free_port

BADGE = "nb-0007"
TTY = "/dev/ttyACM0"
MODEM = {"rtt_ms": 50, "register_ms": 200, "boot_ms": 200}


ENGINEER = {"engineer.md": ""}
PROVISION = "engineer/provision.md"
UPDATE = "engineer/update.md"
PAGES = ("engineer.md", PROVISION, UPDATE, "engineer/devices.md", "engineer/doctor.md")
# When something last went wrong is a question of how busy the machine is.
LAST_ERROR = r"(?<=V )\S.*$"
# How long the slot has run by then is a question of how busy the machine is.
# So is what a trial waits for in between.
WAITS = r"^On trial, not confirmed yet: .*\n"
SLOTS = r"^slots .*\n(?:-> .*\n)?"
# Of the journal the steps of the walk are compared: how often it tries again in between, and what
# the badge says of itself, is a question of how busy the machine is.
BUSY = (
    r"^N s (?!(?:config|boot|armed|identity\.\w+|restart|gesture|motion\.stored"
    r"|alarm\.(?:opened|status))\b).*\n"
)


class Walk:
    """The commands of docs/engineer.md with the ports, folders and numbers of this run."""

    def __init__(self, usb: Path, state: Path, port: int) -> None:
        self._usb = usb
        self._here = {
            **dict.fromkeys(("badge-port", TTY), str(usb)),
            **dict.fromkeys(("receiver", "./receiver"), str(state)),
            "alarm.example.org": "localhost",
        }
        self._port = port
        # Of each page its commands, and of each what it printed and what of that is left out.
        self.seen: dict[str, dict[str, tuple[str, str]]] = {page: {} for page in PAGES}

    def run(
        self,
        begins: str,
        *more: object,
        exit_code: int = 0,
        but: str = "",
        on: Mapping[str, str] = ENGINEER,
    ) -> Result:
        """Type the command of a page that begins so; it prints what the page says.

        `on` has the pages that it stands on, with how it begins there if otherwise.
        """
        found = [(page, _command(page, there or begins)) for page, there in on.items()]
        done = self.type(found[0][1], *more, exit_code=exit_code)
        for page, command in found:
            self.told(page, command, done.output, but=but)
        return done

    def type(self, command: str, *more: object, exit_code: int = 0) -> Result:
        words = [self._here.get(word, word) for word in shlex.split(command)[1:]]
        if words[0] == "provision":
            words += ["--port", str(self._port)]
        done = CliRunner().invoke(app, [*words, *map(str, more)])
        assert done.exit_code == exit_code, f"{command}: {done.output}"
        return done

    def told(self, page: str, command: str, output: str, *, but: str = "") -> None:
        """The page says that this is what the command prints."""
        output = re.sub(rf"(?<=localhost:){self._port}\b", "8883", output)
        output = output.replace(f" port {self._port},", " port 8883,")
        output = re.sub(r"\S+/badge-port\b *", "badge-port  ", output)
        output = re.sub(r"badge-port  (does|is)", r"badge-port \1", output)
        output = re.sub(r"^port +", "port        ", output, flags=re.MULTILINE)
        output = re.sub(r"^(Image: )\S+/", r"\1cache/", output, flags=re.MULTILINE)
        if "alarm.example.org" in command:
            output = output.replace("localhost:8883", "alarm.example.org:8883")
        if page.startswith("engineer/"):
            output = output.replace("The badge on badge-port", f"The badge on {TTY}")
        transcripts.check(page, command, output, but=but)
        self.seen.setdefault(page, {})[command] = (output, but)


def _command(page: str, begins: str) -> str:
    return next(
        one for one in transcripts.commands(page) if f"{one}\n".startswith(f"nabij {begins}")
    )


@contextlib.contextmanager
def receiving(state: Path, port: int) -> Iterator[Served]:
    """`nabij serve` as on the page, until the block ends."""
    served = Served(state, "--host", "localhost", port=port)
    try:
        yield served
    finally:
        assert served.end(signal.SIGTERM)[0] == 0


def newer(firmware: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on `nabij update` builds a firmware that is not what the badge runs."""
    shutil.copytree(FIRMWARE, firmware)
    with (firmware / "badge" / "version.py").open("a", encoding="utf-8") as file:
        file.write("NEWER = True\n")
    monkeypatch.setattr(build, "build_app", partial(build.build_app, firmware=firmware))


@pytest.mark.slow
def test_from_an_empty_chip_to_an_incident_its_motion_and_a_new_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    port = free_port()
    badge = VirtualUsbBadge(Scenario(app="flash", modem=MODEM), tmp_path / "badge")
    # As in a pipe, where a table is as wide as it is.
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    loader = RomLoader(tmp_path, when_left=lambda: loader.port.symlink_to(badge.port))
    cached_image(tmp_path, monkeypatch)
    with badge, loader:
        walk = Walk(loader.port, state, port)
        walk.run("flash", on=ENGINEER | {"engineer/flash.md": ""})
        badge.wait_for_log(" armed ")
        monkeypatch.setenv(PORTS_VARIABLE, str(loader.port))
        walk.run("devices")
        walk.run("provision", on=ENGINEER | {PROVISION: "provision --badge nb-0007"})
        with receiving(state, port) as served:
            ready = served.line()
            badge.wait_for_log("link.up")
            # That it comes back with exit code 0 says that no part failed.
            verdict = walk.run(
                "doctor", but=SLOTS, on=ENGINEER | {"engineer/doctor.md": ""}
            ).stdout
            walk.run("devices", but=LAST_ERROR, on={"engineer/devices.md": ""})
            [listed] = json.loads(walk.type("nabij devices --json").stdout)["badges"]
            badge.press(1700)
            badge.wait_for_log("state=RECEIVED")
            incidents = [one.incident for one in operator.all_incidents(state)]
            [squeeze] = [one for one in incidents if (one.kind_name, one.test) == ("sos", False)]
            assert squeeze.badge == BADGE
            for one in incidents:
                # On a busy machine a task of the badge may be late, which is a fault of its own.
                if one.kind_name == "fault" and one.state != wire.STATUS_CLOSED:
                    operator.take_action(state, one.id, wire.STATUS_CLOSED, by="the walk")
            told = next(line for line in iter(served.line, "") if line.startswith("SOS "))
            walk.told("engineer.md", _command("engineer.md", "serve"), ready + told)
            badge.wait_for_log("motion.stored", 30.0)
            for verb in ("take", "help", "close"):
                walk.run(f"incident {verb}")
            badge.wait_for_log("state=CLOSED")
            journal = walk.run("log", but=BUSY).stdout
            walk.run("pull", on=ENGINEER | {"engineer/devices.md": ""})
            walk.run("provision --badge nb-0008", exit_code=2, on={PROVISION: ""})
            both = ENGINEER | {PROVISION: ""}
            walk.run("config set keepalive_s=90", exit_code=2, on=both)
            walk.run("config set keepalive_s=30", on=both, but=WAITS)
            (tmp_path / "badge.toml").write_text('profile = "pna11"\nkeepalive_s = 60\n')
            walk.run("config check", on=both)
            walk.run("config diff")
            # The first slot has to prove itself before it is kept beside another.
            badge.wait_for_log("slots.good", 120.0)
            newer(tmp_path / "newer", monkeypatch)
            # A working copy that nobody has committed has no time of its own.
            build_it = ("--build", build.build_of() + 60)
            told = f"update {TTY} --state ./receiver"
            to_slot_b = ENGINEER | {UPDATE: f"{told} --slot-test"}
            walk.run("update --state receiver --slot-test", *build_it, on=to_slot_b)
            walk.run("update badge-port", *build_it, on=ENGINEER | {UPDATE: told + "\n"})
            walk.run(f"{told} --build 1", exit_code=1, on={UPDATE: ""})
        walk.run("revoke", on=both)
    for page, seen in walk.seen.items():
        transcripts.check_one_run(page, seen)
    compared = {(page, one) for page in PAGES for one in transcripts.commands(page)}
    # What prints nothing, and what test_update.py compares.
    others = {
        (PROVISION, "nabij config profile pna11 > badge.toml"),
        ("engineer.md", "nabij update --state receiver"),
    }
    done = {(page, one) for page in PAGES for one in walk.seen[page]}
    assert done == compared - others
    well = set(re.findall(r"^(\w+(?: \w+)*) +ok ", verdict, re.MULTILINE))
    assert {"accelerometer", "sample rate", "button", "flash", "sim", "receiver", "clock"} <= well
    assert re.search(rf"^identity +ok +badge {BADGE}$", verdict, re.MULTILINE)
    assert (listed["badge"], listed["slot"], listed["provisioned"]) == (BADGE, "a", True)
    assert re.search(r"alarm\.durable .*kind=sos", journal)
    assert re.search(r"alarm\.status .*state=CLOSED", journal)
    assert re.search(r"boot .*cause=reset", journal)
    [window] = traces.index(tmp_path / f"{BADGE}-motion")
    assert (window["activity_code"], window["subject"]) == ("sos", BADGE)
    replayed = CliRunner().invoke(app, ["replay", str(tmp_path / f"{BADGE}-motion")])
    assert "False alarms: 0" in replayed.stdout
