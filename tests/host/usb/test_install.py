"""`nabij flash`, second half: the application onto a virtual badge that has MicroPython only."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from badge.core import slots
from badge.core.codec import manifest
from nabij.cli.app import app
from nabij.places import FIRMWARE
from nabij.usb.build import MAIN, build_app, version_of
from nabij.usb.device import open_device
from nabij.usb.install import contents, install, wait_for_prompt
from nabij.usb.repl import Repl
from nabij.virtual.scenario import Scenario
from nabij.virtual.usb_badge import VirtualUsbBadge
from sim.usb.rom_loader import RomLoader
from tests.host.usb.images import image_path

# Leaves what a chip has without PSRAM, and some more for the simulation of it.
TAKE_MEMORY = """
import gc
taken = []
for _ in range(5):
    while gc.mem_free() > 400_000:
        taken.append(bytearray(50_000))
    gc.collect()
"""


class PulledError(Exception):
    """Somebody pulled the cable."""


@pytest.fixture
def badge(tmp_path: Path) -> Iterator[VirtualUsbBadge]:
    """A chip on which MicroPython was flashed, and nothing more."""
    with VirtualUsbBadge(Scenario(app="flash"), tmp_path / "badge") as fresh:
        wait_for_prompt(fresh.port)
        yield fresh


def test_the_slot_a_badge_starts_with_is_whole_and_has_its_list(tmp_path: Path) -> None:
    built = build_app(tmp_path / "app")
    files = dict(contents(built))
    assert list(files)[-1] == MAIN
    listed = manifest.read(files["a/manifest"])
    assert {path for path, _size, _digest in listed.files} == set(built.modules())
    assert (listed.version, listed.build, listed.mpy) == (built.version, built.build, built.mpy)
    record = slots.decode(files["slots"])
    assert record.active == 0
    assert record.slots[0].state == slots.TRIAL


@pytest.mark.slow
def test_an_empty_chip_becomes_a_running_badge_in_one_command(tmp_path: Path) -> None:
    """The ROM loader and the badge are two simulations; the chip's reset swaps them."""
    badge = VirtualUsbBadge(Scenario(app="flash"), tmp_path / "badge")
    loader = RomLoader(tmp_path, when_left=lambda: loader.port.symlink_to(badge.port))
    resets = ("--before", "no-reset", "--after", "soft-reset")
    with badge, loader:
        done = CliRunner().invoke(
            app, ["flash", str(loader.port), "--image", str(image_path()), *resets]
        )
        assert done.exit_code == 0, done.stderr
        badge.wait_for_log(" armed ")
        with open_device(str(loader.port)) as device:
            info = device.info
    assert loader.flash.read(0, 1 << 20) == image_path().read_bytes()[: 1 << 20]
    assert (info["firmware"], info["slot"]) == (version_of(FIRMWARE), "a")
    assert info["provisioned"] is False
    assert "Self-test passed; the badge is starting." in done.stdout
    assert "Next: nabij provision" in done.stdout


@pytest.mark.slow
def test_what_was_cut_short_is_finished_by_the_next_run(badge: VirtualUsbBadge) -> None:
    def pull(done: int, total: int) -> None:
        if done > total // 3:
            raise PulledError

    with pytest.raises(PulledError):
        install(badge.port, progress=pull)
    with Repl(badge.port) as repl:
        # Half an application must not start.
        assert MAIN not in repl.listdir("/")
    done = install(badge.port)
    assert done.kept_files > 10
    badge.wait_for_log(" armed ")

    # A badge in use, with a file of an older application that would hide a new one.
    with Repl(badge.port) as repl:
        repl.write_file("/a/badge/log.py", b"old = 1\n")
        repl.write_file("/identity.json", b"{}")
    mended = install(badge.port)
    assert (mended.removed_files, mended.written_files) == (1, 2)
    again = CliRunner().invoke(app, ["flash", badge.port, "--app-only", "--json"])
    assert again.exit_code == 0, again.stderr
    facts = json.loads(again.stdout)
    assert facts["installed"]["written_files"] == 0
    assert facts["installed"]["heap_free_bytes"] > 600_000
    assert facts["flashed"] is None
    wait_for_prompt(badge.port)
    with Repl(badge.port) as repl:
        assert repl.read_file("/identity.json") == b"{}"


def test_a_board_whose_psram_does_not_answer_is_refused_before_anything_is_written(
    badge: VirtualUsbBadge,
) -> None:
    """MicroPython starts quietly without it, and an application that does not fit resets."""
    with Repl(badge.port) as repl:
        repl.exec(TAKE_MEMORY)
    done = CliRunner().invoke(app, ["flash", badge.port, "--app-only"])
    assert done.exit_code == 1
    assert "PSRAM" in done.stderr
    with Repl(badge.port) as repl:
        assert MAIN not in repl.listdir("/")


def test_nobody_at_the_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["flash", str(tmp_path / "nothing"), "--app-only"])
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "There is no port" in done.stderr
