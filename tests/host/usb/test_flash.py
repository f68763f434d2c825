"""`nabij flash`, first half: MicroPython into a simulated ESP32-S3, through the real esptool."""

import json
import os
import pty
import re
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nabij.cli.app import app
from nabij.usb.flash import Flashed, FlashError, Line, flash, same_by_hand
from nabij.usb.image import REGION_BYTES, Image, from_file
from sim.usb.nor_flash import SECTOR
from sim.usb.rom_loader import ESP32, ESP32_C3, Chip, Faults, Op, RomLoader
from tests import transcripts
from tests.host.usb.images import OCTAL, cached_image, esptool, image_path, run_tool

MEGABYTE = 1 << 20
# On the page of this, and what it names.
PULLED = "nabij flash badge-port --before no-reset --after soft-reset --image-only"
NO_RESETS = ("--before", "no-reset", "--after", "no-reset")
# The bootloader and the partition table are in the first region, the end of the image in the last.
REGIONS = (0, 13, 26)


@pytest.fixture(scope="module")
def image() -> Image:
    return from_file(image_path(OCTAL))


def run(
    folder: Path, image: Image, faults: Faults | None = None, chip: Chip | None = None
) -> Flashed:
    """One run of the command on a chip whose flash is in `folder`."""
    with RomLoader(folder, chip or Chip(), faults) as loader:
        return flash(line(loader), image)


def line(loader: RomLoader) -> Line:
    # A pseudo-terminal has no DTR and RTS that could reset a chip.
    return Line(str(loader.port), before="no-reset", after="no-reset")


