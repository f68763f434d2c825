"""Secure boot and flash encryption: a list of commands that Espressif's tools take, no more."""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nabij.cli.app import app
from nabij.usb.image import from_file
from nabij.usb.secure import Step, steps
from sim.usb.rom_loader import RomLoader
from tests.host.usb.images import image_path, run_tool

NO_RESETS = ("--before", "no-reset", "--after", "no-reset")


def in_a_virtual_chip(step: Step, efuses: Path) -> list[str]:
    """The command on eFuses in a file, or on a port that cannot reset a chip."""
    tool, *rest = step.command
    if tool == "espefuse":
        return [tool, "--virt", "--path-efuse-file", str(efuses), "--do-not-confirm", *rest]
    return [tool, *NO_RESETS, *rest] if tool == "esptool" else [tool, *rest]


@pytest.mark.slow
@pytest.mark.parametrize("encrypted", [pytest.param(False, marks=pytest.mark.soak), True])
def test_espressifs_tools_take_every_command_in_this_order(
    tmp_path: Path, encrypted: bool
) -> None:
    image = from_file(image_path())
    build = tmp_path / "build"
    for name, data in (
        ("bootloader/bootloader.bin", image.data[:0x8000].rstrip(b"\xff")),
        ("partition_table/partition-table.bin", image.data[0x8000:0x8C00]),
        ("micropython.bin", image.data[0x10000:0x50000]),
    ):
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_bytes(data)
    key = tmp_path / "encryption.bin" if encrypted else None
    efuses = tmp_path / "efuses.bin"
    with RomLoader(tmp_path) as loader:
        listed = steps(str(loader.port), build, tmp_path / "signing.pem", key)
        for step in listed:
            done = run_tool(*in_a_virtual_chip(step, efuses))
            assert done.returncode == 0, f"{step.text()}\n{done.stdout}{done.stderr}"
        written = loader.flash.read(0x10000, 0x40000)
    summary = run_tool(
        *("espefuse", "--chip", "esp32s3", "--virt", "--path-efuse-file", str(efuses)),
        *("summary", "--format", "json"),
    )
    burnt = json.loads(summary.stdout[summary.stdout.index("{") :])
    assert burnt["SECURE_BOOT_EN"]["value"] is True
    assert burnt["KEY_PURPOSE_0"]["value"] == "SECURE_BOOT_DIGEST0"
    assert (burnt["SPI_BOOT_CRYPT_CNT"]["value"] != "Disable") == encrypted
    assert (written == image.data[0x10000:0x50000]) != encrypted
    assert [step.burns for step in listed] == sorted(step.burns for step in listed)


def test_without_a_dry_run_nothing_is_done(tmp_path: Path) -> None:
    with RomLoader(tmp_path) as loader:
        done = CliRunner().invoke(app, ["flash", str(loader.port), "--secure-boot", "key.pem"])
        assert loader.requests == []
    assert done.exit_code == 2
    assert "nabij never burns eFuses" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_dry_run_prints_commands_and_marks_what_is_for_ever(tmp_path: Path) -> None:
    with RomLoader(tmp_path) as loader:
        arguments = ["flash", str(loader.port), "--dry-run", "--secure-boot", "key.pem"]
        done = CliRunner().invoke(app, [*arguments, "--flash-encryption", "my key.bin"])
        assert loader.requests == []
    assert done.exit_code == 0
    assert done.stdout.startswith("# Nothing was done.")
    commands = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    assert {shlex.split(command)[0] for command in commands} == {
        "esptool",
        "espsecure",
        "espefuse",
    }
    assert done.stdout.count("FOR EVER") == sum(" burn-" in command for command in commands) == 4
    assert not any("--do-not-confirm" in command for command in commands)
