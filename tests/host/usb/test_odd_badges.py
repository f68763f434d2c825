"""Badges that an engineer meets and that are not in order: each is a real one in the simulator."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from badge.core import slots
from nabij.cli.app import app
from nabij.usb.build import unbuilt_of
from nabij.virtual import badge as virtual
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from tests.places import REPO
from tests.worlds import Site

COMMANDS = ("log", "doctor", "update")

# A badge of which neither slot works, as its start leaves it after the last trial.
NEITHER_WORKS = """
record = {record!r}
with open("/slots", "wb") as file:
    file.write(record)
with open("/rom/main.py") as file:
    exec(file.read())
"""


def sentence(command: str, port: str, *more: str) -> str:
    """The one sentence with which a command fails."""
    done = CliRunner().invoke(app, [*command.split(), port, *more])
    assert done.exit_code == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def more_of(command: str, site: Site) -> tuple[str, ...]:
    return ("--state", str(site.state)) if command == "update" else ()


@pytest.fixture(scope="module")
def safe_mode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualUsbBadge]:
    folder = tmp_path_factory.mktemp("safe")
    record = slots.first(5, "5")
    for slot in record.slots:
        slot.state, slot.tries = slots.FAILED, 0
    main = folder / "main.py"
    main.write_text(NEITHER_WORKS.format(record=slots.encode(record)))
    with VirtualUsbBadge(Scenario(main=main, stalls="off"), folder / "badge") as badge:
        badge.wait_for_fact(lambda fact: "prompt" in fact)
        yield badge


@pytest.mark.parametrize("command", COMMANDS)
def test_a_badge_in_safe_mode(safe_mode: VirtualUsbBadge, site: Site, command: str) -> None:
    assert "safe_mode why='neither slot works'" in safe_mode.console
    text = sentence(command, safe_mode.port, *more_of(command, site))
    assert f"The badge on {safe_mode.port} is at its prompt (safe mode" in text
    assert "`nabij flash`" in text


def older(folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, now: str, was: str) -> None:
    """Virtual badges have firmware of an earlier day, which differed in one line."""
    for part in ("firmware", "sim"):
        shutil.copytree(REPO / part, folder / part)
    source = folder / "firmware" / "badge" / file
    text = source.read_text()
    assert text.count(now) == 1
    source.write_text(text.replace(now, was))
    monkeypatch.setattr(virtual, "SOURCES", folder)


def test_firmware_of_another_protocol(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(tmp_path, monkeypatch, "core/codec/usb_protocol.py", "VERSION = 1\n", "VERSION = 0\n")
    with VirtualUsbBadge(Scenario(provision=site.provision, stalls="off")) as badge:
        badge.wait_for_log("armed")
        for command in COMMANDS:
            text = sentence(command, badge.port, *more_of(command, site))
            assert "speaks protocol 0 and not 1" in text
            assert "`nabij flash`" in text


def test_a_badge_with_an_older_build_than_this_copy_is_listed_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbuilt = unbuilt_of()
    with VirtualUsbBadge(Scenario(stalls="off")) as as_it_is:
        as_it_is.wait_for_log("armed")
        told = CliRunner().invoke(app, ["devices", as_it_is.port])
    assert (told.exit_code, told.stderr) == (0, "")
    line = f"BUILD_UTC_S = const({unbuilt})"
    older(tmp_path, monkeypatch, "version.py", line, line.replace(str(unbuilt), str(unbuilt + 1)))
    with VirtualUsbBadge(Scenario(stalls="off")) as badge:
        badge.wait_for_log("armed")
        told = CliRunner().invoke(app, ["devices", badge.port])
    assert told.exit_code == 0
    assert told.stderr == (
        f"The firmware on {badge.port} is older than this copy: `nabij update` brings it.\n"
    )


@pytest.mark.parametrize(("command", "verb"), [("log", "log"), ("config get", "config.get")])
def test_firmware_from_before_a_verb(
    *, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, verb: str
) -> None:
    table = "silence.over(verbs)"
    left = f'{{name: use for name, use in {table}.items() if name != "{verb}"}}'
    older(tmp_path, monkeypatch, "assembly/usb.py", table, left)
    with VirtualUsbBadge(Scenario(provision=site.provision, stalls="off")) as badge:
        badge.wait_for_log("armed")
        text = sentence(command, badge.port)
        assert f"does not know '{verb}' and is older than this tool" in text
        assert "`nabij update`" in text


def test_firmware_from_before_updates_is_sent_to_flash(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = '    verbs["update.status"] = usb_protocol.OPEN, "status"\n'
    older(tmp_path, monkeypatch, "assembly/usb.py", line, "")
    with VirtualUsbBadge(Scenario(provision=site.provision, stalls="off")) as badge:
        badge.wait_for_log("armed")
        text = sentence("update", badge.port, "--state", str(site.state))
        assert "its firmware has no updates yet; run `nabij flash`" in text


def test_settings_for_a_badge_that_is_not_provisioned(site: Site) -> None:
    with VirtualUsbBadge(Scenario(stalls="off")) as fresh:
        fresh.wait_for_log("armed can_send=False")
        words = ["config", "set", fresh.port, "keepalive_s=30", "--state", str(site.state)]
        done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert f"The badge on {fresh.port} is not provisioned: run `nabij provision`" in done.stderr