def prefill(folder: Path, image: Image, *holes: int, behind: bytes = b"\xff") -> None:
    """A flash that has the image already, but for the regions `holes`."""
    cells = bytearray(image.data.ljust(-(-len(image.data) // SECTOR) * SECTOR, b"\xff"))
    cells += behind * (8 * MEGABYTE - len(cells))
    for index, (address, data) in enumerate(image.regions()):
        if index in holes:
            cells[address : address + len(data)] = b"\xff" * len(data)
    (folder / "flash.bin").write_bytes(cells)


def blocks_of(image: Image, region: int) -> int:
    """How many data blocks a region takes: 1 KiB each, compressed as esptool does it."""
    data = list(image.regions())[region][1]
    return -(-len(zlib.compress(data, 9)) // 1024)


def holds(folder: Path, image: Image) -> bool:
    """True when the flash has the image, and nothing behind it."""
    cells = (folder / "flash.bin").read_bytes()
    rest = cells[len(image.data) :]
    return cells[: len(image.data)] == image.data and rest == b"\xff" * len(rest)


def nabij(*arguments: str | Path) -> "tuple[int, str, str]":
    """Exit code, output and errors of `nabij flash`."""
    done = CliRunner().invoke(app, ["flash", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_an_empty_chip_gets_the_image_byte_for_byte(tmp_path: Path, image: Image) -> None:
    with RomLoader(tmp_path) as loader:
        done = flash(line(loader), image)
        # Once more by the real client, as a person would: MD5 of all, then two parts in full.
        assert esptool(loader.port, "verify-flash", "0", image_path()).returncode == 0
        for address, size in ((0x7000, 0x3000), (len(image.data) - 0x1000, 0x1000)):
            read = tmp_path / "read.bin"
            asked = esptool(loader.port, "read-flash", str(address), str(size), read)
            assert asked.returncode == 0
            assert read.read_bytes() == image.data[address : address + size]
    assert holds(tmp_path, image)
    assert (done.written_bytes, done.kept_bytes) == (len(image.data), 0)
    assert (done.chip.name, done.chip.flash_bytes) == ("ESP32-S3", 8 * MEGABYTE)


@pytest.mark.soak
def test_every_byte_is_read_back_by_esptool(tmp_path: Path, image: Image) -> None:
    read = tmp_path / "read.bin"
    with RomLoader(tmp_path) as loader:
        flash(line(loader), image)
        assert esptool(loader.port, "read-flash", "0", str(len(image.data)), read).returncode == 0
    assert read.read_bytes() == image.data


def test_the_flash_is_that_of_the_command_a_person_would_type(
    tmp_path: Path, image: Image
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    run(ours, image)
    with RomLoader(theirs) as loader:
        command = same_by_hand(line(loader), str(image_path())).split()
        assert run_tool(*command).returncode == 0
    assert (ours / "flash.bin").read_bytes() == (theirs / "flash.bin").read_bytes()


def test_a_second_run_writes_nothing(tmp_path: Path, image: Image) -> None:
    prefill(tmp_path, image)
    with RomLoader(tmp_path) as loader:
        done = flash(line(loader), image)
        assert (loader.flash.erased, loader.flash.programmed) == (0, 0)
    assert (done.written_bytes, done.kept_bytes) == (0, len(image.data))


def test_only_what_differs_is_written(tmp_path: Path, image: Image) -> None:
    prefill(tmp_path, image)
    cells = bytearray((tmp_path / "flash.bin").read_bytes())
    cells[5 * REGION_BYTES + 77] ^= 0xFF
    (tmp_path / "flash.bin").write_bytes(cells)
    with RomLoader(tmp_path) as loader:
        done = flash(line(loader), image)
        assert (loader.flash.erased * SECTOR, loader.flash.programmed) == (REGION_BYTES,) * 2
    assert done.written_bytes == REGION_BYTES
    assert holds(tmp_path, image)


def test_a_dry_run_changes_nothing(tmp_path: Path, image: Image) -> None:
    with RomLoader(tmp_path) as loader:
        done = flash(line(loader), image, dry_run=True)
        assert (loader.flash.erased, loader.flash.programmed) == (0, 0)
        assert not {Op.FLASH_BEGIN, Op.FLASH_DEFL_BEGIN, Op.FLASH_END} & set(loader.requests)
    assert done.planned
    assert done.written_bytes == len(image.data)


def test_what_lies_behind_the_image_stays_unless_it_is_to_be_erased(
    tmp_path: Path, image: Image
) -> None:
    """A badge's identity is there: a new MicroPython must not cost it."""
    prefill(tmp_path, image, 13, behind=b"\0")
    run(tmp_path, image)
    behind = (tmp_path / "flash.bin").read_bytes()[0x200000:]
    assert behind == bytes(6 * MEGABYTE)
    with RomLoader(tmp_path) as loader:
        flash(line(loader), image, erase=True)
    assert holds(tmp_path, image)


@pytest.mark.parametrize(
    ("chip", "says"),
    [
        (ESP32_C3, "is an ESP32-C3 and the badge needs an ESP32-S3"),
        (ESP32, "is an ESP32 and the badge needs an ESP32-S3"),
        (Chip(chip_id=77), "is not one that esptool knows"),
        (Chip(flash_bytes=2 * MEGABYTE), "has 2 MB of flash and MicroPython needs 4 MB"),
        (Chip(secure_boot=True), "has secure boot or flash encryption on"),
        (Chip(flash_encryption=True), "has secure boot or flash encryption on"),
    ],
)
def test_a_chip_that_does_not_fit_is_left_as_it_is(
    tmp_path: Path, image: Image, chip: Chip, says: str
) -> None:
    with RomLoader(tmp_path, chip) as loader:
        with pytest.raises(FlashError) as refused:
            flash(line(loader), image)
        assert (loader.flash.erased, loader.flash.programmed) == (0, 0)
    assert says in refused.value.sentence
    assert refused.value.sentence.endswith("nothing was written.")


@pytest.mark.parametrize("region", REGIONS)
def test_a_block_that_is_corrupt_in_flash_is_named_and_mended(
    tmp_path: Path, image: Image, region: int
) -> None:
    prefill(tmp_path, image, *REGIONS)
    block = 1 + sum(blocks_of(image, earlier) for earlier in REGIONS if earlier < region)
    with pytest.raises(FlashError) as corrupt:
        run(tmp_path, image, Faults(corrupt_block=block))
    address = f"{region * REGION_BYTES:#x}:"
    assert f"does not hold what was written at {address}" in corrupt.value.sentence
    assert not holds(tmp_path, image)
    run(tmp_path, image)
    assert holds(tmp_path, image)


@pytest.mark.parametrize("torn", [False, True])
@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("region", REGIONS)
def test_after_a_pulled_cable_a_second_run_completes(
    tmp_path: Path, image: Image, region: int, place: str, torn: bool
) -> None:
    prefill(tmp_path, image, region)
    count = blocks_of(image, region)
    block = {"first": 1, "middle": count // 2, "last": count}[place]
    with pytest.raises(FlashError) as lost:
        run(tmp_path, image, Faults(pull_at_block=block, torn=torn))
    assert "was lost after" in lost.value.sentence
    assert lost.value.sentence.endswith("it goes on where it stopped.")
    # At the last block all may be there already, and only the answer is lost.
    assert place == "last" or not holds(tmp_path, image)
    run(tmp_path, image)
    assert holds(tmp_path, image)


def test_after_a_pulled_cable_nothing_is_written_twice(tmp_path: Path, image: Image) -> None:
    with pytest.raises(FlashError) as lost:
        run(tmp_path, image, Faults(pull_at_block=500))
    said = re.search(r"was lost after (\d+) of 1716 kB", lost.value.sentence)
    assert said is not None
    done = run(tmp_path, image)
    assert holds(tmp_path, image)
    assert done.kept_bytes == int(said[1]) * 1024 > 0


@pytest.mark.soak
@pytest.mark.parametrize("torn", [False, True])
def test_the_cable_is_pulled_at_the_end_of_every_block(
    tmp_path: Path, image: Image, torn: bool
) -> None:
    """Each run goes on with the flash that the last one left, from empty to complete.

    A region that is whole is skipped: with a torn last block it takes one run more.
    """
    count = len(list(image.regions()))
    for region in range(count):
        for block in range(1, blocks_of(image, region) + 1):
            with pytest.raises(FlashError, match="was lost after"):
                run(tmp_path, image, Faults(pull_at_block=block, torn=torn))
        if torn and region + 1 < count:
            with pytest.raises(FlashError, match="was lost after"):
                run(tmp_path, image, Faults(pull_at_block=blocks_of(image, region) + 1))
            prefill(tmp_path, image, *range(region + 1, count))
    run(tmp_path, image)
    assert holds(tmp_path, image)


def test_the_chip_is_reset_into_the_new_program(tmp_path: Path, image: Image) -> None:
    prefill(tmp_path, image, 3)
    with RomLoader(tmp_path) as loader:
        flash(Line(str(loader.port), before="no-reset", after="soft-reset"), image)
        assert loader.left.wait(5)
    assert holds(tmp_path, image)


def test_the_progress_rises_to_the_end(tmp_path: Path, image: Image) -> None:
    prefill(tmp_path, image, 3, 4)
    seen: list[tuple[int, int]] = []
    with RomLoader(tmp_path) as loader:
        flash(line(loader), image, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _total in seen] == sorted(done for done, _total in seen)
    assert seen[-1] == (2 * REGION_BYTES, 2 * REGION_BYTES)
    assert len(seen) > 50


def shown(output: str) -> str:
    """As the page has it, with its folders shortened."""
    output = re.sub(r"\S+/badge-port\b", "badge-port", output)
    output = output.replace("--after no-reset", "--after soft-reset")
    return re.sub(r"(?<= )/\S+/(\S+\.bin)", r"cache/\1", output)


def test_the_command_says_what_it_did(
    tmp_path: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefill(tmp_path, image, 0, 1)
    cached_image(tmp_path, monkeypatch)
    with RomLoader(tmp_path) as loader:
        arguments = (loader.port, "--image-only", *NO_RESETS)
        code, output, errors = nabij(*arguments, "--dry-run")
        assert (code, errors) == (0, "")
        assert "Would write 128 kB; 1588 kB are there already. Nothing was written." in output
        assert "By hand: esptool --chip esp32s3" in output
        transcripts.check("engineer/flash.md", f"{PULLED} --dry-run", shown(output))
        code, output, errors = nabij(*arguments)
        assert (code, errors) == (0, "")
        assert "MicroPython: wrote 128 kB" in output
        code, output, errors = nabij(*arguments, "--json")
        assert (code, errors) == (0, "")
        facts = json.loads(output)
    assert facts["flashed"]["kept_bytes"] == len(image.data)
    assert facts["installed"] is None


@pytest.mark.parametrize(
    ("fault", "chip", "says"),
    [
        (lambda at: Faults(pull_at_block=at), Chip(), "was lost after 64 of 128 kB"),
        (lambda at: Faults(corrupt_block=at), Chip(), "does not hold what was written at 0x20000"),
        (lambda _: Faults(), ESP32_C3, "is an ESP32-C3"),
    ],
)
def test_the_command_fails_with_one_sentence_and_no_chatter(
    tmp_path: Path, image: Image, fault: Callable[[int], Faults], chip: Chip, says: str
) -> None:
    prefill(tmp_path, image, 1, 2)
    faults = fault(blocks_of(image, 1) + 1)
    with RomLoader(tmp_path, chip, faults) as loader:
        code, output, errors = nabij(
            loader.port, "--image", image_path(), "--image-only", *NO_RESETS
        )
    assert (code, output) == (1, "")
    assert says in errors
    if faults.pull_at_block:
        transcripts.check("engineer/flash.md", PULLED, shown(errors))
    assert errors.count("\n") == 1


def test_a_dry_run_says_what_erase_would_cost(tmp_path: Path) -> None:
    with RomLoader(tmp_path) as loader:
        arguments = ("--image", image_path(), "--dry-run", "--before", "no-reset")
        said = [nabij(loader.port, *arguments, *more)[1] for more in ((), ("--erase",))]
        assert loader.flash.erased == 0
    assert ["identity, settings, alarms" in output for output in said] == [False, True]


@pytest.mark.parametrize("before", ["no-reset", "default-reset"])
def test_a_chip_that_is_not_in_its_loader_is_told_how_to_get_there(before: str) -> None:
    chip_side, port = pty.openpty()
    try:
        arguments = ("--image", image_path(), "--image-only", "--before", before)
        code, output, errors = nabij(os.ttyname(port), *arguments)
    finally:
        os.close(chip_side)
        os.close(port)
    assert (code, output) == (1, "")
    assert "hold its BOOT button, press RESET" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--before", "sometimes"),
        ("--after", "never"),
        ("--board", "another"),
        ("--image-only", "--app-only"),
        ("--app-only", "--erase"),
        ("--app-only", "--dry-run"),
        ("--secure-boot", "key.pem"),
        ("--flash-encryption", "key.bin", "--dry-run"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_touched(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with RomLoader(tmp_path) as loader:
        code, output, errors = nabij(loader.port, "--image", image_path(), *arguments)
        assert loader.requests == []
    assert (code, output) == (2, "")
    assert errors.count("\n") == 1


def test_a_dry_run_for_another_board_and_for_none_that_there_is(tmp_path: Path) -> None:
    with RomLoader(tmp_path) as loader:
        arguments = ("--image", image_path(), "--dry-run", "--before", "no-reset")
        for board in ("xiao_s3_fob", "t_watch_s3"):
            code, output, errors = nabij(loader.port, *arguments, "--board", board)
            assert code == 0, errors
            assert "ESP32-S3" in output
    code, _, errors = nabij("--dry-run", "--board", "xiao")
    assert code == 2
    assert "choose one of card_badge, t_sim7080g_s3, t_watch_s3, xiao_s3_fob" in errors


def test_a_dry_run_without_a_board_still_judges_the_image(tmp_path: Path) -> None:
    code, output, errors = nabij("id:none", "--image", image_path(), "--dry-run")
    assert (code, output) == (2, "")
    assert errors.startswith(f"{image_path()} is a whole MicroPython image for an ESP32-S3.\n")
    (tmp_path / "a.bin").write_bytes(b"no image")
    code, output, errors = nabij("id:none", "--image", tmp_path / "a.bin", "--dry-run")
    assert (code, errors.count("\n")) == (2, 1)
    assert "is not an ESP32 image" in errors


def test_esptool_is_left_as_it_was(tmp_path: Path, image: Image) -> None:
    """Another user of the library in this process keeps its own messages."""
    from esp_pylib.logger import EspLog

    before = EspLog.instance
    with RomLoader(tmp_path, ESP32_C3) as loader, pytest.raises(FlashError):
        flash(line(loader), image)
    assert EspLog.instance is before
    assert "esptool" in sys.modules
